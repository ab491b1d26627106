"""The parts of the first screens that come from chains: obligations, papers that wait, alerts, positions, incentives.

Each part is a bounded number of queries; a number that no station measures yet is "no data".
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ronghe.apps.accounts.models import Person
from ronghe.apps.agreements import selectors as agreements
from ronghe.apps.community import selectors as community
from ronghe.apps.community.models import ChainMembership, Organisation, Tier
from ronghe.apps.demand.models import Requirement, RequirementState
from ronghe.apps.metrics import registry as metrics
from ronghe.apps.metrics.measurement import Measurement, Window
from ronghe.apps.policies import selectors as policies
from ronghe.apps.policies.rows import claim_row, line_row
from ronghe.apps.policies.selectors import waiting as policies_waiting
from ronghe.apps.policies.selectors.incentives import offers
from ronghe.apps.policies.selectors.obligations import Moment, board
from ronghe.apps.policies.subjects import SubjectKind
from ronghe.apps.pool import selectors as pool
from ronghe.apps.positions import selectors as positions_station
from ronghe.apps.sites.selectors import waiting as sites

CHAINS_SHOWN = 10
_YEAR = timedelta(days=365)
_WAITING_SHOWN = 6
_CLAIMS_SHOWN = 5


def obligations(me: Person, moment: Moment) -> dict[str, Any]:
    """The chains that `me` may see on a day, the most broken first, and how many rules are broken in all."""
    lines = board(SubjectKind.CHAIN, moment, me)
    shown = lines[:CHAINS_SHOWN]
    return {
        "lines": [line_row(line, moment) for line in shown],
        "subjects": [line.subject for line in shown],
        "chain_count": len(lines),
        "broken": sum(len(line.reds) for line in lines),
        "broken_chains": sum(bool(line.reds) for line in lines),
        "judged": any(line.obligations for line in lines),
    }


def chain_table(me: Person) -> dict[str, Any]:
    """The office's table: what stands of a chain beside what the rules ask of it."""
    today = timezone.localdate()
    found = obligations(me, Moment(today))
    stands = {row.chain.pk: row for row in community.chain_rows(found["subjects"], today)}
    found["lines"] = [{**line, "row": stands[line["subject"].pk]} for line in found["lines"]]
    return found


def papers(me: Person) -> list[dict[str, Any]]:
    """Papers that wait for this person, the overdue first."""
    waiting = agreements.waiting_for(me)
    waiting.sort(key=lambda one: one.state != "bad")
    return [
        {
            "title": one.title,
            "text": one.text,
            "due": one.due.isoformat() if one.due else one.action_label,
            "state": "bad" if one.state == "bad" else "warn",
            "url": one.url,
        }
        for one in waiting
    ]


def pool_items(me: Person) -> list[dict[str, Any]]:
    """What waits in the pool: shares to agree to, licences and conversions to decide, income to distribute."""
    return [
        {"title": one.title, "text": one.text, "due": one.action_label, "state": "warn", "url": one.url}
        for one in pool.waiting_for(me)
    ]


def place_items(me: Person) -> list[dict[str, Any]]:
    """What waits at sites: own bookings that are near, offers to answer, people to check in, overlaps to settle."""
    return [
        {
            "title": one.title,
            "text": one.text,
            "due": one.due.isoformat() if one.due else one.action_label,
            "state": one.state,
            "url": one.url,
        }
        for one in sites.waiting_for(me)
    ]


def gates(me: Person) -> list[dict[str, Any]]:
    """Gates that wait for this person: the office decides, HR of an applying firm gathers."""
    return [
        {
            "title": _("Gate: %(name)s") % {"name": step.admission.organisation.name},
            "text": step.admission.chain.name,
            "due": step.due_on.isoformat(),
            "state": "bad" if step.due_on < timezone.localdate() else "warn",
            "url": step.admission.get_absolute_url(),
        }
        for step in community.gates_waiting_for(me)[:_WAITING_SHOWN]
    ]


def alerts(me: Person) -> list[dict[str, Any]]:
    """What waits for the office besides requirements: gates, second persons asked for, a reviewer's questions."""
    items = gates(me)
    for label, number, name in policies_waiting.counts(me):
        if number:
            items.append({"title": label, "text": "", "due": str(number), "state": "warn", "url": reverse(name)})
    return items


def matching_items(me: Person) -> list[dict[str, Any]]:
    """What waits for this person of positions, order classes and matching rounds."""
    return [
        {
            "title": one.title,
            "text": one.text,
            "due": one.due.isoformat() if one.due else "",
            "state": one.state,
            "url": one.url,
        }
        for one in positions_station.waiting_for(me)
    ]


def figures() -> list[dict[str, Any]]:
    """The office's figures of today: those that no station measures yet say so."""
    today = timezone.localdate()
    return [
        _figure("agreements.community_overdue_signatures", _("Overdue signatures"), today),
        _figure("training.students.unplaced", _("Students without a placement"), today),
        _figure("community.organisations.unconfirmed", _("Organisations to confirm"), today),
    ]


def _figure(name: str, label: str, today: Any) -> dict[str, Any]:
    measured = metrics.measure_community(name, Window(today, today)) if metrics.is_registered(name) else None
    return {"label": label, "measurement": measured, "href": measured.url if measured else ""}


def positions(firms: Sequence[Organisation]) -> list[dict[str, Any]]:
    """Required, offered and filled positions of the firms, and firms that they brought into the chains they lead."""
    today = timezone.localdate()
    keys = [firm.pk for firm in firms]
    window = Window(today, today)
    wanted = Requirement.objects.filter(
        organisation__in=keys, state__in=[RequirementState.OPEN, RequirementState.ANSWERED]
    )
    required = sum(wanted.values_list("head_count", flat=True))
    led = list(
        ChainMembership.objects.on(today)
        .filter(organisation__in=keys, tier=Tier.LEADER)
        .order_by("pk")
        .values_list("chain_id", flat=True)
    )
    board_url = reverse("demand:requirement_list")
    return [
        {"label": _("Positions required"), "value": required, "href": board_url},
        _sum("positions.enterprise.seats_offered", _("Positions offered"), keys, Window(today - _YEAR, today)),
        _sum("training.enterprise.seats_filled", _("Positions filled"), keys, window),
        _sum("community.chain.firms_brought_in", _("Firms brought in"), led, window),
    ]


def _sum(name: str, label: str, keys: Sequence[int], window: Window) -> dict[str, Any]:
    """The sum of a metric over one's own subjects; "no data" unless all of them have some."""
    if not keys or not metrics.is_registered(name):
        return {"label": label, "value": None, "href": ""}
    measured: list[Measurement] = list(metrics.measure(name, keys, window).values())
    values = [one.value for one in measured if one.value is not None]
    href = measured[0].url if len(measured) == 1 else reverse("metrics:metric", args=[name])
    return {"label": label, "value": sum(values) if len(values) == len(measured) else None, "href": href}


def incentives(me: Person, firms: Sequence[Organisation]) -> dict[str, Any]:
    """What the firms may claim and how far their claims are."""
    found = offers(firms, timezone.localdate()) if firms else {}
    claims = policies.claims_of(me, limit=_CLAIMS_SHOWN)
    eligible = sum(one.eligibility.verdict.value != "red" for offered in found.values() for one in offered)
    return {
        "claims": [claim_row(claim) for claim in claims],
        "text": ngettext("%(count)s incentive may be claimed.", "%(count)s incentives may be claimed.", eligible)
        % {"count": eligible},
    }
