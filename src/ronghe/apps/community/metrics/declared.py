"""What rules ask of chain leaders: firms brought in, and facts that firms declare and a second person has confirmed.

A declared fact that nobody has confirmed counts for nothing; where nothing is declared there is no data, never zero.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from ronghe.apps.community.models import ChainMembership, FactKind, OrganisationFact, Tier
from ronghe.apps.metrics.measurement import Measurement, Records, Unit, Window
from ronghe.apps.metrics.records import RecordColumn, dated, show_records
from ronghe.apps.metrics.registry import metric

_FACT = "community.organisationfact"


def _leaders(chains: Sequence[int], window: Window) -> dict[int, int]:
    held = ChainMembership.objects.on(window.end, known_at=window.known_at).filter(chain__in=chains, tier=Tier.LEADER)
    return dict(held.values_list("chain_id", "organisation_id"))


@metric(
    "community.chain.firms_brought_in",
    unit=Unit.COUNT,
    subject="community.chain",
    label=_("Firms brought in by the chain leader"),
    definition=_(
        "Member enterprises that are in the chain on the last day of the window and were brought in by the firm that "
        "leads it on that day, as recorded when they were admitted. A chain without a leader on that day has no data."
    ),
)
def firms_brought_in(chains: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Two queries whatever the number of chains."""
    leaders = _leaders(chains, window)
    rows = (
        ChainMembership.objects.on(window.end, known_at=window.known_at)
        .filter(chain__in=chains, tier=Tier.MEMBER, brought_in_by__isnull=False)
        .order_by()
        .values_list("chain_id", "brought_in_by_id", "pk", "organisation_id")
    )
    found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for chain, brought_in_by, key, organisation in rows:
        if leaders.get(chain) == brought_in_by:
            found[chain].append((key, organisation))
    day = dated(Window(window.end, window.end, window.known_at))
    measured = {}
    for chain, leader in leaders.items():
        firms = len({organisation for _key, organisation in found[chain]})
        filters = day | {"chain_id": chain, "tier": Tier.MEMBER.value, "brought_in_by_id": leader}
        measured[chain] = Measurement(
            value=float(firms),
            unit=Unit.COUNT,
            as_of=window.end,
            definition="community.chain.firms_brought_in@1",
            count=firms,
            numerator=float(firms),
            records=Records.of("community.chainmembership", filters, [key for key, _firm in found[chain]]),
        )
    return measured


_Fact = tuple[int, float, date, date | None]


def _facts(organisations: Sequence[int], kind: FactKind, first: date, window: Window) -> dict[int, list[_Fact]]:
    rows = (
        OrganisationFact.objects.during(first, window.end, known_at=window.known_at)
        .filter(organisation__in=set(organisations), kind=kind, confirmed_by__isnull=False)
        .order_by("valid_from", "pk")
        .values_list("organisation_id", "pk", "value", "valid_from", "valid_until")
    )
    found: dict[int, list[_Fact]] = {}
    for organisation, key, value, valid_from, valid_until in rows:
        found.setdefault(organisation, []).append((key, float(value), valid_from, valid_until))
    return found


def _fact_records(organisation: int, kind: FactKind, first: date, window: Window, facts: Sequence[_Fact]) -> Records:
    filters = dated(Window(first, window.end, window.known_at)) | {
        "organisation_id": organisation,
        "kind": kind.value,
        "confirmed_by__isnull": False,
    }
    return Records.of(_FACT, filters, [fact[0] for fact in facts])


def _staff(organisations: Sequence[int], kind: FactKind, window: Window, name: str) -> dict[int, Measurement]:
    return {
        organisation: Measurement(
            value=facts[-1][1],
            unit=Unit.PERSONS,
            as_of=window.end,
            definition=f"{name}@1",
            count=len(facts),
            records=_fact_records(organisation, kind, window.end, window, facts),
        )
        for organisation, facts in _facts(organisations, kind, window.end, window).items()
    }


@metric(
    "community.organisation.insured_staff",
    unit=Unit.PERSONS,
    subject="community.organisation",
    confidential=True,
    label=_("Insured staff of a firm"),
    definition=_(
        "The number of insured staff that the firm declares for the last day of the window, confirmed by another "
        "person; no data where nothing is declared for that day or nobody has confirmed it."
    ),
)
def insured_staff(organisations: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """One query."""
    return _staff(organisations, FactKind.INSURED_STAFF, window, "community.organisation.insured_staff")


@metric(
    "community.organisation.staff",
    unit=Unit.PERSONS,
    subject="community.organisation",
    confidential=True,
    label=_("Staff of a firm"),
    definition=_(
        "The number of staff that the firm declares for the last day of the window, confirmed by another person; no "
        "data where nothing is declared for that day or nobody has confirmed it."
    ),
)
def staff(organisations: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """One query."""
    return _staff(organisations, FactKind.STAFF, window, "community.organisation.staff")


@metric(
    "community.chain.leader_insured_staff",
    unit=Unit.PERSONS,
    subject="community.chain",
    confidential=True,
    label=_("Insured staff of the chain leader"),
    definition=_(
        "Insured staff, as declared and confirmed for the last day of the window, of the firm that leads the chain "
        "on that day; no data without a leader or without a confirmed number."
    ),
)
def leader_insured_staff(chains: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Two queries."""
    leaders = _leaders(chains, window)
    name = "community.chain.leader_insured_staff"
    of_firms = _staff(list(leaders.values()), FactKind.INSURED_STAFF, window, name)
    return {chain: of_firms[leader] for chain, leader in leaders.items() if leader in of_firms}


def _covers(facts: Sequence[_Fact], window: Window) -> bool:
    """Whether the spans of `facts`, in the order of their first days, leave no day of the window out."""
    day: date | None = window.start
    for _key, _value, valid_from, valid_until in facts:
        if day is None or valid_from > day:
            break
        day = None if valid_until is None else max(day, valid_until)
    return day is None or day > window.end


@metric(
    "community.chain.leader_violations",
    unit=Unit.COUNT,
    subject="community.chain",
    confidential=True,
    label=_("Violations of the chain leader on record"),
    definition=_(
        "Violations found, as declared and confirmed for spans that touch the window, of the firm that leads the "
        "chain on its last day. Zero is said only when confirmed spans cover every day of the window; otherwise, "
        "without a violation, there is no data."
    ),
)
def leader_violations(chains: Sequence[int], window: Window) -> Mapping[int, Measurement]:
    """Two queries."""
    leaders = _leaders(chains, window)
    facts = _facts(list(leaders.values()), FactKind.VIOLATIONS, window.start, window)
    measured = {}
    for chain, leader in leaders.items():
        found = facts.get(leader, [])
        total = sum(value for _key, value, _from, _until in found)
        if not total and not _covers(found, window):
            continue
        measured[chain] = Measurement(
            value=total,
            unit=Unit.COUNT,
            as_of=window.end,
            definition="community.chain.leader_violations@1",
            count=len(found),
            numerator=total,
            records=_fact_records(leader, FactKind.VIOLATIONS, window.start, window, found),
        )
    return measured


show_records(
    _FACT,
    related=("organisation", "declared_by", "confirmed_by"),
    columns=[
        RecordColumn(
            _("Organisation"),
            lambda row: row.organisation.name,
            url=lambda row: str(row.organisation.get_absolute_url()),
        ),
        RecordColumn(_("Fact"), lambda row: row.get_kind_display()),
        RecordColumn(_("Value"), lambda row: row.value),
        RecordColumn(pgettext_lazy("admission", "Evidence"), lambda row: row.evidence),
        RecordColumn(_("Confirmed by"), lambda row: row.confirmed_by.name if row.confirmed_by else ""),
        RecordColumn(_("Valid"), lambda row: f"{row.valid_from} – {row.valid_until or ''}".rstrip()),
    ],
)
