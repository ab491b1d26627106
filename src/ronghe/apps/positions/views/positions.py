"""Positions: the list, one position, and its way from draft to withdrawal."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required, permission_required
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from ronghe.apps.accounts.pages import deed, form_page, person
from ronghe.apps.community.models import Chain, Region, StudyField
from ronghe.apps.jobs.exports import table_response
from ronghe.apps.metrics import registry
from ronghe.apps.metrics.measurement import Window
from ronghe.apps.positions import selectors, services
from ronghe.apps.positions.forms import ChainRuleForm, PositionForm, ReasonForm
from ronghe.apps.positions.imports import POSITIONS, position_lines
from ronghe.apps.positions.models import ChainRule, Position, PositionState
from ronghe.apps.positions.views.frame import (
    agreements_behind,
    asked_revision,
    found_or_404,
    own_firms,
    revision_of,
    tabs,
)

_A_PAGE = 30


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _filters(request: HttpRequest) -> dict[str, Any]:
    asked = request.GET
    return {
        "text": asked.get("text", "").strip()[:80],
        "field": asked.get("field", ""),
        "state": asked.get("state", ""),
        "region": _number(asked.get("region", "")),
        "chain": _number(asked.get("chain", "")),
        "skill": asked.get("skill", "")[:80],
    }


@require_safe
@login_required
def overview(request: HttpRequest) -> HttpResponse:
    """The positions open to who looks; a student sees how well each suits."""
    user = person(request)
    asked = _filters(request)
    found = selectors.positions(user, **asked)
    is_student = user.has_perm("positions.declare_skill")
    listed: Any = selectors.by_fit(found, student=user.pk) if is_student else found
    page = Paginator(listed, _A_PAGE).get_page(request.GET.get("page"))
    own = own_firms(user)
    today = timezone.localdate()
    window = Window(today - timedelta(days=365), today)
    offered = registry.measure("positions.enterprise.seats_offered", [one.pk for one in own], window) if own else {}
    visible = Position.objects.visible_to(user)
    context = {
        "tabs": tabs(user, "overview"),
        "page": page,
        "rows": page.object_list if is_student else selectors.rows(page.object_list),
        "asked": asked,
        "fields": StudyField.choices,
        "states": [one for one in PositionState.choices if one[0] in set(visible.values_list("state", flat=True))],
        "regions": Region.objects.filter(positions__in=visible).distinct(),
        "chains": Chain.objects.filter(positions__in=visible).distinct(),
        "is_student": is_student,
        "may_offer": bool(own),
        "firms": own,
        "offered": [(one, offered[one.pk]) for one in own],
        "definitions": [registry.get("positions.enterprise.seats_offered")],
    }
    return render(request, "positions/overview.html", context)


@require_safe
@login_required
def export(request: HttpRequest, kind: str) -> FileResponse:
    """What the list shows, as CSV or XLSX."""
    if kind not in ("csv", "xlsx"):
        found_or_404(None)
    found = selectors.positions(person(request), **_filters(request)).prefetch_related("skills__skill")
    return table_response(position_lines(found), POSITIONS, kind=kind, filename="positions")


def _found(request: HttpRequest, uid: UUID) -> Position:
    return found_or_404(selectors.find(person(request), uid))


def _address(position: Position) -> str:
    return reverse("positions:position", args=[position.uid])


@require_safe
@login_required
def position_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One position: what it asks and offers, what stands behind it, what it offered before."""
    user, position = person(request), _found(request, uid)
    is_own = user.has_perm("positions.change_position", position)
    may_amend = user.has_perm("positions.amend_position", position)
    may_approve = user.has_perm("positions.approve_position")
    is_student = user.has_perm("positions.declare_skill")
    (row,) = selectors.rows([position], student=user.pk if is_student else None)
    state = position.state
    context = {
        "position": position,
        "row": row,
        "skills": position.skills.select_related("skill"),
        "requirements": position.requirements.visible_to(user).select_related("skill", "organisation"),
        "units": position.units.select_related("version__package__course"),
        "offers": position.offers.known().select_related("chain").order_by("-valid_from"),
        "is_student": is_student,
        "may_see_agreement": position.agreement is not None and may_amend,
        "may_submit": is_own and state == PositionState.DRAFT,
        "may_approve": may_approve and state == PositionState.SUBMITTED,
        "may_amend": may_amend and state in (PositionState.OPEN, PositionState.CLOSED),
        "may_close": may_amend and state == PositionState.OPEN,
        "may_withdraw": may_amend and state != PositionState.WITHDRAWN,
        "rounds": [
            one
            for one in selectors.rounds(user).filter(round_positions__position=position)
            if user.has_perm("positions.view_round")
        ],
    }
    return render(request, "positions/position.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("positions.offer_position", raise_exception=True)
def position_new(request: HttpRequest) -> HttpResponse:
    """Write a position down."""
    user = person(request)
    firms = own_firms(user)
    form = PositionForm(request.POST or None, enterprises=firms, agreements=agreements_behind(firms))
    return form_page(
        request,
        form,
        lambda data: services.draft_position(
            actor=user, organisation=data.get("organisation") or firms[0], data=form.position_data()
        ),
        title=_("Offer a position"),
        lead=_("It is a draft until you submit it; the community office then approves it."),
        submit=_("Save the draft"),
        back=reverse("positions:overview"),
        back_label=_("Positions"),
        done=_("The draft is saved. Read it once more, then submit it."),
        template="positions/position_form.html",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def position_change(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Change a draft, or amend an open position from a day on."""
    user, position = person(request), _found(request, uid)
    amends = position.state != PositionState.DRAFT
    form = PositionForm(
        request.POST or None,
        enterprises=[position.organisation],
        agreements=agreements_behind([position.organisation]),
        position=position,
        amends=amends,
    )

    def act(data: dict[str, Any]) -> Position:
        revision = revision_of(data, position.revision)
        if amends:
            return services.amend_position(
                actor=user, position=position, revision=revision, data=form.position_data(), from_day=data["from_day"]
            )
        return services.change_draft(actor=user, position=position, revision=revision, data=form.position_data())

    return form_page(
        request,
        form,
        act,
        title=_("Amend “%(title)s”") % {"title": position.title} if amends else _("Change the draft"),
        lead=_("What it offered before that day stays on record.") if amends else "",
        submit=_("Save"),
        back=_address(position),
        back_label=position.title,
        done=_("The change is saved."),
        template="positions/position_form.html",
    )


@require_POST
@login_required
def submit(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Submit a draft for approval."""
    position = _found(request, uid)
    return deed(
        request,
        lambda: services.submit_position(
            actor=person(request), position=position, revision=asked_revision(request, position.revision)
        ),
        done=_("It is submitted; the community office approves it or sends it back."),
        back=_address(position),
    )


@require_POST
@login_required
def approve(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Open a submitted position."""
    position = _found(request, uid)
    return deed(
        request,
        lambda: services.approve_position(
            actor=person(request), position=position, revision=asked_revision(request, position.revision)
        ),
        done=_("The position is open."),
        back=_address(position),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("positions.approve_position", raise_exception=True)
def send_back(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Send a submitted position back to its firm."""
    position = _found(request, uid)
    return form_page(
        request,
        ReasonForm(request.POST or None, initial={"revision": position.revision}),
        lambda data: services.return_position(
            actor=person(request),
            position=position,
            revision=revision_of(data, position.revision),
            reason=data["reason"],
        ),
        title=_("Send “%(title)s” back") % {"title": position.title},
        submit=_("Send it back"),
        back=_address(position),
        back_label=position.title,
        done=_("It is sent back; the firm reads your reason."),
    )


@require_POST
@login_required
def close(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Take nobody more."""
    position = _found(request, uid)
    return deed(
        request,
        lambda: services.close_position(
            actor=person(request), position=position, revision=asked_revision(request, position.revision)
        ),
        done=_("The position is closed; its seats stay offered."),
        back=_address(position),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Withdraw a position, with the reason."""
    position = _found(request, uid)
    return form_page(
        request,
        ReasonForm(request.POST or None, initial={"revision": position.revision}),
        lambda data: services.withdraw_position(
            actor=person(request),
            position=position,
            revision=revision_of(data, position.revision),
            reason=data["reason"],
        ),
        title=_("Withdraw “%(title)s”") % {"title": position.title},
        lead=_("From today on its seats are not offered; what was offered before stays on record."),
        submit=_("Withdraw it"),
        back=_address(position),
        back_label=position.title,
        done=_("The position is withdrawn."),
        danger=True,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@permission_required("positions.set_chain_rule", raise_exception=True)
def chain_rule(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say whether a chain asks for a signed agreement behind its positions."""
    chain = found_or_404(Chain.objects.visible_to(person(request)).filter(uid=uid).first())
    standing = ChainRule.objects.known().filter(chain=chain, valid_until__isnull=True).first()
    initial = {
        "asks_for_agreement": standing.asks_for_agreement if standing else False,
        "valid_from": timezone.localdate(),
    }
    return form_page(
        request,
        ChainRuleForm(request.POST or None, initial=initial),
        lambda data: services.set_chain_rule(actor=person(request), chain=chain, **data),
        title=_("Rule of “%(chain)s” on positions") % {"chain": chain.name},
        submit=_("Set the rule"),
        back=chain.get_absolute_url(),
        back_label=chain.name,
        done=_("The rule is set."),
        goes_back=True,
    )
