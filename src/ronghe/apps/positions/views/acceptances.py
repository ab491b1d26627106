"""Work on the tasks of order classes: hand it in, look at it, accept or return it."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronghe.apps.accounts.pages import form_page, person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.positions import selectors, services
from ronghe.apps.positions.forms_orders import DecideWorkForm, HandInForm
from ronghe.apps.positions.models import Acceptance, AcceptanceState, ClassMember
from ronghe.apps.positions.views.frame import found_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def hand_in(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Hand in one's work on a task."""
    user = person(request)
    task = found_or_404(selectors.find_task(user, uid))
    member = found_or_404(ClassMember.objects.filter(person=user, order_class=task.order_class).first())
    return form_page(
        request,
        HandInForm(request.POST or None),
        lambda data: services.hand_in_task(actor=user, member=member, task=task, **data),
        title=_("Hand in: %(task)s") % {"task": task.title},
        lead=_("Accepted when: %(criteria)s") % {"criteria": "；".join(task.criteria_lines)},
        submit=_("Hand it in"),
        back=task.order_class.get_absolute_url(),
        back_label=task.order_class.name,
        done=_("It is handed in; the firm accepts it or says what is missing."),
        goes_back=True,
    )


def _work(request: HttpRequest, uid: UUID) -> Acceptance:
    open_ = Acceptance.objects.visible_to(person(request))
    related = ("task", "member__person", "member__order_class__organisation", "decided_by")
    return found_or_404(open_.select_related(*related).filter(uid=uid).first())


@require_safe
@login_required
def acceptance(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What was handed in, the criteria, and who decided what."""
    work = _work(request, uid)
    context = {
        "work": work,
        "order": work.member.order_class,
        "may_decide": work.state == AcceptanceState.WAITING and request.user.has_perm("positions.accept_work", work),
    }
    return render(request, "positions/acceptance.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def decide(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Accept the work or return it."""
    user, work = person(request), _work(request, uid)
    demand(user, "positions.accept_work", work)

    def act(data: dict[str, Any]) -> None:
        services.decide_task(actor=user, work=work, met=data["met"], comment=data["comment"])

    return form_page(
        request,
        DecideWorkForm(request.POST or None, work=work),
        act,
        title=_("Decide on the work: %(task)s") % {"task": work.task.title},
        lead=_("With every criterion met it is accepted; else it goes back to the student."),
        submit=_("Decide"),
        back=work.get_absolute_url(),
        back_label=work.task.title,
        done=_("Your decision is recorded."),
    )
