"""Credits to and from other institutions: partners, statements to hand over, statements taken over."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import deed, form_page, person
from ronghe.apps.credits import services
from ronghe.apps.credits.forms import PartnerForm, ReasonForm, SendForm, TakeOverForm
from ronghe.apps.credits.models import Account, Partner, Transaction, TransactionKind
from ronghe.apps.credits.transfers import SENT, statement_of
from ronghe.apps.credits.views.frame import found_or_404
from ronghe.apps.ledger.event_types import reference
from ronghe.apps.ledger.models import Event
from ronghe.apps.ledger.publishing import verifier

_SHOWN = 50


@require_safe
@login_required
@permission_required("credits.transfer", raise_exception=True)
def overview(request: HttpRequest) -> HttpResponse:
    """The institutions with which credits are exchanged, our own key for theirs, and the newest transfers."""
    moved = Transaction.objects.filter(kind__in=[TransactionKind.TRANSFER_IN, TransactionKind.TRANSFER_OUT])
    newest = moved.prefetch_related("entries__source", "entries__destination", "entries__lot__account__person")
    context = {
        "partners": Partner.objects.all(),
        "me": person(request).uid,
        "own_key": verifier().encode(),
        "transfers": newest.order_by("-pk")[:_SHOWN],
    }
    return render(request, "credits/transfers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("credits.transfer", raise_exception=True)
def send(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Move credits of a student to another institution."""
    account = found_or_404(Account.objects.filter(uid=uid, person__isnull=False).select_related("person").first())

    def act(data: dict[str, Any]) -> None:
        services.send(actor=person(request), student=found_or_404(account.person), **data)

    return form_page(
        request,
        SendForm(request.POST or None),
        act,
        title=_("Transfer to another institution"),
        lead=_("The credits leave this bank. Their statement can be downloaded as soon as the ledger is sealed."),
        submit=_("Transfer"),
        back=account.get_absolute_url(),
        back_label=str(account),
        done=_("The credits are transferred; hand the statement over to the other institution."),
    )


@require_safe
@login_required
def statement(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The statement of a transfer, for whoever may see the account it left."""
    done = found_or_404(Transaction.objects.filter(uid=uid, kind=TransactionKind.TRANSFER_OUT).first())
    open_ = Account.objects.visible_to(person(request)).filter(lots__entries__transaction=done)
    found_or_404(open_.first())
    event = Event.objects.filter(subject=reference(done), type=SENT).select_related("leaf").first()
    data = statement_of(event) if event is not None else None
    if data is None:
        raise Http404(_("The statement is ready once the ledger is sealed and witnessed; try again in a minute."))
    response = HttpResponse(data, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="credit-transfer-{done.uid}.json"'
    response["Cache-Control"] = "no-store"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("credits.transfer", raise_exception=True)
def take_over(request: HttpRequest) -> HttpResponse:
    """Take over the statement of another institution for a student."""

    def act(data: dict[str, Any]) -> None:
        services.take_over(actor=person(request), student=data["student"], statement=data["statement"].read())

    return form_page(
        request,
        TakeOverForm(request.POST or None, request.FILES or None),
        act,
        title=_("Take over a statement"),
        lead=_("Its log is asked by the key that you have confirmed; a statement counts once."),
        submit=_("Take it over"),
        back=reverse("credits:transfers"),
        back_label=_("Other institutions"),
        done=_("The credits are in the student's account."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("credits.name_partner", raise_exception=True)
def partner_new(request: HttpRequest) -> HttpResponse:
    """Name an institution."""
    return form_page(
        request,
        PartnerForm(request.POST or None),
        lambda data: services.name_partner(actor=person(request), **data),
        title=_("Name an institution"),
        submit=_("Name it"),
        back=reverse("credits:transfers"),
        back_label=_("Other institutions"),
        done=_("It is named; a second person compares the key and confirms it."),
    )


@require_POST
@login_required
def partner_confirm(request: HttpRequest, key: int) -> HttpResponse:
    """Confirm an institution's key."""
    partner = found_or_404(Partner.objects.filter(pk=key).first())
    return deed(
        request,
        lambda: services.confirm_partner(actor=person(request), partner=partner),
        done=_("Credits can now be exchanged with it."),
        back=reverse("credits:transfers"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("credits.name_partner", raise_exception=True)
def partner_end(request: HttpRequest, key: int) -> HttpResponse:
    """End the exchange with an institution."""
    partner = found_or_404(Partner.objects.filter(pk=key).first())
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda data: services.end_partner(actor=person(request), partner=partner, **data),
        title=_("End the exchange with “%(name)s”") % {"name": partner.name},
        submit=_("End it"),
        back=reverse("credits:transfers"),
        back_label=_("Other institutions"),
        done=_("Nothing more is exchanged with it."),
        danger=True,
    )
