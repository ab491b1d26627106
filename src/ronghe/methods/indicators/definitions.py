"""What the eight indicators are, as data: names, formula, goalposts by effective date, kind of interval.

It computes no indicator (`measures`) and no index (`index`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ronghe.methods.explained import UnmetAssumption

Floats = NDArray[np.float64]

VERSION = 1
LEAST_NORMALISED = 0.01


class IntervalKind(Enum):
    """How an indicator's interval is formed."""

    CLUSTER_BOOTSTRAP = "cluster bootstrap"
    BOOTSTRAP = "bootstrap"
    WILSON = "wilson"
    GREENWOOD = "greenwood, log-log"
    PRODUCT = "product of shares"


class View(Enum):
    """Which of the four views of a balanced scorecard an indicator serves."""

    GROWTH = "growth"
    SERVICE = "service"
    OPERATION = "operation"
    SATISFACTION = "satisfaction"


@dataclass(frozen=True, slots=True)
class Goalpost:
    """The values that score 0 and 1, from a date on; `logarithmic` compares ratios instead of differences.

    `low` above `high` is allowed and means that less is better. `high` may be None where a policy sets it: then it
    must be given before anything is normalised.
    """

    low: float
    high: float | None
    effective_from: date
    logarithmic: bool = False


@dataclass(frozen=True, slots=True)
class Indicator:
    """One measure: names, formula in both languages, unit, goalposts (oldest first), interval, scorecard view."""

    code: str
    name_zh: str
    name_en: str
    formula_zh: str
    formula_en: str
    unit: str
    goalposts: tuple[Goalpost, ...]
    interval: IntervalKind
    view: View
    audit_question_en: str | None
    audit_question_zh: str | None

    def goalpost_on(self, day: date) -> Goalpost:
        """Return the goalpost in force on the day. Raises `UnmetAssumption` `indicators.no_goalpost` before any."""
        in_force = [goalpost for goalpost in self.goalposts if goalpost.effective_from <= day]
        if not in_force:
            raise UnmetAssumption(
                "indicators.no_goalpost",
                f"{self.code} has no goalpost on {day.isoformat()}",
                f"ask for a day from {self.goalposts[0].effective_from.isoformat()} on",
            )
        return max(in_force, key=lambda goalpost: goalpost.effective_from)


FIRST_DAY = date(2026, 1, 1)


def _from_first_day(low: float, high: float | None) -> tuple[Goalpost, ...]:
    return (Goalpost(low, high, FIRST_DAY),)


INDICATORS: tuple[Indicator, ...] = (
    Indicator(
        "investment_duration",
        "企业投入时长",
        "enterprise investment duration",
        "（双方签认的实践学时＋企业导师学时）÷ 学生年数",
        "(co-signed practice hours + mentor hours) ÷ student-years",
        "h per student-year",
        _from_first_day(0.0, 240.0),
        IntervalKind.CLUSTER_BOOTSTRAP,
        View.GROWTH,
        "hours delivered",
        "学时是否足额投入",
    ),
    Indicator(
        "technology_conversion",
        "技术转化率",
        "technology conversion rate",
        "1 − KM（24个月）：自项目结题至采用、许可或转让；不满24个月的项目按删失处理",
        "1 − KM(24 months) from project close to adoption, licence or transfer; younger projects are censored",
        "share",
        _from_first_day(0.0, None),
        IntervalKind.GREENWOOD,
        View.SERVICE,
        None,
        None,
    ),
    Indicator(
        "employment_competitiveness",
        "就业竞争力",
        "employment competitiveness",
        "100 × 几何平均（就业率，薪酬÷地区中位数，专业对口率）",
        "100 × geometric mean of placement share, pay ÷ regional median, job match",
        "points",
        _from_first_day(50.0, 100.0),
        IntervalKind.PRODUCT,
        View.SERVICE,
        "placement",
        "就业情况",
    ),
    Indicator(
        "curriculum_update",
        "课程更新率",
        "curriculum update rate",
        "6个月内实质更新的教学单元 ÷ 教学单元总数",
        "units substantively replaced in 6 months ÷ units",
        "share",
        _from_first_day(0.0, 0.30),
        IntervalKind.WILSON,
        View.OPERATION,
        "plan is current",
        "培养方案是否及时更新",
    ),
    Indicator(
        "participation_depth",
        "参与深度",
        "participation depth",
        "√[min(1, 企业导师学时占比÷0.60) × min(1, 实践学分占比÷0.30)]",
        "√(min(1, mentor-hour share ÷ 0.60) · min(1, practice-credit share ÷ 0.30))",
        "share",
        _from_first_day(0.0, 1.0),
        IntervalKind.PRODUCT,
        View.OPERATION,
        "trainer eligibility",
        "带教人员资格",
    ),
    Indicator(
        "technical_compliance",
        "技术达标率",
        "technical compliance",
        "首次考核通过人数 ÷ 参加考核人数",
        "first-attempt passes ÷ candidates",
        "share",
        _from_first_day(0.50, 0.92),
        IntervalKind.WILSON,
        View.SERVICE,
        "examinations",
        "考核情况",
    ),
    Indicator(
        "retention",
        "留任率",
        "retention",
        "KM S（12个月）：在用人单位留任；离职与删失分开计算",
        "KM S(12 months) at the employer; leavers and censored kept apart",
        "share",
        _from_first_day(0.47, 0.81),
        IntervalKind.GREENWOOD,
        View.SATISFACTION,
        "dissolution",
        "解约情况",
    ),
    Indicator(
        "satisfaction",
        "满意度",
        "satisfaction",
        "企业与学生“满意及以上”占比的几何平均",
        "geometric mean of the top-two-box shares of employers and of students",
        "share",
        _from_first_day(0.60, 0.98),
        IntervalKind.PRODUCT,
        View.SATISFACTION,
        None,
        None,
    ),
)

# Shown beside the eight, without weight: equipment utilisation, months of adaptation, operation error rate, CRI.
SATELLITES: Mapping[str, tuple[str, str]] = {
    "equipment_utilisation": ("设备利用率", "equipment utilisation"),
    "adaptation": ("岗位适应期（月）", "adaptation (months)"),
    "operation_error_rate": ("操作差错率", "operation error rate"),
    "corporate_response_index": ("企业响应指数", "Corporate Response Index"),
}


def normalise(values: ArrayLike, goalposts: Sequence[Goalpost], floor: float = LEAST_NORMALISED) -> Floats:
    """Return z = clip((x − lo)/(hi − lo), floor, 1), of the shape of `values` (…, indicators); NaN stays NaN.

    With a logarithmic goalpost x, lo and hi are replaced by their logarithms (as income in the Human Development
    Index). Raises `UnmetAssumption`: `indicators.shapes`, `indicators.goalpost` (no upper value, equal ends, or a
    logarithm of 0).
    """
    x = np.asarray(values, dtype=np.float64)
    if x.ndim == 0 or x.shape[-1] != len(goalposts):
        raise UnmetAssumption(
            "indicators.shapes", f"values of shape {x.shape} and {len(goalposts)} goalposts", "give one a column"
        )
    z = np.empty_like(x)
    for column, goalpost in enumerate(goalposts):
        low, high = _ends(goalpost)
        with np.errstate(divide="ignore", invalid="ignore"):
            position = np.log(x[..., column]) if goalpost.logarithmic else x[..., column]
        z[..., column] = np.clip((position - low) / (high - low), floor, 1.0)
    return z


def _ends(goalpost: Goalpost) -> tuple[float, float]:
    low, high = goalpost.low, goalpost.high
    if high is None:
        raise UnmetAssumption(
            "indicators.goalpost", "a goalpost without its upper value", "give the value that the policy asks for"
        )
    if low == high or not (math.isfinite(low) and math.isfinite(high)):
        raise UnmetAssumption("indicators.goalpost", f"a goalpost from {low} to {high}", "give two different values")
    if goalpost.logarithmic:
        if min(low, high) <= 0:
            raise UnmetAssumption(
                "indicators.goalpost", f"a logarithmic goalpost from {low} to {high}", "give values above 0"
            )
        return math.log(low), math.log(high)
    return low, high
