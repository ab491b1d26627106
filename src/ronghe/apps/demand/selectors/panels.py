"""Panels of experts for pages and programs: the list, and one panel with the results that may be shown."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone

from ronghe.apps.demand.models import ExpertSide, Panel, PanelExpert, PanelItem, PanelRound, PanelState, RoundKind

_SIGNS = {PanelState.DRAFT: "none", PanelState.RUNNING: "progress", PanelState.ENDED: "ok"}


@dataclass(frozen=True, slots=True)
class PanelRow:
    """One line of the list."""

    panel: Panel
    sign: str
    items: int
    experts: int
    rounds: int
    due_on: Any


def rounds_waiting_for(user: Any) -> list[PanelRound]:
    """The rounds open in panels that `user` is invited to, the first due first. Nothing here knows who has answered."""
    asked = PanelRound.objects.filter(
        panel__experts__person=user.pk, closed_on__isnull=True, due_on__gte=timezone.localdate()
    )
    return list(asked.select_related("panel").order_by("due_on", "pk"))


def panel_rows(user: Any) -> list[PanelRow]:
    """The panels that `user` may see, the newest first: three queries."""
    visible = Panel.objects.visible_to(user).values("pk")
    found = Panel.objects.filter(pk__in=visible).prefetch_related("rounds")
    counted = {
        row["pk"]: row
        for row in found.prefetch_related(None).values(
            "pk",
            item_count=Count("items", distinct=True),
            expert_count=Count("experts", filter=Q(experts__person__isnull=False), distinct=True),
        )
    }
    return [
        PanelRow(
            panel,
            _SIGNS[PanelState(panel.state)],
            counted[panel.pk]["item_count"],
            counted[panel.pk]["expert_count"],
            len(panel.rounds.all()),
            next((one.due_on for one in panel.rounds.all() if one.closed_on is None), None),
        )
        for panel in found
    ]


@dataclass(frozen=True, slots=True)
class ItemResult:
    """The result of one item in one round; the figures are None where fewer than five answered it."""

    item: PanelItem
    figures: dict[str, Any]

    @property
    def percent(self) -> float | None:
        """The share of answers in agreement, or the weight, in per cent."""
        return _percent(self.figures.get("share", self.figures.get("weight")))

    @property
    def percent_low(self) -> float | None:
        """The lower end of the weight's interval."""
        return _percent(self.figures.get("low"))

    @property
    def percent_high(self) -> float | None:
        """The upper end of the weight's interval."""
        return _percent(self.figures.get("high"))

    @property
    def change_percent(self) -> float | None:
        """The share of answers that changed place since the round before."""
        return _percent(self.figures.get("change"))


def _percent(share: float | None) -> float | None:
    return None if share is None else share * 100


@dataclass(frozen=True, slots=True)
class RoundResult:
    """One round; `rows` is empty while it runs and where fewer than five answered. `given` counts answers."""

    round: PanelRound
    rows: list[ItemResult]
    given: int
    seats: int
    is_late: bool

    @property
    def is_open(self) -> bool:
        """Whether it takes answers, or would until its last day passed."""
        return self.round.closed_on is None

    @property
    def is_rating(self) -> bool:
        """Whether the items were rated one by one."""
        return self.round.kind == RoundKind.RATING

    @property
    def dots(self) -> list[dict[str, Any]]:
        """The items as a plot: medians between their quartiles, or weights with their intervals, in per cent."""
        if not self.is_rating:
            return [
                {"label": row.item.text, "value": row.percent, "low": row.percent_low, "high": row.percent_high}
                for row in sorted(self.rows, key=lambda row: -row.figures["weight"])
            ]
        return [
            {
                "label": row.item.text,
                "value": row.figures["median"],
                "low": row.figures["lower"],
                "high": row.figures["upper"],
            }
            for row in self.rows
            if row.figures["median"] is not None
        ]

    @property
    def reasons(self) -> list[dict[str, Any]]:
        """The written reasons by item."""
        told = [{"item": row.item, "reasons": row.figures.get("reasons")} for row in self.rows]
        return [one for one in told if one["reasons"]]


@dataclass(frozen=True, slots=True)
class PanelPage:
    """All that the page of a panel shows."""

    panel: Panel
    sign: str
    items: list[PanelItem]
    experts: list[PanelExpert]
    school: int
    enterprise: int
    rounds: list[RoundResult]
    may_run: bool

    @property
    def least_percent(self) -> int:
        """The least share in agreement, in per cent."""
        return round(self.panel.least_share * 100)

    @property
    def change_percent(self) -> int:
        """The share of changes below which an item is stable, in per cent."""
        return round(self.panel.most_change * 100)

    @property
    def running(self) -> RoundResult | None:
        """The round that is open."""
        return next((one for one in self.rounds if one.is_open), None)

    @property
    def newest(self) -> RoundResult | None:
        """The latest closed round."""
        closed = [one for one in self.rounds if not one.is_open]
        return closed[-1] if closed else None

    @property
    def may_open(self) -> bool:
        """Whether a round can be opened now."""
        return self.may_run and self.panel.state != PanelState.ENDED and self.running is None


def panel_page(user: Any, uid: Any) -> PanelPage | None:
    """The panel `uid`; None when there is none, or none that `user` may see. Who is invited only the office sees."""
    panel = Panel.objects.filter(uid=uid).first()
    if panel is None or not user.has_perm("demand.view_panel", panel):
        return None
    items = list(panel.items.select_related("skill"))
    may_run = user.has_perm("demand.run_panel")
    invited = list(panel.experts.select_related("person"))
    today = timezone.localdate()
    by_key = {item.pk: item for item in items}
    rounds = [
        RoundResult(
            one,
            [ItemResult(by_key[row["item"]], row) for row in (one.result or {}).get("items", [])],
            one.given_count,
            one.seat_count,
            one.is_late(today),
        )
        for one in panel.rounds.annotate(
            given_count=Count("answers", filter=Q(answers__content__isnull=False)), seat_count=Count("answers")
        )
    ]
    sides = [one.side for one in invited]
    return PanelPage(
        panel,
        _SIGNS[PanelState(panel.state)],
        items,
        invited if may_run else [],
        sides.count(ExpertSide.SCHOOL),
        sides.count(ExpertSide.ENTERPRISE),
        rounds,
        may_run,
    )
