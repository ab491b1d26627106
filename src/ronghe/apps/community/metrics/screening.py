"""The three-stage screening in numbers: applications, gates passed, refusals, how long it took, who waits.

Counts are of what happened within the window; the funnel page tells what became of one year's applications.
"""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.community.models import Admission, GateDecision, OrganisationConfirmation, Stage, Verdict
from ronghe.apps.community.models.registry import Organisation
from ronghe.apps.metrics.measurement import COMMUNITY, Measurement, Records, Unit, Window
from ronghe.apps.metrics.records import RecordColumn, show_records
from ronghe.apps.metrics.registry import metric


def _counted(name: str, window: Window, keys: Sequence[int], model: str, filters: Mapping[str, Any]) -> Measurement:
    return Measurement(
        value=float(len(keys)),
        unit=Unit.COUNT,
        as_of=window.end,
        definition=f"{name}@1",
        count=len(keys),
        numerator=float(len(keys)),
        records=Records.of(model, filters, keys),
    )


def _span(window: Window) -> list[str]:
    return [window.start.isoformat(), window.end.isoformat()]


@metric(
    "community.admissions.applied",
    unit=Unit.COUNT,
    label=_("Applications to chains"),
    definition=_("Applications of organisations to chains that were made within the window."),
)
def applied(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """One query."""
    filters = {"applied_on__range": _span(window)}
    keys = list(Admission.objects.filter(**filters).order_by().values_list("pk", flat=True))
    name = "community.admissions.applied"
    return {COMMUNITY: _counted(name, window, keys, "community.admission", filters)}


def _decisions(name: str, window: Window, **asked: Any) -> Mapping[int, Measurement]:
    filters: dict[str, Any] = {"decided_on__range": _span(window)} | asked
    if window.known_at is not None:
        filters["recorded_at__lte"] = window.known_at.isoformat()
    keys = list(GateDecision.objects.filter(**filters).order_by().values_list("pk", flat=True))
    return {COMMUNITY: _counted(name, window, keys, "community.gatedecision", filters)}


@metric(
    "community.admissions.demand_passed",
    unit=Unit.COUNT,
    label=_("Gate 1 passed: demand matched"),
    definition=_("Applications that were found, within the window, to match the chain's talent demand."),
)
def demand_passed(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """One query."""
    passed = {"verdict": Verdict.PASSED.value, "step__stage": Stage.DEMAND.value}
    return _decisions("community.admissions.demand_passed", window, **passed)


@metric(
    "community.admissions.resources_passed",
    unit=Unit.COUNT,
    label=_("Gate 2 passed: resources agreed"),
    definition=_("Applications whose resources were found to be agreed within the window."),
)
def resources_passed(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """One query."""
    passed = {"verdict": Verdict.PASSED.value, "step__stage": Stage.RESOURCES.value}
    return _decisions("community.admissions.resources_passed", window, **passed)


@metric(
    "community.admissions.quality_passed",
    unit=Unit.COUNT,
    label=_("Gate 3 passed: quality evaluated"),
    definition=_("Applications that passed the last gate within the window and were admitted by it."),
)
def quality_passed(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """One query."""
    passed = {"verdict": Verdict.PASSED.value, "step__stage": Stage.QUALITY.value}
    return _decisions("community.admissions.quality_passed", window, **passed)


@metric(
    "community.admissions.refused",
    unit=Unit.COUNT,
    label=_("Applications refused"),
    definition=_("Applications that were refused within the window, at whichever gate."),
)
def refused(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """One query."""
    return _decisions("community.admissions.refused", window, verdict=Verdict.REFUSED.value)


@metric(
    "community.admissions.days",
    unit=Unit.DAYS,
    label=_("Days from application to its end"),
    definition=_(
        "The median of the days from application to admission or refusal, of the applications that were admitted or "
        "refused within the window; those withdrawn do not count."
    ),
)
def days(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """One query."""
    filters: dict[str, Any] = {"closed_on__range": _span(window), "state__in": ["admitted", "refused"]}
    rows = list(Admission.objects.filter(**filters).order_by().values_list("pk", "applied_on", "closed_on"))
    took = [(closed - applied_on).days for _key, applied_on, closed in rows if closed is not None]
    return {
        COMMUNITY: Measurement(
            value=float(median(took)) if took else None,
            unit=Unit.DAYS,
            as_of=window.end,
            definition="community.admissions.days@1",
            count=len(took),
            records=Records.of("community.admission", filters, [row[0] for row in rows]),
        )
    }


@metric(
    "community.organisations.unconfirmed",
    unit=Unit.COUNT,
    label=_("Organisations waiting for confirmation"),
    definition=_(
        "Organisations on the register on the last day of the window that no second person has confirmed by then; "
        "they cannot publish anything."
    ),
)
def unconfirmed(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Two queries."""
    held = OrganisationConfirmation.objects.on(window.end, known_at=window.known_at)
    confirmed = set(held.order_by().values_list("organisation_id", flat=True))
    listed = Organisation.objects.filter(registered_on__lte=window.end).order_by().values_list("pk", flat=True)
    keys = [key for key in listed if key not in confirmed]
    name = "community.organisations.unconfirmed"
    return {COMMUNITY: _counted(name, window, keys, "community.organisation", {"pk__in": keys})}


show_records(
    "community.organisation",
    related=("region",),
    columns=[
        RecordColumn(_("Organisation"), lambda row: row.name, url=lambda row: str(row.get_absolute_url())),
        RecordColumn(_("Kind"), lambda row: row.get_kind_display()),
        RecordColumn(_("Unified social credit code"), lambda row: row.registration_number or ""),
        RecordColumn(_("Takes part since"), lambda row: row.registered_on),
    ],
)
show_records(
    "community.admission",
    related=("organisation", "chain"),
    columns=[
        RecordColumn(_("Organisation"), lambda row: row.organisation.name, url=lambda row: str(row.get_absolute_url())),
        RecordColumn(_("Chain"), lambda row: row.chain.name),
        RecordColumn(_("Applied on"), lambda row: row.applied_on),
        RecordColumn(_("State"), lambda row: row.get_state_display()),
        RecordColumn(_("Closed on"), lambda row: row.closed_on),
    ],
)
show_records(
    "community.gatedecision",
    related=("step__admission__organisation", "step__admission__chain"),
    columns=[
        RecordColumn(
            _("Organisation"),
            lambda row: row.step.admission.organisation.name,
            url=lambda row: str(row.step.admission.get_absolute_url()),
        ),
        RecordColumn(_("Chain"), lambda row: row.step.admission.chain.name),
        RecordColumn(_("Gate"), lambda row: row.step.get_stage_display()),
        RecordColumn(pgettext_lazy("admission", "Decision"), lambda row: row.get_verdict_display()),
        RecordColumn(_("Decided on"), lambda row: row.decided_on),
    ],
)
