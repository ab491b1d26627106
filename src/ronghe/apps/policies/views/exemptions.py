"""Exemptions: what was asked for, granted and refused, and the decision of a second person."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronghe.apps.accounts.pages import person
from ronghe.apps.policies import services, subjects
from ronghe.apps.policies.forms import ExemptionForm, NoteForm, RevokeForm
from ronghe.apps.policies.models import Exemption, ExemptionState, RuleSet
from ronghe.apps.policies.selectors.obligations import current_versions
from ronghe.apps.policies.subjects import SubjectKind
from ronghe.apps.policies.views.frame import allowed, form_page, may

_SIGNS = {ExemptionState.ASKED: "progress", ExemptionState.GRANTED: "ok", ExemptionState.REFUSED: "bad"}


def _visible(request: HttpRequest) -> QuerySet[Exemption]:
    found = Exemption.objects.select_related("rule_set", "asked_by", "decided_by")
    if subjects.sees_all(request.user):
        return found
    today = timezone.localdate()
    own = found.none()
    for kind in (SubjectKind.CHAIN, SubjectKind.ENTERPRISE):
        own = own | found.filter(subject_kind=kind, subject_key__in=subjects.own_keys(request.user, kind, today))
    return own


def _rule_names() -> dict[tuple[int, str], Any]:
    return {
        (version.rule_set_id, entry.key): entry.name
        for version in current_versions()
        for entry in version.read.rules
    }  # fmt: skip


def _row(one: Exemption, named: Any, rules: Any) -> dict[str, Any]:
    return {
        "exemption": one,
        "subject": named.get((one.subject_kind, one.subject_key)),
        "rule": rules.get((one.rule_set_id, one.rule_key), one.rule_key),
        "kind": "none" if one.revoked_at else _SIGNS[ExemptionState(one.state)],
        "word": _("Ended early") if one.revoked_at else one.get_state_display(),
    }


@require_safe
@login_required
def exemptions(request: HttpRequest) -> HttpResponse:
    """What was asked for, what waits first."""
    may(request, "policies.view_exemptions")
    page = Paginator(_visible(request).order_by("state", "-asked_at"), 25).get_page(request.GET.get("page"))
    named = subjects.names_of([(one.subject_kind, one.subject_key) for one in page.object_list])
    rules = _rule_names()
    rows = [_row(one, named, rules) for one in page.object_list]
    return render(request, "policies/exemptions.html", {"page": page, "rows": rows})


@require_safe
@login_required
def exemption(request: HttpRequest, uid: Any) -> HttpResponse:
    """One exemption with its reason, its days and who decided."""
    may(request, "policies.view_exemptions")
    one = get_object_or_404(_visible(request), uid=uid)
    named = subjects.names_of([(one.subject_kind, one.subject_key)])
    waits = one.state == ExemptionState.ASKED
    context = {
        **_row(one, named, _rule_names()),
        "obligation_url": reverse(
            "policies:obligation", args=[one.subject_kind, one.subject_key, one.rule_set.code, one.rule_key]
        ),
        "waits": waits,
        "may_decide": waits and request.user.has_perm("policies.decide_exemption", one),
        "may_revoke": one.state == ExemptionState.GRANTED
        and one.revoked_at is None
        and request.user.has_perm("policies.revoke_exemption", one),
    }
    return render(request, "policies/exemption.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def ask(request: HttpRequest, kind: str, key: int, code: str, rule: str) -> HttpResponse:
    """Ask that a rule does not bind a subject for a while."""
    found_kind = SubjectKind(kind) if kind in SubjectKind.values else None
    found = subjects.subject(found_kind, key) if found_kind else None
    if found_kind is None or found is None or not allowed(request, "policies.ask_exemption", (found_kind, key)):
        raise Http404(_("There is no such subject, or you do not speak for it."))
    rule_set = get_object_or_404(RuleSet, code=code)
    return form_page(
        request,
        ExemptionForm(request.POST or None),
        lambda data: services.ask_exemption(
            actor=person(request), rule_set=rule_set, rule_key=rule, kind=found_kind, key=key, **data
        ),
        title=_("Ask for an exemption"),
        submit=_("Ask"),
        back=reverse("policies:obligation", args=[kind, key, code, rule]),
        back_label=found.name,
        done=_("Asked for. Another person decides."),
        facts=[(_("Rule"), _rule_names().get((rule_set.pk, rule), rule)), (_("Subject"), found.name)],
    )


def _decide(request: HttpRequest, uid: Any, *, is_granted: bool) -> HttpResponse:
    one = get_object_or_404(_visible(request), uid=uid)
    may(request, "policies.decide_exemption", one)
    form = NoteForm(request.POST or None)
    form.fields["note"].required = not is_granted
    return form_page(
        request,
        form,
        lambda data: services.decide_exemption(
            actor=person(request), exemption=one, is_granted=is_granted, note=data["note"]
        ),
        title=_("Grant the exemption") if is_granted else _("Refuse the exemption"),
        submit=_("Grant") if is_granted else _("Refuse"),
        back=one.get_absolute_url(),
        back_label=_("Exemption"),
        done=_("Decided; it is in the ledger."),
        danger=not is_granted,
        lead=one.reason,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def grant(request: HttpRequest, uid: Any) -> HttpResponse:
    """Grant what another person asked for."""
    return _decide(request, uid, is_granted=True)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def refuse(request: HttpRequest, uid: Any) -> HttpResponse:
    """Refuse what another person asked for."""
    return _decide(request, uid, is_granted=False)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def revoke(request: HttpRequest, uid: Any) -> HttpResponse:
    """End a granted exemption early."""
    one = get_object_or_404(_visible(request), uid=uid)
    may(request, "policies.revoke_exemption", one)
    return form_page(
        request,
        RevokeForm(request.POST or None),
        lambda data: services.revoke_exemption(actor=person(request), exemption=one, **data),
        title=_("End the exemption"),
        submit=_("End it"),
        back=one.get_absolute_url(),
        back_label=_("Exemption"),
        done=_("It ends; the rule binds again."),
        danger=True,
    )
