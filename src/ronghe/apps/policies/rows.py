"""Obligations and claims as templates show them, on the pages of policies and on the first screens."""

from datetime import timedelta
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from ronghe.apps.policies import names
from ronghe.apps.policies.content import IncentiveEntry
from ronghe.apps.policies.models import ClaimState, IncentiveClaim
from ronghe.apps.policies.selectors.obligations import ORDER, Line, Moment, Obligation, threshold_text
from ronghe.methods.rules import Verdict

CLAIM_SIGNS = {
    ClaimState.DRAFTED: "none",
    ClaimState.FILED: "progress",
    ClaimState.GRANTED: "ok",
    ClaimState.REFUSED: "bad",
}


def shown(one: Obligation, moment: Moment) -> dict[str, Any]:
    """An obligation as templates show it."""
    kind, word = names.VERDICTS[one.verdict]
    entry = one.entry
    return {
        "entry": entry,
        "asked": one.asked,
        "kind": kind,
        "word": word,
        "why": one.why,
        "measurement": one.measurement,
        "threshold": threshold_text(entry),
        "standing": names.STANDINGS[entry.standing],
        "severity": names.SEVERITIES[entry.severity],
        "is_red": one.verdict is Verdict.RED,
        "exemption": one.exemption,
        "url": rule_url(one, moment),
    }


def rule_url(one: Obligation, moment: Moment) -> str:
    """The page of one obligation at a moment."""
    path = reverse(
        "policies:obligation", args=[one.kind.value, one.key, one.asked.version.rule_set.code, one.entry.key]
    )
    return path + query_of(moment)


def query_of(moment: Moment) -> str:
    """The query that carries a moment; empty for today as it is known now."""
    said = {} if moment.day == timezone.localdate() else {"on": moment.day.isoformat()}
    if moment.known_at is not None:
        said["known"] = (timezone.localtime(moment.known_at).date() - timedelta(days=1)).isoformat()
    return f"?{urlencode(said)}" if said else ""


def line_row(line: Line, moment: Moment) -> dict[str, Any]:
    """A line of a board as templates show it: counts in the order of verdicts and the broken rules with addresses."""
    counts = line.counts
    kind, word = names.VERDICTS[line.verdict]
    return {
        "subject": line.subject,
        "url": reverse("policies:subject", args=[line.kind.value, line.subject.pk]) + query_of(moment),
        "kind": kind,
        "word": word,
        "verdict": line.verdict,
        "counts": [(names.VERDICTS[verdict], counts[verdict]) for verdict in ORDER],
        "reds": [{"name": one.entry.name, "url": rule_url(one, moment), "why": one.why} for one in line.reds],
    }


def claim_row(claim: IncentiveClaim) -> dict[str, Any]:
    """A claim as lists show it."""
    incentive = incentive_of(claim)
    return {"claim": claim, "name": incentive.name, "kind": CLAIM_SIGNS[ClaimState(claim.state)]}


def incentive_of(claim: IncentiveClaim) -> IncentiveEntry:
    """The incentive that is claimed, as the rule set of the claim has it."""
    for one in claim.version.read.incentives:
        if one.key == claim.incentive_key:
            return one
    raise Http404(_("The rule set of this claim has no such incentive."))
