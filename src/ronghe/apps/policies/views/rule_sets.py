"""Rule sets: what stands, who changed what, proposals with their effect before anyone publishes, text to effect."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import person
from ronghe.apps.policies import expected, names, services
from ronghe.apps.policies.content import RuleEntry
from ronghe.apps.policies.forms import NoteForm, ProposalForm
from ronghe.apps.policies.models import RuleSet, RuleSetVersion, VersionState
from ronghe.apps.policies.selectors import effects as effects_selector
from ronghe.apps.policies.selectors.obligations import current_versions, threshold_text
from ronghe.apps.policies.selectors.simulation import (
    LISTED,
    changes,
    scope_texts,
    simulate,
    turned_counts,
    version_before,
    window_text,
)
from ronghe.apps.policies.views.frame import deed, form_page, may
from ronghe.methods.rules import Verdict

_NEW = """# docs: how-to/write-a-rule-set
code = ""
name_zh = ""
name_en = ""
jurisdiction = "community"
authority_zh = ""
authority_en = ""
source = ""
standing = "text seen"

[[rules]]
key = ""
name_zh = ""
name_en = ""
text_zh = ""
text_en = ""
clause_zh = ""
clause_en = ""
subject = "chain"
metric = "community.chain.members"
operator = "at least"
threshold = 5
unit = "count"
window = "day"
margin = 1
severity = "major"
effective_from = 2027-01-01
"""


def rule_row(entry: RuleEntry) -> dict[str, Any]:
    """A rule as templates show it."""
    today = timezone.localdate()
    measured = expected.find(entry.rule.metric)
    return {
        "entry": entry,
        "threshold": threshold_text(entry),
        "window": window_text(entry),
        "scope": scope_texts(entry),
        "metric": measured,
        "standing": names.STANDINGS[entry.standing],
        "severity": names.SEVERITIES[entry.severity],
        "is_in_force": entry.rule.validity.holds_on(today),
        "is_over": entry.rule.validity.until is not None and entry.rule.validity.until <= today,
    }


@require_safe
@login_required
def rule_sets(request: HttpRequest) -> HttpResponse:
    """The rule sets in force, and the proposals that wait for a second person."""
    may(request, "policies.view_rule_set")
    today = timezone.localdate()
    rows = []
    for version in current_versions():
        said = version.read
        rows.append(
            {
                "version": version,
                "content": said,
                "jurisdiction": names.jurisdiction_name(said.jurisdiction),
                "standing": names.STANDINGS[said.standing],
                "rules": len(said.in_force(today)),
                "incentives": len(said.incentives),
            }
        )
    waiting = RuleSetVersion.objects.filter(state=VersionState.PROPOSED).select_related("rule_set", "proposed_by")
    context = {
        "rows": rows,
        "waiting": waiting if request.user.has_perm("policies.propose_rule_set") else [],
        "may_propose": request.user.has_perm("policies.propose_rule_set"),
        "may_load": not rows and request.user.has_perm("policies.publish_rule_set"),
    }
    return render(request, "policies/rule_sets.html", context)


def _set(code: str) -> RuleSet:
    return get_object_or_404(RuleSet, code=code)


@require_safe
@login_required
def rule_set(request: HttpRequest, code: str) -> HttpResponse:
    """One rule set: its rules with clause, threshold, window and standing, and its versions."""
    may(request, "policies.view_rule_set")
    found = _set(code)
    versions = list(found.versions.select_related("proposed_by", "decided_by"))
    published = next((one for one in versions if one.state == VersionState.PUBLISHED), None)
    sees_drafts = request.user.has_perm("policies.propose_rule_set")
    if published is None and not sees_drafts:
        raise Http404(_("This rule set has not been published yet."))
    said = published.read if published else None
    context = {
        "rule_set": found,
        "version": published,
        "content": said,
        "title": said.name if said else found.code,
        "jurisdiction": names.jurisdiction_name(said.jurisdiction) if said else "",
        "standing": names.STANDINGS[said.standing] if said else "",
        "rules": [rule_row(entry) for entry in said.rules] if said else [],
        "versions": [one for one in versions if sees_drafts or one.state == VersionState.PUBLISHED],
        "may_propose": sees_drafts,
    }
    return render(request, "policies/rule_set.html", context)


@require_safe
@login_required
def version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """One version: what it changes, whose verdicts it would turn, its text; publish or refuse it if it waits."""
    may(request, "policies.view_rule_set")
    found = get_object_or_404(
        RuleSetVersion.objects.select_related("rule_set", "proposed_by", "decided_by"),
        rule_set__code=code,
        number=number,
    )
    waits = found.state == VersionState.PROPOSED
    if found.state != VersionState.PUBLISHED and not request.user.has_perm("policies.propose_rule_set"):
        raise Http404(_("This version has not been published."))
    before = version_before(found)
    simulation = simulate(found, today=timezone.localdate()) if waits else None
    context = {
        "version": found,
        "content": found.read,
        "before": before,
        "changes": changes(before.read if before else None, found.read),
        "simulation": simulation,
        "turned": [_turned(one) for one in simulation.turned[:LISTED]] if simulation else [],
        "turned_counts": [(_sign(was), _sign(now), count) for (was, now), count in turned_counts(simulation).items()]
        if simulation
        else [],
        "listed": LISTED,
        "waits": waits,
        "may_publish": waits and request.user.has_perm("policies.publish_rule_set", found),
        "is_own": waits and found.proposed_by_id == request.user.pk,
        "may_refuse": waits and request.user.has_perm("policies.propose_rule_set"),
    }
    return render(request, "policies/version.html", context)


def _sign(verdict: str) -> tuple[str, Any]:
    return names.VERDICTS[Verdict(verdict)] if verdict else ("none", _("no rule"))


def _turned(one: Any) -> dict[str, Any]:
    was, now = one.verdicts
    after = one.after or one.before
    return {"subject": one.subject, "entry": one.entry, "was": _sign(was), "now": _sign(now), "why": after.why}


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def propose(request: HttpRequest, code: str = "") -> HttpResponse:
    """Propose a new rule set, or a new version of one."""
    may(request, "policies.propose_rule_set")
    text = _NEW
    if code:
        newest = _set(code).versions.order_by("-number").first()
        text = newest.source_text if newest is not None else _NEW
    form = ProposalForm(request.POST or None, request.FILES or None, initial={"text": text})
    back = reverse("policies:rule_set", args=[code]) if code else reverse("policies:rule_sets")
    return form_page(
        request,
        form,
        lambda data: services.propose_version(
            actor=person(request),
            text=data["text"],
            note=data["note"],
            code=code,
            filename=data["file"].name if data.get("file") else f"{code or 'rules'}.toml",
        ),
        title=_("Propose a change") if code else _("Propose a rule set"),
        submit=_("Check and propose"),
        back=back,
        back_label=code or _("Rule sets"),
        done=_("Proposed. See below what it changes; another person publishes it."),
        lead=_("Nothing takes effect by proposing. You see whom it would affect, and a second person publishes it."),
    )


@require_POST
@login_required
def publish(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Publish a proposal of another person."""
    found = get_object_or_404(RuleSetVersion.objects.select_related("rule_set"), rule_set__code=code, number=number)
    return deed(
        request,
        lambda: services.publish_version(actor=person(request), version=found),
        done=_("Published. Its rules count from the days they name."),
        back=found,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def refuse(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Refuse a proposal with a reason, or withdraw one's own."""
    may(request, "policies.propose_rule_set")
    found = get_object_or_404(RuleSetVersion.objects.select_related("rule_set"), rule_set__code=code, number=number)
    own = found.proposed_by_id == request.user.pk
    return form_page(
        request,
        NoteForm(request.POST or None),
        lambda data: services.refuse_version(actor=person(request), version=found, note=data["note"]),
        title=_("Withdraw the proposal") if own else _("Refuse the proposal"),
        submit=_("Withdraw") if own else _("Refuse"),
        back=found.get_absolute_url(),
        back_label=str(found),
        done=_("Done; the reason is recorded."),
        danger=True,
    )


@require_POST
@login_required
def load_shipped(request: HttpRequest) -> HttpResponse:
    """Publish the rule sets that come with the platform."""
    return deed(
        request,
        lambda: services.load_shipped(actor=person(request)),
        done=_("The rule sets of the platform are published."),
        back="policies:rule_sets",
    )


@require_safe
@login_required
def source(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The text of a version as a file."""
    may(request, "policies.view_rule_set")
    found = get_object_or_404(RuleSetVersion.objects.select_related("rule_set"), rule_set__code=code, number=number)
    if found.state != VersionState.PUBLISHED and not request.user.has_perm("policies.propose_rule_set"):
        raise Http404(_("This version has not been published."))
    response = HttpResponse(found.source_text, content_type="application/toml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{code}-v{number}.toml"'
    return response


@require_safe
@login_required
def effects(request: HttpRequest) -> HttpResponse:
    """From the text of a policy to its effect: clause, dated parameter, metric, registered estimate."""
    may(request, "policies.view_rule_set")
    found = effects_selector.parameters()
    rows = [
        {
            "parameter": one,
            "entry": one.entry,
            "standing": names.STANDINGS[one.entry.standing],
            "history": [
                {
                    "threshold": threshold_text(entry),
                    "first": entry.rule.validity.first,
                    "until": entry.rule.validity.until,
                }
                for entry in one.entries
            ],
        }
        for one in found
    ]
    estimated = sum(bool(one.estimates) for one in found)
    return render(request, "policies/effects.html", {"rows": rows, "estimated": estimated})
