"""Issuers, their DID documents and their keys; the status lists as verifiers fetch them."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.credentials import dids, selectors, services, status_lists, suites
from ronghe.apps.credentials.forms import IssuerForm, RevokeKeyForm
from ronghe.apps.credentials.models import Issuer, IssuerKey, StatusList
from ronghe.apps.credentials.signing import KeyUnavailable
from ronghe.apps.credentials.views.frame import deed, form_page, found_or_404
from ronghe.trust.did import did_document
from ronghe.trust.multibase import encode_multikey

_PUBLIC = {"Access-Control-Allow-Origin": "*"}
_LIST_TYPES = ["application/vc", "application/ld+json", "application/json"]


@require_safe
@login_required
@permission_required("credentials.view_lists", raise_exception=True)
def issuer_list(request: HttpRequest) -> HttpResponse:
    """Who issues."""
    context = {
        "issuers": selectors.issuers(request.user),
        "may_found": request.user.has_perm("credentials.found_issuer"),
    }
    return render(request, "credentials/issuer_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("credentials.found_issuer", raise_exception=True)
def issuer_new(request: HttpRequest) -> HttpResponse:
    """Let an organisation issue."""
    return form_page(
        request,
        IssuerForm(request.POST or None),
        lambda said: services.found_issuer(
            actor=person(request), organisation=said["organisation"], for_site=said.get("for_site", False)
        ),
        title=_("Let an organisation issue"),
        lead=_("It gets a DID of its own under the address of this site, and its first key."),
        submit=_("Found the issuer"),
        back=reverse("credentials:issuer_list"),
        back_label=_("Issuers"),
        done=_("The issuer stands. Define its achievements next."),
    )


def _issuer(request: HttpRequest, uid: UUID) -> Issuer:
    return found_or_404(selectors.issuers(request.user).filter(uid=uid).first())


@require_safe
@login_required
@permission_required("credentials.view_lists", raise_exception=True)
def issuer_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One issuer: its DID, its keys over time, its status lists."""
    issuer = _issuer(request, uid)
    now = timezone.now()
    keys = [
        {
            "key": key,
            "multikey": encode_multikey(bytes(key.public_key)),
            "signs": key.may_sign_at(now),
            "in_use": selectors.certificates_of_key(key).count() if key.revoked_at else 0,
        }
        for key in issuer.keys.order_by("-valid_from", "-pk")
    ]
    context = {
        "issuer": issuer,
        "keys": keys,
        "lists": [
            {
                "list": row,
                "addresses": [
                    (label, status_lists.address(row, purpose))
                    for purpose, label in (("revocation", _("Revocations")), ("suspension", _("Suspensions")))
                ],
            }
            for row in issuer.status_lists.order_by("pk")
        ],
        "did_address": reverse("did_of_site") if issuer.is_site else reverse("credentials:did", args=[issuer.uid]),
        "may_keep": request.user.has_perm("credentials.keep_keys", issuer),
    }
    return render(request, "credentials/issuer.html", context)


@require_POST
@login_required
def key_rotate(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A new key from now on."""
    issuer = _issuer(request, uid)
    return deed(
        request,
        lambda: services.rotate_key(actor=person(request), issuer=issuer),
        done=_("A new key signs from now on. What the earlier ones signed stays valid."),
        back=issuer,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("credentials.keep_keys", raise_exception=True)
def key_revoke(request: HttpRequest, uid: UUID, key: int) -> HttpResponse:
    """Say that somebody else may have a key."""
    issuer = _issuer(request, uid)
    demand(person(request), "credentials.keep_keys", issuer)
    found = get_object_or_404(IssuerKey.objects.select_related("issuer"), issuer=issuer, pk=key)
    return form_page(
        request,
        RevokeKeyForm(request.POST or None),
        lambda said: services.revoke_key(actor=person(request), key=found, reason=said["reason"]),
        goes_back=True,
        title=_("Revoke %(key)s") % {"key": found.name},
        lead=_(
            "Nothing that this key signed counts any more, from the next check on: whoever has it can write any date. "
            "Renew its certificates afterwards."
        ),
        submit=_("Revoke the key"),
        danger=True,
        back=issuer.get_absolute_url(),
        back_label=str(issuer),
        done=_("The key is revoked. Renew the certificates that it signed."),
    )


@require_safe
def did_of_site(request: HttpRequest) -> JsonResponse:
    """The DID document of the site itself."""
    return _document(Issuer.objects.filter(is_site=True))


@require_safe
def did(request: HttpRequest, uid: UUID) -> JsonResponse:
    """The DID document of an issuer."""
    return _document(Issuer.objects.filter(uid=uid, is_site=False))


def _document(found: Any) -> JsonResponse:
    issuer = found.select_related("organisation").prefetch_related("keys").first()
    if issuer is None:
        raise Http404(_("There is no such issuer."))
    answer = JsonResponse(did_document(dids.trusted_form(issuer)), headers=_PUBLIC)
    answer["Content-Type"] = "application/did+json"
    answer["Cache-Control"] = "public, max-age=300"
    return answer


@require_safe
def status_list(request: HttpRequest, uid: UUID, purpose: str) -> HttpResponse:
    """A signed status list, for whoever asks: it tells nothing about who holds which slot."""
    row = StatusList.objects.select_related("issuer__organisation").filter(uid=uid).first()
    if row is None or purpose not in status_lists.PURPOSES:
        raise Http404(_("There is no such status list."))
    try:
        by_key = suites.is_open() and request.GET.get("by") == "key"
        signed = (status_lists.signed_by_key if by_key else status_lists.signed)(row, purpose)
    except KeyUnavailable:
        return JsonResponse({"detail": _("The list cannot be signed now.")}, status=503, headers=_PUBLIC)
    answer = JsonResponse(signed, headers=_PUBLIC)
    # Libraries that ask for JSON read nothing else.
    answer["Content-Type"] = request.get_preferred_type(_LIST_TYPES) or _LIST_TYPES[0]
    answer["Vary"] = "Accept"
    answer["Cache-Control"] = "public, max-age=60"
    return answer
