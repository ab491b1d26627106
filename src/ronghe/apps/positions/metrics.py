"""Seats that positions offer, as measurements from dated offers. Seats filled are placements, not counted here."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from ronghe.apps.metrics.measurement import COMMUNITY, Measurement, Records, Unit, Window
from ronghe.apps.metrics.records import RecordColumn, dated, show_records
from ronghe.apps.metrics.registry import metric
from ronghe.apps.positions.models import Offer

_OFFER = "positions.offer"
_MOST_NAMED = 500
_DEFINITION = _(
    "Seats of positions that the office approved on a day of the period and that were not withdrawn by its last day, "
    "each position once with the seats it offered on that day. A closed position takes nobody more and still counts; "
    "a seat offered is not a seat filled."
)


def _seats(name: str, of: str, subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Seats by subject, or of the whole community where `of` is empty; one query."""
    last = Window(window.end, window.end, window.known_at)
    first_days = {"offered_on__range": [window.start.isoformat(), window.end.isoformat()]}
    offers = Offer.objects.on(window.end, known_at=window.known_at).filter(**first_days)
    if of and len(subjects) <= _MOST_NAMED:
        offers = offers.filter(**{f"{of}__in": list(subjects)})
    totals: defaultdict[int, int] = defaultdict(int)
    keys: defaultdict[int, list[int]] = defaultdict(list)
    for subject, key, seats in offers.order_by().values_list(of or "pk", "pk", "seats"):
        if subject is not None:
            totals[subject if of else COMMUNITY] += seats
            keys[subject if of else COMMUNITY].append(key)
    return {
        subject: Measurement(
            value=totals[subject],
            unit=Unit.COUNT,
            as_of=window.end,
            definition=f"{name}@1",
            count=len(keys[subject]),
            numerator=totals[subject],
            records=Records.of(_OFFER, dated(last) | first_days | ({of: subject} if of else {}), keys[subject]),
        )
        for subject in subjects
    }


@metric(
    "positions.chain.seats_offered",
    unit=Unit.COUNT,
    subject="community.chain",
    label=_("Seats offered"),
    definition=_DEFINITION,
)
def chain_seats_offered(chains: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    return _seats("positions.chain.seats_offered", "chain", chains, window)


@metric(
    "positions.enterprise.seats_offered",
    unit=Unit.COUNT,
    subject="community.organisation",
    label=_("Seats offered"),
    definition=_DEFINITION,
)
def enterprise_seats_offered(firms: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    return _seats("positions.enterprise.seats_offered", "organisation", firms, window)


@metric("positions.seats_offered", unit=Unit.COUNT, label=_("Seats offered in the community"), definition=_DEFINITION)
def seats_offered(subjects: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    return _seats("positions.seats_offered", "", subjects, window)


show_records(
    _OFFER,
    columns=[
        RecordColumn(_("Position"), lambda one: one.position, url=lambda one: str(one.position.get_absolute_url())),
        RecordColumn(_("Enterprise"), lambda one: one.organisation),
        RecordColumn(_("Seats"), lambda one: one.seats),
        RecordColumn(_("Offered on"), lambda one: one.offered_on),
        RecordColumn(_("First day"), lambda one: one.starts_on),
        RecordColumn(_("Last day"), lambda one: one.ends_on),
    ],
    related=["position", "organisation"],
    personal=False,
)
