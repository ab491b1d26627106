"""Incentives of a firm: what stands, whether it is eligible, its claims with their steps and evidence file."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from ronghe.apps.accounts.pages import person
from ronghe.apps.community import standing
from ronghe.apps.community.models import Organisation, RoleKind
from ronghe.apps.policies import evidence, names, services
from ronghe.apps.policies.content import IncentiveKind
from ronghe.apps.policies.forms import ClaimForm, ClaimStepForm
from ronghe.apps.policies.models import ClaimState, IncentiveClaim
from ronghe.apps.policies.rows import CLAIM_SIGNS, claim_row, incentive_of, shown
from ronghe.apps.policies.selectors.incentives import Offer, carried_from, offer, offers
from ronghe.apps.policies.selectors.obligations import Moment
from ronghe.apps.policies.services.incentives import NEXT
from ronghe.apps.policies.views.frame import form_page, may


def _offer_row(one: Offer, today: Any) -> dict[str, Any]:
    kind, word = {
        "green": ("ok", _("eligible")),
        "red": ("bad", _("not eligible")),
    }.get(one.eligibility.verdict.value, ("none", _("no data")))
    return {
        "offer": one,
        "incentive": one.incentive,
        "standing": names.STANDINGS[one.incentive.standing],
        "kind": kind,
        "word": word,
        "rules": [shown(rule, Moment(today)) for rule in one.eligibility.obligations],
        "may_claim": kind != "bad",
    }


@require_safe
@login_required
def incentives(request: HttpRequest) -> HttpResponse:
    """The incentives in force with the eligibility of one's own firms, and the claims one may see."""
    may(request, "policies.view_incentives")
    today = timezone.localdate()
    firms = list(Organisation.objects.filter(pk__in=standing.organisations(request.user, RoleKind.ENTERPRISE_HR)))
    found = offers(firms, today)
    claims = IncentiveClaim.objects.visible_to(request.user).select_related("organisation", "version__rule_set")
    page = Paginator(claims, 25).get_page(request.GET.get("page"))
    context = {
        "firms": [{"firm": firm, "offers": [_offer_row(one, today) for one in found[firm.pk]]} for firm in firms],
        "page": page,
        "claims": [claim_row(claim) for claim in page.object_list],
    }
    return render(request, "policies/incentives.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def draft(request: HttpRequest, firm: int, code: str, key: str) -> HttpResponse:
    """Draft a claim of one's own firm."""
    organisation = get_object_or_404(Organisation, pk=firm)
    may(request, "policies.claim_incentive", organisation)
    today = timezone.localdate()
    found = offer(organisation, code, key, today)
    if found is None:
        raise Http404(_("This incentive is not in force today."))
    initial: dict[str, Any] = {"year": today.year}
    if found.incentive.kind is IncentiveKind.DEDUCTION:
        initial["brought"] = carried_from(organisation, key, today.year)
    form = ClaimForm(request.POST or None, incentive=found.incentive, initial=initial)
    return form_page(
        request,
        form,
        lambda data: services.draft_claim(
            actor=person(request),
            organisation=organisation,
            code=code,
            incentive_key=key,
            year=data["year"],
            declared=form.declared(),
        ),
        title=str(found.incentive.name),
        submit=_("Draft the claim"),
        back=reverse("policies:incentives"),
        back_label=_("Incentives"),
        done=_("Drafted. Download the evidence file, file it, and say here on which day."),
        lead=str(found.incentive.text),
    )


def _claim(request: HttpRequest, uid: Any) -> IncentiveClaim:
    found = IncentiveClaim.objects.visible_to(request.user)
    return get_object_or_404(found.select_related("organisation", "version__rule_set"), uid=uid)


@require_safe
@login_required
def claim(request: HttpRequest, uid: Any) -> HttpResponse:
    """One claim: what was declared and measured, its steps, its evidence file."""
    found = _claim(request, uid)
    language = "zh" if request.LANGUAGE_CODE.startswith("zh") else "en"
    context = {
        **claim_row(found),
        "incentive": incentive_of(found),
        "facts": [(names.declared_label(name), value) for name, value in found.declared.items()],
        "lines": [
            {"name": line["name"][language], "why": line["explanation"][language], "line": line}
            for line in found.eligibility
        ],
        "steps": [
            {
                "time": step.day,
                "title": step.get_state_display(),
                "text": f"{step.amount:,.2f} · {step.note}".rstrip(" ·"),
                "actor": step.by.name if step.by else "",
                "state": CLAIM_SIGNS[ClaimState(step.state)],
            }
            for step in found.steps.select_related("by")
        ],
        "may_move": bool(NEXT[found.state]) and request.user.has_perm("policies.move_claim", found),
        "may_edit": found.state == ClaimState.DRAFTED
        and request.user.has_perm("policies.claim_incentive", found.organisation),
    }
    return render(request, "policies/claim.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def redraft(request: HttpRequest, uid: Any) -> HttpResponse:
    """Correct what a draft declares."""
    found = _claim(request, uid)
    may(request, "policies.claim_incentive", found.organisation)
    incentive = incentive_of(found)
    initial = {**found.declared, "revision": found.revision}
    form = ClaimForm(request.POST or None, incentive=incentive, with_year=False, initial=initial)
    return form_page(
        request,
        form,
        lambda data: services.redraft_claim(
            actor=person(request), claim=found, revision=data["revision"], declared=form.declared()
        ),
        title=_("Correct the draft"),
        submit=_("Save"),
        back=found.get_absolute_url(),
        back_label=str(incentive.name),
        done=_("Saved."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def move(request: HttpRequest, uid: Any) -> HttpResponse:
    """Say that a claim was filed, granted or refused."""
    found = _claim(request, uid)
    may(request, "policies.move_claim", found)
    form = ClaimStepForm(request.POST or None, state=found.state, initial={"revision": found.revision})
    return form_page(
        request,
        form,
        lambda data: services.move_claim(actor=person(request), claim=found, **data),
        title=_("How far is the claim?"),
        submit=_("Record"),
        back=found.get_absolute_url(),
        back_label=str(incentive_of(found).name),
        done=_("Recorded."),
    )


@require_safe
@login_required
def evidence_file(request: HttpRequest, uid: Any) -> HttpResponse:
    """The evidence file of a claim: XLSX, PDF and proofs in one ZIP."""
    found = _claim(request, uid)
    response = HttpResponse(evidence.build(found, incentive_of(found)), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{found.incentive_key}-{found.year}.zip"'
    response["Cache-Control"] = "no-store"
    return response
