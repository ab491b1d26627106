"""Pages of plans: the list, a new one, the plan with its calendar and weeks, publishing, repair, withdrawal."""

import csv
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import deed, form_page, person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.rotations import selectors, services, words
from ronghe.apps.rotations.forms import PinForm, PlanForm, ReasonForm, RepairForm
from ronghe.apps.rotations.models import Pin, Plan, PlanState, Session, Week
from ronghe.methods.explained import UnmetAssumption

SHOWN = 24


def _plan(request: HttpRequest, uid: UUID) -> Plan:
    found = selectors.find(request.user, uid)
    if found is None:
        raise Http404(_("There is no such plan, or it is not open to you."))
    return found


@require_safe
@login_required
@permission_required("rotations.view_plan", raise_exception=True)
def overview(request: HttpRequest) -> HttpResponse:
    """Plans, and what is next for oneself."""
    user = person(request)
    context = {
        "plans": selectors.plans(user),
        "coming": selectors.coming(user)[:8],
        "may_plan": user.has_perm("rotations.plan"),
        "may_view_capacity": user.has_perm("rotations.view_capacity"),
    }
    return render(request, "rotations/overview.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def plan_new(request: HttpRequest) -> HttpResponse:
    """Draft a plan."""
    user = person(request)
    demand(user, "rotations.plan")

    def act(data: dict[str, Any]) -> Plan:
        return services.draft_plan(actor=user, **data)

    return form_page(
        request,
        PlanForm(request.POST or None),
        act,
        title=_("Draft a rotation plan"),
        lead=_("Who rotates follows from placements, which machines from sites; here you set times and rules."),
        submit=_("Draft it"),
        back=reverse("rotations:overview"),
        back_label=_("Rotations"),
        done=_("The plan is drafted. Form groups next."),
        template="rotations/plan_form.html",
    )


@require_safe
@login_required
def plan(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A plan: where it stands, groups, the calendar of fortnights, the weeks, repairs."""
    user, found = person(request), _plan(request, uid)
    groups = selectors.groups_of(found, user)
    weeks = list(found.weeks.all())
    sums = {name: sum(week.figures.get(name, 0) for week in weeks) for name in ("placed", "wanted", "open")}
    may_plan = user.has_perm("rotations.plan")
    pins = services.pins_of(found) if may_plan else []
    shown = Paginator(groups, SHOWN).get_page(request.GET.get("groups"))
    context = {
        "plan": found,
        "pins": pins,
        "unkept": len(services.unkept(pins)) if weeks else 0,
        "moved": words.moves(found.figures.get("moved", [])) if may_plan else [],
        "groups": groups,
        "shown": shown,
        "tasks": selectors.calendar(found, [group.pk for group, _people in shown]),
        "needs": found.needs.select_related("family"),
        "weeks": [(week, words.refusal(found, week.refusal)) for week in weeks],
        "refusal": words.refusal(found, found.refusal),
        "sums": sums,
        "gap": words.gaps(weeks),
        "used": words.percent(sums["placed"], sums["open"]),
        "breaches": sum(len(week.figures.get("breaches", [])) for week in weeks) + found.figures.get("breaches", 0),
        "repairs": found.repairs.all()[:10],
        "displaced": selectors.displaced().filter(week__plan=found).count() if may_plan else 0,
        "may_plan": may_plan,
        "may_compute": may_plan and bool(groups) and (found.is_open or _is_lost(found)),
        "may_publish": may_plan
        and found.state == PlanState.PROPOSED
        and not found.refusal
        and not any(week.refusal for week in weeks),
        "may_pin": may_plan and found.is_open and bool(groups),
        "job": found.job if found.state == PlanState.COMPUTING else None,
        "today": timezone.localdate(),
    }
    return render(request, "rotations/plan.html", context)


def _is_lost(found: Plan) -> bool:
    return found.state == PlanState.COMPUTING and (found.job is None or found.job.is_finished or found.job.is_lost)


@require_POST
@login_required
def groups(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Form groups from placements."""
    found = _plan(request, uid)
    return deed(
        request,
        lambda: services.form_groups(actor=person(request), plan=found),
        done=_("Groups are formed from the placements of the plan's first day."),
        back=found,
    )


@require_POST
@login_required
def compute(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Compute in the background."""
    found = _plan(request, uid)
    return deed(
        request,
        lambda: services.start_computing(actor=person(request), plan=found, keep=request.POST.get("keep") == "1"),
        done=_("The plan is being computed. Its task says how far it is."),
        back=found,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def pin_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Pin a group to a family in a fortnight, or forbid it."""
    found = _plan(request, uid)
    demand(person(request), "rotations.plan")
    return form_page(
        request,
        PinForm(request.POST or None, plan=found),
        lambda data: services.pin_group(actor=person(request), plan=found, **data),
        title=_("Pin or forbid a fortnight"),
        lead=_("Compute again afterwards: as little as possible moves of the draft that stands."),
        submit=_("Decide"),
        back=found.get_absolute_url(),
        back_label=found.name,
        done=_("The decision holds whenever the plan is computed."),
        goes_back=True,
    )


@require_POST
@login_required
def pin_lift(request: HttpRequest, uid: UUID, key: int) -> HttpResponse:
    """Lift a decision on a fortnight."""
    found = _plan(request, uid)
    demand(person(request), "rotations.plan")
    pin = Pin.objects.filter(plan=found, pk=key).select_related("plan").first()
    if pin is None:
        raise Http404(_("There is no such decision; somebody has lifted it."))
    return deed(
        request,
        lambda: services.lift_pin(actor=person(request), pin=pin),
        done=_("The decision is lifted."),
        back=found,
    )


@require_POST
@login_required
def publish(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Publish and book."""
    found = _plan(request, uid)
    sent = request.POST.get("revision", "")
    revision = int(sent) if sent.isdecimal() else 0
    return deed(
        request,
        lambda: services.publish_plan(actor=person(request), plan=found, revision=revision),
        done=_("The plan is published, and its machines are booked."),
        back=found,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take a plan back."""
    found = _plan(request, uid)
    demand(person(request), "rotations.plan")
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda data: services.withdraw_plan(
            actor=person(request), plan=found, revision=found.revision, reason=data["reason"]
        ),
        title=_("Withdraw the plan"),
        lead=_("Bookings of machines that lie ahead are given back."),
        submit=_("Withdraw it"),
        back=found.get_absolute_url(),
        back_label=found.name,
        done=_("The plan is withdrawn."),
        danger=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def repair(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What no longer stands, and the repair that moves the least; a POST does what was shown."""
    user, found = person(request), _plan(request, uid)
    demand(user, "rotations.plan")
    if found.state != PlanState.PUBLISHED:
        raise PermissionDenied(_("Only a published plan is repaired; compute others anew."))
    try:
        shown = services.mending(found)
    except UnmetAssumption as unmet:
        shown = None
        refused = words.refusal(found, {"code": unmet.code, "found": unmet.found, "remedy": unmet.remedy})
    else:
        refused = {}
    form = RepairForm(request.POST or None, initial={"digest": shown.digest if shown else ""})
    return form_page(
        request,
        form,
        lambda data: services.repair_plan(actor=user, plan=found, **data),
        title=_("Repair the plan"),
        lead=_("By calendars, timetables and authorisations as they stand now, from now on."),
        submit=_("Repair it"),
        back=found.get_absolute_url(),
        back_label=found.name,
        done=_("The plan is repaired; bookings followed, and everyone concerned was told."),
        template="rotations/repair.html",
        goes_back=True,
        more={
            "plan": found,
            "shown": shown,
            "moves": selectors.moves(shown.ended, shown.made) if shown else [],
            "refused": refused,
        },
    )


@require_safe
@login_required
def week(request: HttpRequest, uid: UUID, number: int) -> HttpResponse:
    """A week as a table by group, machine or mentor."""
    found = _plan(request, uid)
    row = Week.objects.filter(plan=found, number=number - 1).select_related("plan").first()
    if row is None:
        raise Http404(_("This plan has no such week."))
    by = request.GET.get("by", "group")
    by = by if by in ("group", "machine", "mentor") else "group"
    days, lines = selectors.table(row, request.user, by)
    here = reverse("rotations:week", args=[found.uid, number])
    context = {
        "plan": found,
        "week": row,
        "number": number,
        "days": days,
        "lines": lines,
        "by": by,
        "tabs": [
            {"label": label, "url": f"{here}?by={name}", "current": name == by}
            for name, label in (
                ("group", _("By group of trainees")),
                ("machine", _("By machine")),
                ("mentor", _("By mentor")),
            )
        ],
        "before": number - 1 if number > 1 else None,
        "after": number + 1 if number < 2 * found.fortnights else None,
        "refusal": words.refusal(found, row.refusal),
    }
    return render(request, "rotations/week.html", context)


@require_safe
@login_required
def sessions_csv(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The standing sessions that one may see, for a spreadsheet."""
    found = _plan(request, uid)
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="rotations-{found.first_day}.csv"'
    answer.write("\ufeff")
    writer = csv.writer(answer)
    writer.writerow([_("Group number"), _("From"), _("Until"), _("Machine"), _("Campus"), _("Mentor")])
    rows = Session.objects.standing().visible_to(request.user).filter(week__plan=found)
    for one in rows.select_related("group", "machine__site__campus", "mentor", "week__plan"):
        start, end = one.local(one.starts_at), one.local(one.ends_at)
        mentor = one.mentor.name if one.mentor is not None else ""
        cells = [
            str(one.group),
            start.isoformat(),
            end.isoformat(),
            one.machine.code,
            one.machine.site.campus.name,
            mentor,
        ]
        # A spreadsheet takes a cell that begins so for a formula.
        writer.writerow([f"'{cell}" if cell[:1] in "=+-@\t\r" else cell for cell in cells])
    return answer
