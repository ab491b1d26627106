"""Reads of demand for pages, for the API and for the floors above: few queries, typed rows, nothing written.

Whoever shows rows asks `visible_to` first; selectors that take a `user` have done so.
"""

from ronghe.apps.demand.selectors.catalogue import (
    Catalogue,
    Choices,
    Label,
    ProcessingState,
    SkillLabel,
    catalogue,
    choices,
    default_window,
    processing_state,
    sources,
)
from ronghe.apps.demand.selectors.overview import PAGE_SIZE, SORTS, AllRows, Overview, SkillRow, all_rows, overview
from ronghe.apps.demand.selectors.panels import (
    ItemResult,
    PanelPage,
    PanelRow,
    RoundResult,
    panel_page,
    panel_rows,
    rounds_waiting_for,
)
from ronghe.apps.demand.selectors.postings import PostingPage, Span, posting_page, postings, spans_of
from ronghe.apps.demand.selectors.reports import (
    ForecastRow,
    FrozenRecords,
    forecast_row,
    frozen_records,
    kept_accuracy,
    newest_forecasts,
    round_of,
    round_tabs,
    rounds,
)
from ronghe.apps.demand.selectors.requirements import RequirementRow, requirement_row, requirement_rows, requirements
from ronghe.apps.demand.selectors.skills import Companion, SkillPage, skill_page

__all__ = [
    "PAGE_SIZE",
    "SORTS",
    "AllRows",
    "Catalogue",
    "Choices",
    "Companion",
    "ForecastRow",
    "FrozenRecords",
    "ItemResult",
    "Label",
    "Overview",
    "PanelPage",
    "PanelRow",
    "PostingPage",
    "ProcessingState",
    "RequirementRow",
    "RoundResult",
    "SkillLabel",
    "SkillPage",
    "SkillRow",
    "Span",
    "all_rows",
    "catalogue",
    "choices",
    "default_window",
    "forecast_row",
    "frozen_records",
    "kept_accuracy",
    "newest_forecasts",
    "overview",
    "panel_page",
    "panel_rows",
    "posting_page",
    "postings",
    "processing_state",
    "requirement_row",
    "requirement_rows",
    "requirements",
    "round_of",
    "round_tabs",
    "rounds",
    "rounds_waiting_for",
    "skill_page",
    "sources",
    "spans_of",
]
