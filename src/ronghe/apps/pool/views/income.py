"""Income: record it, read how it was divided, distribute, reverse, take it away as a table."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import deed, form_page, person
from ronghe.apps.community.services.permission import demand
from ronghe.apps.jobs.exports import table_response
from ronghe.apps.pool import selectors, services
from ronghe.apps.pool.forms import IncomeForm, ReasonForm
from ronghe.apps.pool.imports import PORTIONS, portions_of
from ronghe.apps.pool.models import Income
from ronghe.apps.pool.views.frame import asset_for, found_or_404


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def income_new(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Record what an asset earned."""
    asset = asset_for(request, uid, "pool.record_income")
    return form_page(
        request,
        IncomeForm(request.POST or None, asset=asset),
        lambda data: services.record_income(actor=person(request), asset=asset, **data),
        title=_("Record income"),
        lead=_("A second person distributes it by the shares in force on the day it was received."),
        submit=_("Record it"),
        back=asset.get_absolute_url(),
        back_label=asset.name,
        done=_("Recorded. It waits to be distributed."),
        goes_back=True,
    )


def _income(request: HttpRequest, uid: UUID) -> Income:
    found = Income.objects.visible_to(request.user).filter(uid=uid).select_related("asset").first()
    return found_or_404(selectors.income_of(found_or_404(found).asset).filter(uid=uid).first())


@require_safe
@login_required
def income_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One income and its portions."""
    income = _income(request, uid)
    user = person(request)
    is_open = Income.objects.undistributed().filter(pk=income.pk).exists()
    is_reversed = Income.objects.filter(reverses=income).exists()
    context = {
        "income": income,
        "is_open": is_open,
        "version": selectors.in_force(income.asset, income.received_on),
        "may_distribute": is_open and user.has_perm("pool.distribute", income),
        "may_reverse": income.reverses_id is None and not is_reversed and user.has_perm("pool.reverse_income"),
    }
    return render(request, "pool/income.html", context)


@require_POST
@login_required
def income_distribute(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Divide an income by the shares of its day."""
    income = _income(request, uid)
    return deed(
        request,
        lambda: services.distribute(actor=person(request), income=income),
        done=_("Distributed to the fen."),
        back=reverse("pool:income", args=[income.uid]),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def income_reverse(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Undo an income by its opposite."""
    income = _income(request, uid)
    demand(person(request), "pool.reverse_income")
    return form_page(
        request,
        ReasonForm(request.POST or None),
        lambda data: services.reverse_income(actor=person(request), income=income, **data),
        title=_("Reverse the income of %(day)s") % {"day": income.received_on},
        lead=_("Nothing is deleted: the opposite is recorded beside it, portion by portion, with your reason."),
        submit=_("Reverse it"),
        back=reverse("pool:income", args=[income.uid]),
        back_label=income.asset.name,
        done=_("It is reversed."),
        danger=True,
        goes_back=True,
    )


@require_safe
@login_required
def income_export(request: HttpRequest, uid: UUID, kind: str) -> FileResponse:
    """What an asset earned and to whom it went, as a table."""
    asset = asset_for(request, uid, "pool.view_money")
    return table_response(portions_of(asset), PORTIONS, kind=kind, filename="income")
