"""Effects against published answers: the figures stand here with their source, the data sets outside the repository."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from ronghe.methods.effects import (
    Adjustment,
    Cohorts,
    Compared,
    Errors,
    Family,
    Incomplete,
    InterruptedSeries,
    Panel,
    Staggered,
    StaggeredEffect,
    TwoByTwo,
    TwoShares,
    alpha_spending,
    compare_cohorts,
    interrupted_series,
    power_of_two_shares,
    staggered,
    two_by_two,
)
from ronghe.methods.effects.power import SharesTest
from tests.need import shared

Column = Callable[[str], NDArray[np.float64]]
DATA = "vectors/evaluation/data"


def columns(path: Path) -> Column:
    with path.open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    return lambda name: np.array([float(row[name]) if row[name] not in ("", "NA") else np.nan for row in rows])


@pytest.fixture(scope="module")
def mpdta() -> Column:
    return columns(shared(f"{DATA}/mpdta.csv"))


def minimum_wage(data: Column, **options: object) -> StaggeredEffect:
    start = np.where(data("first.treat") == 0, np.nan, data("first.treat"))
    covariates = {"lpop": data("lpop")} if options.pop("with_population", False) else {}
    panel = Panel(data("countyreal"), data("year"), data("lemp"), start, covariates)
    return staggered(Staggered(panel, **options))  # type: ignore[arg-type]


def test_effects_of_minimum_wages_by_group_and_year_come_out_as_in_the_did_package(mpdta: Column) -> None:
    # Callaway and Sant'Anna, R package did 2.5.1, README, without covariates; analytic errors as independent packages
    # agree on them.
    published = [
        (2004, 2004, -0.0105, 0.0233),
        (2004, 2005, -0.0704, 0.0310),
        (2004, 2006, -0.1373, 0.0364),
        (2004, 2007, -0.1008, 0.0344),
        (2006, 2004, 0.0065, 0.0233),
        (2006, 2005, -0.0028, 0.0196),
        (2006, 2006, -0.0046, 0.0178),
        (2006, 2007, -0.0412, 0.0202),
        (2007, 2004, 0.0305, 0.0150),
        (2007, 2005, -0.0027, 0.0164),
        (2007, 2006, -0.0311, 0.0179),
        (2007, 2007, -0.0261, 0.0167),
    ]
    found = minimum_wage(mpdta)
    assert [(cell.group, cell.period) for cell in found.group_time] == [(group, year) for group, year, *_ in published]
    for cell, (_, _, effect, error) in zip(found.group_time, published, strict=True):
        assert cell.effect.value == pytest.approx(effect, abs=6e-5)
        assert cell.effect.standard_error == pytest.approx(error, abs=6e-5)
    assert found.overall.value == pytest.approx(-0.0310, abs=6e-5)
    assert dict(found.by_group)[2004.0].value == pytest.approx(-0.0797, abs=6e-5)
    assert dict(found.by_group)[2006.0].value == pytest.approx(-0.0229, abs=6e-5)
    assert dict(found.by_group)[2007.0].value == pytest.approx(-0.0261, abs=6e-5)
    assert found.simple.value == pytest.approx(-0.03995128, abs=1e-6)
    assert found.simple.standard_error == pytest.approx(0.01203401, abs=1e-6)
    # The README's pre-test of parallel trends.
    assert found.pre_trend is not None
    assert found.pre_trend.p_value == pytest.approx(0.16812, abs=1e-5)


def test_with_population_as_covariate_the_pre_test_is_the_published_one(mpdta: Column) -> None:
    # The README's doubly robust estimates with xformla = ~lpop: "P-value for pre-test … 0.23267" and ATT(2004, 2004).
    found = minimum_wage(mpdta, with_population=True)
    assert found.pre_trend is not None
    assert found.pre_trend.p_value == pytest.approx(0.23267, abs=1e-5)
    assert found.group_time[0].effect.value == pytest.approx(-0.0145, abs=6e-5)


@pytest.mark.parametrize("adjustment", list(Adjustment))
def test_the_three_adjustments_agree_within_their_errors(mpdta: Column, adjustment: Adjustment) -> None:
    found = minimum_wage(mpdta, with_population=True, adjustment=adjustment, compared=Compared.NOT_YET)
    assert found.overall.value == pytest.approx(-0.0323, abs=0.002)


def test_card_and_krueger_come_out_as_in_their_table_3() -> None:
    # Card and Krueger, American Economic Review 84, 1994, table 3.
    data = columns(shared(f"{DATA}/card-krueger.csv"))
    rows = {"outcome": data("fte"), "treated": data("nj"), "after": data("d")}
    found = two_by_two(TwoByTwo(**rows, missing=Incomplete.DROP_UNITS))
    for cell, mean, error in (
        (found.compared_before, 23.33, 1.35),
        (found.treated_before, 20.44, 0.51),
        (found.compared_after, 21.17, 0.94),
        (found.treated_after, 21.03, 0.52),
    ):
        assert (cell.mean, cell.standard_error) == (pytest.approx(mean, abs=0.011), pytest.approx(error, abs=0.011))
    assert found.effect.value == pytest.approx(2.76, abs=0.011)


def test_nsw_comes_out_as_in_dehejia_and_wahba_and_shows_where_its_cohorts_differ() -> None:
    # Dehejia and Wahba, Journal of the American Statistical Association 94, 1999: 1,794 (standard error 671 by Welch).
    data = columns(shared(f"{DATA}/nsw_dw.csv"))
    baseline = {name: data(name) for name in ("age", "educ", "re74", "re75", "nodegree")}
    found = compare_cohorts(Cohorts(data("re78"), data("treat"), baseline))
    assert found.plain.value == pytest.approx(1794.34, abs=0.5)
    assert found.plain.standard_error == pytest.approx(671.0, abs=0.5)
    assert (found.treated, found.compared) == (185, 260)
    apart = {difference.name: abs(difference.difference) for difference in found.baseline}
    assert apart["nodegree"] > 0.25 > apart["age"]
    assert found.guard.standing.value == "fails"


@pytest.mark.parametrize(
    ("errors", "season", "ratio", "low", "high"),
    [(Errors.INDEPENDENT, None, 0.894, 0.864, 0.925), (Errors.OVERDISPERSED, 12, 0.885, 0.839, 0.933)],
)
def test_sicily_s_smoking_ban_comes_out_as_published(
    errors: Errors, season: float | None, ratio: float, low: float, high: float
) -> None:
    # Lopez Bernal, Cummins and Gasparrini, International Journal of Epidemiology 46, 2017.
    data = columns(shared(f"{DATA}/sicily.csv"))
    found = interrupted_series(
        InterruptedSeries(
            data("aces"),
            interruption=int(np.argmax(data("smokban"))),
            family=Family.COUNT,
            errors=errors,
            exposure=data("stdpop"),
            season=season,
            slope_change=False,
        )
    )
    assert found.ratio is not None and found.ratio_interval is not None
    assert found.ratio == pytest.approx(ratio, abs=0.001)
    assert found.ratio_interval.low == pytest.approx(low, abs=0.001)
    assert found.ratio_interval.high == pytest.approx(high, abs=0.001)


def test_five_even_looks_have_the_published_boundaries() -> None:
    # Lan and DeMets' spending of O'Brien–Fleming kind, two-sided 5% (Reboussin, DeMets, Kim and Lan, "Programs for
    # computing group sequential boundaries", Controlled Clinical Trials 21, 2000).
    found = [look.critical_value for look in alpha_spending([0.2, 0.4, 0.6, 0.8, 1.0])]
    assert found == pytest.approx([4.8769, 3.3569, 2.6803, 2.2898, 2.0310], abs=2e-4)


def test_power_of_thirty_an_arm_is_eighty_percent_by_z_and_seventy_two_by_fisher() -> None:
    by_z = power_of_two_shares(TwoShares(0.47, 0.81, 30, 30))
    assert by_z.approximate == pytest.approx(0.80, abs=0.005)
    assert by_z.power == pytest.approx(0.80, abs=0.005)
    by_fisher = power_of_two_shares(TwoShares(0.47, 0.81, 30, 30, SharesTest.FISHER))
    assert by_fisher.power == pytest.approx(0.72, abs=0.005)
