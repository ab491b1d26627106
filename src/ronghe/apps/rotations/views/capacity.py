"""The page of the yearly capacity: what limits the intake, what one more of each would bring, and how sure that is."""

from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from ronghe.apps.accounts.pages import person
from ronghe.apps.community.models import Role, RoleKind
from ronghe.apps.positions.models import Position
from ronghe.apps.rotations.forms import CapacityForm
from ronghe.apps.sites.models import Machine
from ronghe.methods import capacity
from ronghe.methods.explained import UnmetAssumption

MONTHS = 12


def today(user: Any) -> dict[str, Any]:
    """What the community has today, as the form's first answer."""
    day = timezone.localdate()
    mentors = Role.objects.on(day).filter(kind=RoleKind.MENTOR).values("person").distinct().count()
    teachers = Role.objects.on(day).filter(kind=RoleKind.TEACHER).values("person").distinct().count()
    open_ = Position.objects.visible_to(user).filter(ends_on__gte=day, state="open")
    seats = sum(open_.values_list("seats", flat=True))
    return {
        "mentors": mentors + teachers,
        "enterprise": mentors,
        "machines": Machine.objects.in_use_on(day).count(),
        "seats": seats,
    }


def problem(data: dict[str, Any]) -> tuple[list[capacity.Stream], list[capacity.Resource]]:
    """The programme of what was typed: one stream of trainees over mentors, machines and seats."""
    months, dropout = float(data["months"]), float(data["dropout"]) / 100
    absent = float(data["absent"]) / 100
    uses = {
        "mentors": months,
        "enterprise": months * data["share"] / 100,
        "machines": float(data["trainee_hours"]),
        "seats": 1.0,
    }
    places = float(MONTHS * data["load"])
    return (
        [capacity.Stream("trainees", uses, dropout=dropout)],
        [
            capacity.Resource("mentors", data["mentors"], places, absent),
            capacity.Resource("enterprise", data["enterprise"], places, absent),
            capacity.Resource("machines", data["machines"], float(data["machine_hours"])),
            capacity.Resource("seats", data["seats"]),
        ],
    )


@require_safe
@login_required
@permission_required("rotations.view_capacity", raise_exception=True)
def show(request: HttpRequest) -> HttpResponse:
    """The form with its answer; without numbers typed, of the community as it is today."""
    given = {name: field.initial for name, field in CapacityForm.base_fields.items()} | today(person(request))
    form = CapacityForm(request.GET if request.GET else given)
    names = {
        "mentors": _("Mentors"),
        "enterprise": _("Enterprise mentors"),
        "machines": _("Machines"),
        "seats": _("Seats of positions a year"),
    }
    context: dict[str, Any] = {"form": form, "names": names}
    status = 200
    if form.is_valid():
        try:
            streams, resources = problem(form.cleaned_data)
            found = capacity.yearly_capacity(streams, resources)
            outlook = capacity.outlook(streams, resources, draws=200)
        except UnmetAssumption as unmet:
            form.add_error(None, f"{unmet.found}: {unmet.remedy}")
            status = 422
        else:
            target = form.cleaned_data.get("target")
            wanted = capacity.needed(streams, resources, {"trainees": float(target)}) if target else {}
            context |= {
                "found": found,
                "outlook": outlook,
                "bars": [
                    {
                        "label": names[one.resource],
                        "value": round(100 * one.share, 1),
                        "state": "bad" if one.resource in found.bottleneck else "ok",
                    }
                    for one in found.limits
                ],
                "rows": [
                    (names[one.resource], one, one.resource in found.bottleneck, wanted.get(one.resource))
                    for one in found.limits
                ],
                "target": target,
                "binding": [names[name] for name in found.bottleneck],
            }
    else:
        status = 422
    return render(request, "rotations/capacity.html", context, status=status)
