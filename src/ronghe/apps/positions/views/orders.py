"""Order classes: the list, one class with its tasks and members, and what each side does in it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.models import Person
from ronghe.apps.accounts.pages import deed, form_page, person
from ronghe.apps.community import standing
from ronghe.apps.community.models import RoleKind
from ronghe.apps.positions import selectors, services
from ronghe.apps.positions.forms import OrderForm, PlacesForm, ReasonForm, TaskForm
from ronghe.apps.positions.models import Acceptance, ClassMember, OrderClass, OrderState, Task
from ronghe.apps.positions.views.frame import (
    agreements_behind,
    asked_revision,
    found_or_404,
    own_firms,
    revision_of,
    tabs,
)

_A_PAGE = 30


@require_safe
@login_required
def order_list(request: HttpRequest) -> HttpResponse:
    """The order classes open to who looks, and a student's own offers."""
    user = person(request)
    page = Paginator(selectors.orders(user), _A_PAGE).get_page(request.GET.get("page"))
    own = ClassMember.objects.filter(person=user).select_related("order_class__organisation")
    context = {
        "tabs": tabs(user, "order_list"),
        "page": page,
        "may_order": bool(own_firms(user)),
        "own": own,
    }
    return render(request, "positions/orders.html", context)


def _found(request: HttpRequest, uid: UUID) -> OrderClass:
    return found_or_404(selectors.find_order(person(request), uid))


def _address(order: OrderClass) -> str:
    return reverse("positions:order_class", args=[order.uid])


@require_safe
@login_required
def order_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One class: what was ordered, its tasks, what both sides have kept, and who is in it."""
    user, order = person(request), _found(request, uid)
    is_own = user.has_perm("positions.change_class", order)
    is_of_firm = is_own or standing.holds(user, RoleKind.MENTOR, order.organisation_id)
    state = order.state
    sees_members = user.has_perm("positions.see_members", order)
    members = list(selectors.members(user, order)) if sees_members else []
    context = {
        "order": order,
        "tasks": _tasks(order, user),
        "to_accept": list(selectors.work_waiting(user, order)) if is_of_firm else [],
        "kept": selectors.fulfilment(order),
        "members": members,
        "sees_members": sees_members,
        "own": order.members.filter(person=user).first(),
        "today": timezone.localdate(),
        "positions": selectors.positions(user).filter(order_class=order),
        "is_own": is_own,
        "may_see_agreement": order.agreement is not None and (is_own or user.has_perm("positions.approve_class")),
        "may_change": is_own and state == OrderState.DRAFT,
        "may_add_task": is_own and state in (OrderState.DRAFT, OrderState.SUBMITTED, OrderState.OPEN),
        "may_approve": user.has_perm("positions.approve_class") and state == OrderState.SUBMITTED,
        "may_offer": is_own and state == OrderState.OPEN,
        "may_end": user.has_perm("positions.end_class", order)
        and state not in (OrderState.FINISHED, OrderState.WITHDRAWN),
        "is_over": state == OrderState.OPEN and timezone.localdate() > order.ends_on,
    }
    return render(request, "positions/order.html", context)


def _tasks(order: OrderClass, user: Person) -> list[tuple[Task, Acceptance | None]]:
    """Each task that is set, with the newest work of this member on it."""
    work = selectors.work_of(order, user)
    return [(task, work.get(task.pk)) for task in order.order_tasks.filter(retired_on=None)]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("positions.order_class", raise_exception=True)
def order_new(request: HttpRequest) -> HttpResponse:
    """Order a class."""
    user = person(request)
    firms = own_firms(user)
    form = OrderForm(request.POST or None, enterprises=firms, agreements=agreements_behind(firms))
    return form_page(
        request,
        form,
        lambda data: services.draft_order_class(
            actor=user, organisation=data.get("organisation") or firms[0], data=form.order_data()
        ),
        title=_("Order a class"),
        lead=_("It is a draft: add tasks from your operations, then submit it to the community office."),
        submit=_("Save the draft"),
        back=reverse("positions:order_list"),
        back_label=_("Order classes"),
        done=_("The draft is saved. Add its tasks."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def order_change(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Change a draft."""
    order = _found(request, uid)
    form = OrderForm(
        request.POST or None,
        enterprises=[order.organisation],
        agreements=agreements_behind([order.organisation]),
        order=order,
    )
    return form_page(
        request,
        form,
        lambda data: services.change_order_class(
            actor=person(request),
            order_class=order,
            revision=revision_of(data, order.revision),
            data=form.order_data(),
        ),
        title=_("Change the draft"),
        submit=_("Save"),
        back=_address(order),
        back_label=order.name,
        done=_("The change is saved."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def task_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Add a task."""
    order = _found(request, uid)
    form = TaskForm(request.POST or None)
    return form_page(
        request,
        form,
        lambda data: services.add_task(actor=person(request), order_class=order, data=form.task_data()),
        title=_("Add a task"),
        lead=_("A task that your people really do, and by what you accept the work."),
        submit=_("Add the task"),
        back=_address(order),
        back_label=order.name,
        done=_("The task is added."),
        goes_back=True,
    )


@require_POST
@login_required
def task_retire(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Set a task no more."""
    task = found_or_404(selectors.find_task(person(request), uid))
    return deed(
        request,
        lambda: services.retire_task(actor=person(request), task=task),
        done=_("The task is set no more."),
        back=_address(task.order_class),
    )


@require_POST
@login_required
def submit(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Submit an order for approval."""
    return _step(request, uid, services.submit_order_class, _("It is submitted; the community office approves it."))


@require_POST
@login_required
def approve(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Open a class."""
    return _step(request, uid, services.approve_order_class, _("The order class is open."))


@require_POST
@login_required
def finish(request: HttpRequest, uid: UUID) -> HttpResponse:
    """End a class whose last day has passed."""
    return _step(request, uid, services.finish_order_class, _("The order class is finished."))


def _step(request: HttpRequest, uid: UUID, step: Callable[..., Any], done: str) -> HttpResponse:
    order = _found(request, uid)
    return deed(
        request,
        lambda: step(actor=person(request), order_class=order, revision=asked_revision(request, order.revision)),
        done=done,
        back=_address(order),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def send_back(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Send an order back to its firm."""
    return _with_reason(
        request, uid, services.return_order_class, _("Send “%(name)s” back"), _("Send it back"),
        _("It is sent back; the firm reads your reason."),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Give a class up."""
    return _with_reason(
        request, uid, services.withdraw_order_class, _("Withdraw “%(name)s”"), _("Withdraw it"),
        _("The order class is withdrawn."),
    )  # fmt: skip


def _with_reason(
    request: HttpRequest, uid: UUID, step: Callable[..., Any], title: str, submit: str, done: str
) -> HttpResponse:
    order = _found(request, uid)
    return form_page(
        request,
        ReasonForm(request.POST or None, initial={"revision": order.revision}),
        lambda data: step(
            actor=person(request),
            order_class=order,
            revision=revision_of(data, order.revision),
            reason=data["reason"],
        ),
        title=title % {"name": order.name},
        submit=submit,
        back=_address(order),
        back_label=order.name,
        done=done,
        danger=True,
        goes_back=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def offer(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Offer places to students of the university who agreed to be contacted or are asked for by name."""
    user, order = person(request), _found(request, uid)
    found_or_404(order if user.has_perm("positions.offer_place", order) else None)
    form = PlacesForm(request.POST or None, people=_askable(order))
    return form_page(
        request,
        form,
        lambda data: services.offer_places(actor=user, order_class=order, people=data["people"]),
        title=_("Offer places in “%(name)s”") % {"name": order.name},
        lead=_("Listed are students of the university in the class's field who agreed to be contacted by enterprises."),
        submit=_("Offer the places"),
        back=_address(order),
        back_label=order.name,
        done=_("The offers are made; students answer by %(day)s.") % {"day": order.answer_by},
        goes_back=True,
    )


def _askable(order: OrderClass) -> Any:
    """Students of the university in the field who let enterprises see their names, and were not asked yet."""
    today = timezone.localdate()
    enrolled = Person.objects.filter(
        cohort_memberships__cohort__organisation=order.university,
        cohort_memberships__cohort__field=order.field,
        cohort_memberships__superseded_at=None,
        cohort_memberships__valid_from__lte=today,
        consents__purpose="contact",
        consents__withdrawn_at=None,
    )
    return enrolled.exclude(class_memberships__order_class=order).distinct().order_by("name")


def _member(request: HttpRequest, uid: UUID) -> ClassMember:
    open_ = ClassMember.objects.visible_to(person(request)).select_related("order_class")
    return found_or_404(open_.filter(uid=uid).first())


@require_POST
@login_required
def answer(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Accept or decline a place."""
    member = _member(request, uid)
    accept = request.POST.get("answer") == "accept"
    return deed(
        request,
        lambda: services.answer_place(actor=person(request), member=member, accept=accept),
        done=_("You are in the class.") if accept else _("You have declined the place."),
        back=_address(member.order_class),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def leave(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Leave a class."""
    member = _member(request, uid)
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda data: services.leave_class(actor=person(request), member=member, reason=data["reason"]),
        title=_("Leave “%(name)s”") % {"name": member.order_class.name},
        submit=_("Leave the class"),
        back=_address(member.order_class),
        back_label=member.order_class.name,
        done=_("The student has left the class; the place is free again."),
        danger=True,
        goes_back=True,
    )


@require_POST
@login_required
def job(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say as the firm that a job was offered, or as the student that it is taken."""
    member = _member(request, uid)
    own = member.person_id == person(request).pk
    step = services.accept_job if own else services.offer_job
    return deed(
        request,
        lambda: step(actor=person(request), member=member),
        done=_("It is recorded that you take the job.") if own else _("The offer of the job is recorded."),
        back=_address(member.order_class),
    )
