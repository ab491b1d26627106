"""What the credit bank can measure, by name: credits earned, and the share of them that is practice."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.community.models import CohortMembership
from ronghe.apps.credits.models import HUNDREDTHS, Lot
from ronghe.apps.metrics.measurement import COMMUNITY, Measurement, Records, Unit, Window
from ronghe.apps.metrics.records import RecordColumn, show_records
from ronghe.apps.metrics.registry import metric

_LOT = "credits.lot"
_OF_PROGRAMME = "account__person__cohort_memberships__cohort__programmes"


def _lots(window: Window, **more: Any) -> dict[str, Any]:
    """Credits earned in a window as it is known now less what has been reversed, as lookups."""
    return {
        "earned_on__range": [window.start.isoformat(), window.end.isoformat()],
        "transaction__recorded_at__lte": window.known_at.isoformat() if window.known_at else None,
        "transaction__reversal__isnull": True,
        **more,
    }


class _Sum:
    """Credits of one subject, in hundredths, the lots they stand in and the students who earned them."""

    def __init__(self) -> None:
        self.all = self.practice = 0
        self.keys: list[int] = []
        self.students: set[int] = set()

    def add(self, lot: tuple[int, int, int, bool]) -> None:
        key, student, hundredths, is_practice = lot
        self.keys.append(key)
        self.students.add(student)
        self.all += hundredths
        self.practice += hundredths if is_practice else 0


def _sums(window: Window, programmes: Iterable[int] | None) -> dict[int, _Sum]:
    """Per programme, or for the community as a whole when `programmes` is None; two queries."""
    found: dict[int, _Sum] = defaultdict(_Sum)
    lots = list(
        Lot.objects.filter(**_lots(window)).values_list("pk", "account__person_id", "hundredths", "is_practice")
    )
    if programmes is None:
        for lot in lots:
            found[COMMUNITY].add(lot)
        return found
    follows: dict[int, set[int]] = defaultdict(set)
    enrolments = CohortMembership.objects.filter(cohort__programmes__in=list(programmes))
    for person, programme in enrolments.values_list("person", "cohort__programmes"):
        follows[person].add(programme)
    for lot in lots:
        for programme in follows[lot[1]]:
            found[programme].add(lot)
    return found


def _share(of: _Sum, window: Window, name: str, **more: Any) -> Measurement:
    return Measurement(
        value=of.practice / of.all if of.all else None,
        unit=Unit.SHARE,
        as_of=window.end,
        definition=f"{name}@1",
        count=len(of.students),
        numerator=of.practice / HUNDREDTHS,
        denominator=of.all / HUNDREDTHS,
        records=Records.of(_LOT, _lots(window, **more), of.keys),
    )


def _earned(of: _Sum, window: Window, name: str, **more: Any) -> Measurement:
    return Measurement(
        value=of.all / HUNDREDTHS,
        unit=Unit.COUNT,
        as_of=window.end,
        definition=f"{name}@1",
        count=len(of.students),
        records=Records.of(_LOT, _lots(window, **more), of.keys),
    )


_SHARE = _(
    "Practice credits ÷ all credits that students earned in the period, both from the book of the credit bank; what "
    "was reversed does not count, what lapsed or was redeemed does. Of a programme: by everyone who is or was in its "
    "cohorts. A share of credits, not of hours."
)


@metric("credits.practice_share", unit=Unit.SHARE, label=_("Practice credit share"), definition=_SHARE)
def practice_share(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    return {COMMUNITY: _share(_sums(window, None)[COMMUNITY], window, "credits.practice_share")}


@metric(
    "credits.programme.practice_share",
    unit=Unit.SHARE,
    subject="curriculum.Programme",
    label=_("Practice credit share of a programme"),
    definition=_SHARE,
)
def programme_practice_share(programmes: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    found = _sums(window, programmes)
    name = "credits.programme.practice_share"
    return {one: _share(found[one], window, name, **{_OF_PROGRAMME: one}) for one in programmes}


@metric(
    "credits.earned",
    unit=Unit.COUNT,
    label=_("Credits earned"),
    definition=_("Credits deposited or taken over for what was finished in the period and not reversed."),
)
def earned(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    return {COMMUNITY: _earned(_sums(window, None)[COMMUNITY], window, "credits.earned")}


_BY_PERSON = _(
    "Credits deposited or taken over for what a person finished in the window and that were not reversed; what lapsed "
    "or was used for a programme still counts as earned."
)


def _of_people(name: str, people: Sequence[int], window: Window, **more: Any) -> Mapping[int, Measurement]:
    """Credits by person; one query."""
    found: dict[int, _Sum] = defaultdict(_Sum)
    lots = Lot.objects.filter(**_lots(window), **more, account__person__in=list(people))
    for lot in lots.values_list("pk", "account__person_id", "hundredths", "is_practice"):
        found[lot[1]].add(lot)
    return {one: _earned(found[one], window, name, **more, account__person=one) for one in people}


@metric(
    "credits.person.total",
    unit=Unit.COUNT,
    subject="accounts.person",
    confidential=True,
    label=_("Credits of a person in the credit bank"),
    definition=_BY_PERSON,
)
def person_total(people: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Credits that each person earned, which a certificate may ask for."""
    return _of_people("credits.person.total", people, window)


@metric(
    "credits.person.practice",
    unit=Unit.COUNT,
    subject="accounts.person",
    confidential=True,
    label=_("Practice credits of a person in the credit bank"),
    definition=_BY_PERSON,
)
def person_practice(people: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Practice credits that each person earned."""
    return _of_people("credits.person.practice", people, window, is_practice=True)


def _achievement(lot: Lot) -> str:
    achievement = lot.transaction.achievement
    return reverse("credits:achievement", args=[achievement.uid]) if achievement is not None else ""


show_records(
    _LOT,
    columns=[
        RecordColumn(_("Student"), lambda lot: lot.account, url=lambda lot: str(lot.account.get_absolute_url())),
        RecordColumn(
            pgettext_lazy("credit bank", "Achievement"),
            lambda lot: lot.transaction.achievement or lot.transaction.get_kind_display(),
            url=_achievement,
        ),
        RecordColumn(_("Rule"), lambda lot: lot.transaction.rule or ""),
        RecordColumn(_("Earned on"), lambda lot: lot.earned_on),
        RecordColumn(_("Credits"), lambda lot: lot.amount),
        RecordColumn(_("Practice credits"), lambda lot: _("yes") if lot.is_practice else _("no")),
    ],
    related=["account__person", "transaction__achievement", "transaction__rule"],
    personal=True,
)
