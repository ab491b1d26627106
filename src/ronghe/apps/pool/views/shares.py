"""Shares: propose them, read a version, agree to it with a confirmed sign-in, decline, withdraw."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.confirmation import confirmed, confirms
from ronghe.apps.accounts.pages import deed, form_page, person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.pool import selectors, services
from ronghe.apps.pool.forms import FIRST_ROWS, MORE_ROWS, ReasonForm, SharesForm
from ronghe.apps.pool.models import Share, ShareVersion
from ronghe.apps.pool.views.frame import asset_for, found_or_404

_LONGEST_COUNT = 3


def _rows(request: HttpRequest) -> int:
    typed = request.POST.get("rows", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < _LONGEST_COUNT else FIRST_ROWS


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def propose(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Propose how an asset is shared. “More rows” asks nothing of the service and loses nothing."""
    asset = asset_for(request, uid, "pool.propose_shares")
    rows = _rows(request)
    if "more" in request.POST:
        typed = request.POST.dict()
        form = SharesForm(asset=asset, rows=rows + MORE_ROWS, initial=typed)
        context = {
            "form": form,
            "title": _("Propose shares"),
            "submit": _("Ask all contributors to agree"),
            "back": asset.get_absolute_url(),
            "back_label": asset.name,
        }
        return render(request, "pool/propose.html", context)
    current = selectors.in_force(asset, timezone.localdate())
    initial: dict[str, Any] = {"valid_from": timezone.localdate()}
    if current is not None and request.method != "POST":
        standing = list(current.shares.select_related("person", "organisation"))
        rows = max(rows, len(standing) + 1)
        for share in standing:
            initial[f"who_{share.place}"] = share.organisation.name if share.organisation else _address(share)
            initial[f"share_{share.place}"] = str(share.exact)
            initial[f"work_{share.place}"] = share.contribution
    return form_page(
        request,
        SharesForm(request.POST or None, asset=asset, rows=rows, initial=initial),
        lambda data: services.propose_shares(
            actor=person(request), asset=asset, valid_from=data["valid_from"], lines=data["lines"]
        ),
        title=_("Propose shares"),
        lead=_("Exact fractions that make one whole. They are in force only when every contributor has agreed."),
        submit=_("Ask all contributors to agree"),
        back=asset.get_absolute_url(),
        back_label=asset.name,
        done=_("Proposed. Every contributor is asked to agree."),
        template="pool/propose.html",
    )


def _address(share: Share) -> str:
    return share.person.email if share.person is not None and share.person.erased_at is None else ""


def _version(request: HttpRequest, uid: UUID) -> ShareVersion:
    found = ShareVersion.objects.visible_to(request.user).select_related("asset", "proposed_by")
    return found_or_404(found.filter(uid=uid).first())


@require_safe
@login_required
def version_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One version: each share, who has agreed, and whether its hash holds."""
    version = _version(request, uid)
    user = person(request)
    shares = list(version.shares.select_related("person", "organisation", "agreed_by"))
    for share in shares:
        share.version = version
    context = {
        "version": version,
        "shares": shares,
        "mine": [share for share in shares if user.has_perm("pool.agree", share)],
        "is_whole": selectors.is_whole(version),
        "may_withdraw": version.state == "asked" and user.has_perm("pool.propose_shares", version.asset),
    }
    return render(request, "pool/version.html", context)


def _own(request: HttpRequest, uid: UUID) -> Share:
    found = Share.objects.filter(version__in=ShareVersion.objects.visible_to(request.user), uid=uid)
    share = found_or_404(found.select_related("version__asset", "person", "organisation").first())
    demand(person(request), "pool.agree", share)
    return share


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@confirms
def agree(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Read once more and agree; the password, passkey or second factor is asked for in between."""
    share = _own(request, uid)
    version = share.version
    if request.method != "POST":
        context = {
            "share": share,
            "version": version,
            "shares": version.shares.select_related("person", "organisation"),
        }
        return render(request, "pool/agree.html", context)
    confirmed_at, confirmed_by = confirmed(request)
    return deed(
        request,
        lambda: services.agree(
            actor=person(request),
            share=share,
            digest=request.POST.get("digest", ""),
            confirmed_at=confirmed_at,
            confirmed_by=confirmed_by,
        ),
        done=_("You agreed. Time and hash are in the ledger."),
        back=version.get_absolute_url(),
        refusals=(services.NotConfirmed,),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def decline(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Decline, with what would have to change."""
    share = _own(request, uid)
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda data: services.decline_shares(actor=person(request), share=share, **data),
        title=_("Decline the shares"),
        lead=_("The proposal is off for everybody, and another one can be made."),
        submit=_("Decline"),
        back=share.version.get_absolute_url(),
        back_label=str(share.version),
        done=_("Declined. Whoever proposed it reads your reason."),
        danger=True,
    )


@require_POST
@login_required
def withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take a proposal back."""
    version = _version(request, uid)
    if version.state != "asked":
        return redirect(version)
    return deed(
        request,
        lambda: services.withdraw_shares(actor=person(request), version=version),
        done=_("The proposed shares are withdrawn."),
        back=version.asset.get_absolute_url(),
    )
