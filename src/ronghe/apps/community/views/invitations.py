"""Invitations to a chain: send, list, take back; and the page that the link in the mail opens, without signing in."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import take_errors
from ronghe.apps.community import selectors, services
from ronghe.apps.community.chain_forms import AcceptForm, AcceptKnownForm, InviteForm
from ronghe.apps.community.models import Chain, ChainInvitation
from ronghe.apps.community.views.frame import act_at_once, form_page, signed_in

_STATES = {"waiting": "progress", "accepted": "ok", "revoked": "none", "expired": "warn"}


def _chain(request: HttpRequest, uid: str) -> Chain:
    chain = get_object_or_404(Chain.objects.visible_to(request.user), uid=uid)
    if not request.user.has_perm("community.invite_to_chain", chain):
        raise PermissionDenied(_("Only the community office and HR of the chain's members invite to it."))
    return chain


@require_safe
@login_required
def invitation_list(request: HttpRequest, uid: str) -> HttpResponse:
    """Who was invited to a chain, and what came of it: for the office all, for a member its own."""
    chain = _chain(request, uid)
    labels = {
        "waiting": _("Waits for an answer"),
        "accepted": pgettext("invitation", "Accepted"),
        "revoked": _("Taken back"),
        "expired": _("Expired"),
    }
    rows = [
        {"invitation": one, "state": one.state, "kind": _STATES[one.state], "label": labels[one.state]}
        for one in selectors.invitations(request.user, chain)
    ]
    return render(request, "community/invitation_list.html", {"chain": chain, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def invitation_new(request: HttpRequest, uid: str) -> HttpResponse:
    """Invite a firm by mail."""
    chain = _chain(request, uid)

    def act(data: dict[str, Any]) -> str:
        invitation = services.invite_to_chain(actor=signed_in(request), chain=chain, **data)
        return _("The invitation was sent to %(email)s.") % {"email": invitation.email}

    return form_page(
        request,
        InviteForm(request.POST or None, chain=chain, user=request.user),
        act,
        title=_("Invite to “%(chain)s”") % {"chain": chain.name},
        lead=_("The firm receives a link by mail. It works once and for two weeks, and opens an application."),
        submit=_("Send the invitation"),
        back=chain.get_absolute_url(),
        back_label=chain.name,
        draft=f"invite-{chain.uid}",
    )


@require_POST
@login_required
def invitation_revoke(request: HttpRequest, uid: str) -> HttpResponse:
    """Take an invitation back."""
    invitation = get_object_or_404(ChainInvitation.objects.select_related("chain"), uid=uid)
    chain = _chain(request, str(invitation.chain.uid))

    def act() -> str:
        services.revoke_invitation(actor=signed_in(request), invitation=invitation)
        return _("The invitation was taken back; its link opens no more.")

    return act_at_once(request, act, chain.get_absolute_url() + "invitations/")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation_open(request: HttpRequest, key: str) -> HttpResponse:
    """What the link of the mail opens: who invites, to what, and the firm's own data. Opening alone changes nothing."""
    try:
        invitation = services.find_invitation(key)
        known = invitation.organisation
        form = (
            AcceptKnownForm(request.POST or None)
            if known
            else AcceptForm(request.POST or None, initial={"name_zh": invitation.organisation_name})
        )
        if request.method == "POST" and form.is_valid():
            try:
                services.accept_invitation(key=key, language=get_language() or "zh-hans", **form.cleaned_data)
            except ValidationError as error:
                take_errors(form, error)
            else:
                messages.success(
                    request,
                    _(
                        "Accepted. Sign in with %(email)s to go on with the application. New here? “Forgot your "
                        "password?” sends a link there by which you set one."
                    )
                    % {"email": invitation.email},
                )
                return redirect("account_login")
    except services.InvitationClosed as closed:
        return render(request, "community/invitation_closed.html", {"why": str(closed)}, status=410)
    status = 422 if form.errors else 200
    answer = render(request, "community/invitation_open.html", {"invitation": invitation, "form": form}, status=status)
    # The key stands in the address and must not travel on with a click. Not "no-referrer": browsers then send no origin
    # with the form either, and the protection against forgery refuses it.
    answer["Referrer-Policy"] = "strict-origin"
    return answer
