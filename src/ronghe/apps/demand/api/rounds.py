"""Demand rounds, panels and forecasts for programs: read only, and of panels never more than a page shows."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status

from ronghe.apps.demand import selectors
from ronghe.apps.demand.models import DemandRoundState
from ronghe.apps.ledger.answers import Problem

router = Router(tags=["demand"])


class RoundOut(Schema):
    """A demand round; `digest` is empty before its white paper is frozen."""

    uid: UUID
    name_zh: str
    name_en: str
    first_day: date
    last_day: date
    state: str
    frozen_at: datetime | None
    digest: str


class WhitePaperOut(RoundOut):
    """A frozen white paper: `content` is the JSON whose canonical form (RFC 8785) has the digest."""

    content: dict[str, Any]


class PanelRoundOut(Schema):
    """A closed round of a panel: its result, without any single answer."""

    number: int
    kind: str
    closed_on: date
    digest: str
    result: dict[str, Any]


class PanelOut(Schema):
    """A panel and its closed rounds."""

    uid: UUID
    name_zh: str
    name_en: str
    question_zh: str
    question_en: str
    state: str
    rounds: list[PanelRoundOut]


class ForecastMonthOut(Schema):
    """One month of a forecast and, once it is over, what came."""

    month: date
    horizon: int
    mean: float
    low_80: float | None
    high_80: float | None
    low_90: float | None
    high_90: float | None
    naive: float
    outcome: float | None


class ForecastOut(Schema):
    """The newest forecast of a skill or field. `of` is series, group or refused; `refusal` the reason's code."""

    uid: UUID
    code: str
    made_on: date
    last_month: date
    of: str
    rate: float
    ceiling: float | None
    refusal: str
    method: str
    version: int
    inputs_hash: str
    months: list[ForecastMonthOut]


def _demand(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied(_("Your role in the community does not allow this. Ask the community office."))


@router.get("/rounds", response={200: list[RoundOut], 403: Problem}, summary="Demand rounds")
def list_rounds(request: HttpRequest) -> Any:
    """Those that you may see, the latest first; at most a hundred."""
    _demand(request, "demand.view_round")
    return list(selectors.rounds(request.user)[:100])


@router.get("/rounds/{uid}", response={200: WhitePaperOut, 403: Problem, 404: Problem}, summary="One white paper")
def get_round(request: HttpRequest, uid: UUID) -> Any:
    """The frozen content. A round that still runs has none."""
    _demand(request, "demand.view_round")
    found = selectors.round_of(request.user, uid)
    if found is None or found.state != DemandRoundState.FROZEN:
        return Status(404, {"detail": _("There is no such demand round, or it is not open to you.")})
    return found


@router.get("/panels/{uid}", response={200: PanelOut, 403: Problem, 404: Problem}, summary="One panel of experts")
def get_panel(request: HttpRequest, uid: UUID) -> Any:
    """Results of the closed rounds; below five answers only their number."""
    _demand(request, "demand.view_panel")
    page = selectors.panel_page(request.user, uid)
    if page is None:
        return Status(404, {"detail": _("There is no such panel, or it is not open to you.")})
    panel = page.panel
    return {
        "uid": panel.uid,
        "name_zh": panel.name_zh,
        "name_en": panel.name_en,
        "question_zh": panel.question_zh,
        "question_en": panel.question_en,
        "state": panel.state,
        "rounds": [one.round for one in page.rounds if not one.is_open],
    }


@router.get("/forecasts", response={200: list[ForecastOut], 403: Problem}, summary="Newest forecasts")
def list_forecasts(request: HttpRequest) -> Any:
    """Of each field and of the skills asked for most."""
    _demand(request, "demand.view_forecast")
    shown = []
    for row in selectors.newest_forecasts():
        one = row.forecast
        subject = one.skill or one.field
        names = ("uid", "made_on", "last_month", "of", "rate", "ceiling", "refusal", "method", "version", "inputs_hash")
        shown.append(
            {
                **{name: getattr(one, name) for name in names},
                "code": subject.code if subject else "",
                "months": row.months,
            }
        )
    return shown
