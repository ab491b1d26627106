"""Intervals of CRI by Poisson bootstrap: enterprises for a community or programme, postings for one enterprise.

Each replicate gives every enterprise (or row) an independent weight ~ Poisson(1), estimates the lags anew where the
history is given, and computes CRI again. They cover sampling only: neither errors of declaration nor of extraction.
Sources: Hanley and MacGibbon, "Creating non-parametric bootstrap samples using Poisson frequencies", 2006; Hesterberg,
"What teachers should know about the bootstrap", 2015, section 4.4 (percentiles expanded for few clusters).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from ronghe.methods.cri.definition import FEWEST, CriInputs
from ronghe.methods.cri.index import CriResult, index_of
from ronghe.methods.cri.lag import lag_months, onset_months
from ronghe.methods.demand import Floats, Integers, SkillTable, poisson_weights
from ronghe.methods.explained import Assumption, Caution, Explanation, UnmetAssumption, inputs_hash

REPLICATES = 1000
_CELLS_AT_ONCE = 8_000_000


@dataclass(frozen=True, slots=True)
class DemandHistory:
    """The postings and requirements behind the demand, one row each, as parallel arrays (rows,).

    `weight` is head count × recency, `head_count` people; `month` counts from 0 to `months` − 1, which is now, and rows
    outside are left out of the lags only. `first_release` (skills,) as in `LagInputs`.
    """

    table: SkillTable
    enterprise: Integers
    weight: Floats
    head_count: Floats
    month: Integers
    months: int
    first_release: Floats


@dataclass(frozen=True, slots=True)
class CriBootstrap:
    """The result to put an interval on, and how; the seed makes it repeatable.

    With a `history` the lags are estimated anew in each replicate; without one they are taken as known.
    """

    base: CriResult
    history: DemandHistory | None = None
    replicates: int = REPLICATES
    seed: int = 0
    confidence: float = 0.95


@dataclass(frozen=True, slots=True)
class CriInterval:
    """The interval of CRI; `low` and `high` are NaN where fewer than five enterprises carry it.

    `standard_error` is that of the replicates, `bias` their mean minus CRI; `effective` = 1 / Σω² enterprises.
    """

    cri: float
    low: float
    high: float
    confidence: float
    standard_error: float
    bias: float
    effective: float
    replicates: int
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class EnterpriseIntervals:
    """The interval of each CRI_e, (enterprises,); NaN where fewer than five rows carry it. `rows` counts them."""

    low: Floats
    high: Floats
    confidence: float
    rows: Integers
    replicates: int
    explanation: Explanation


def community_interval(question: CriBootstrap) -> CriInterval:
    """Return the interval of CRI over enterprises; 1,000 replicates of 100,000 postings × 500 skills take seconds.

    Raises `UnmetAssumption`: `cri.range` for replicates or confidence out of range, `cri.shapes` for a history of
    another shape, `cri.lag_mismatch` if the history does not yield the lags that the base was computed with.
    """
    base = question.base
    _check(question)
    weight = base.weight
    drawn = np.full(question.replicates, np.nan)
    generator = np.random.default_rng(question.seed)
    counts = poisson_weights(generator, (question.replicates, len(weight)))
    history = question.history
    lags = None if history is None else _replicated_lags(base.inputs, history, counts)
    for part in _parts(question.replicates, len(weight)):
        shares = counts[part] * weight
        total = shares.sum(axis=1)
        by_enterprise = base.by_enterprise if lags is None else _indices(base, lags[part])
        summed = np.nansum(shares * by_enterprise, axis=1)
        drawn[part] = np.divide(summed, total, out=np.full(len(total), np.nan), where=total > 0)
    present = weight > 0
    effective = 1.0 / float((weight**2).sum())
    known = drawn[~np.isnan(drawn)]
    warnings = list(base.explanation.warnings)
    if present.sum() < FEWEST:
        low = high = math.nan
        warnings.append(Caution("cri.no_interval", f"fewer than {FEWEST} enterprises carry no interval"))
    else:
        low, high = np.quantile(known, _tails(question.confidence, effective))
    return CriInterval(
        base.cri,
        float(low),
        float(high),
        question.confidence,
        float(known.std(ddof=1)),
        float(known.mean() - base.cri),
        effective,
        question.replicates,
        _explanation("cri.community_interval", question, tuple(warnings)),
    )


def enterprise_intervals(question: CriBootstrap) -> EnterpriseIntervals:
    """Return the interval of every CRI_e over the rows (postings and requirements) of the enterprise.

    Lags, response and levels are taken as known. Raises `UnmetAssumption` as `community_interval` does, and
    `cri.no_history` without a history, whose rows it draws from.
    """
    history = question.history
    if history is None:
        raise UnmetAssumption("cri.no_history", "no postings were given", "give the history that the demand comes from")
    _check(question)
    base = question.base
    count = len(base.weight)
    sums = _replicated_sums(question, history)
    with np.errstate(invalid="ignore", divide="ignore"):
        matching, practice = sums[0] / sums[2], sums[1] / sums[2]
    factors = np.stack(
        [np.minimum(matching, 1.0), np.broadcast_to(base.response[:, None], matching.shape), np.minimum(practice, 1.0)],
        axis=2,
    )
    drawn = index_of(factors, base.inputs.definition.exponents)
    # A row without a skill says nothing of matching or practice, so it carries no interval either.
    spoken = np.unique(history.table.row)
    rows = np.bincount(history.enterprise[spoken], minlength=count)
    square = np.bincount(history.enterprise[spoken], weights=history.weight[spoken] ** 2, minlength=count)
    total = np.bincount(history.enterprise[spoken], weights=history.weight[spoken], minlength=count)
    low, high = np.full(count, np.nan), np.full(count, np.nan)
    for enterprise in np.flatnonzero(rows >= FEWEST):
        known = drawn[enterprise][~np.isnan(drawn[enterprise])]
        if len(known):
            effective = float(total[enterprise] ** 2 / square[enterprise])
            low[enterprise], high[enterprise] = np.quantile(known, _tails(question.confidence, effective))
    few = int(((rows < FEWEST) & (rows > 0)).sum())
    warnings = base.explanation.warnings
    if few:
        warnings += (Caution("cri.no_interval", f"{few} enterprises with fewer than {FEWEST} rows carry no interval"),)
    return EnterpriseIntervals(
        low,
        high,
        question.confidence,
        rows,
        question.replicates,
        _explanation("cri.enterprise_intervals", question, warnings),
    )


def _check(question: CriBootstrap) -> None:
    if question.replicates < 100 or not 0.5 <= question.confidence < 1:
        raise UnmetAssumption(
            "cri.range",
            f"{question.replicates} replicates at a confidence of {question.confidence:g}",
            "ask for at least 100 replicates and a confidence between 0.5 and 1",
        )
    history = question.history
    if history is None:
        return
    enterprises, skills = question.base.inputs.demand.shape
    rows = (history.table.rows,)
    shapes = [getattr(history, name).shape for name in ("enterprise", "weight", "head_count", "month")]
    if history.table.columns != skills or history.first_release.shape != (skills,) or shapes != [rows] * 4:
        raise UnmetAssumption(
            "cri.shapes", "the history has other shapes than the inputs", "give rows, skills and releases that match"
        )
    if len(history.enterprise) and not 0 <= history.enterprise.min() <= history.enterprise.max() < enterprises:
        raise UnmetAssumption(
            "cri.shapes", "the history names an enterprise that the inputs lack", f"number them 0 to {enterprises - 1}"
        )
    expected = _replicated_lags(question.base.inputs, history, np.ones((1, enterprises), dtype=np.float32))[0]
    asked = np.nansum(question.base.inputs.demand, axis=0) > 0
    if not np.allclose(expected[asked], question.base.inputs.teaching.lag[asked], atol=1e-6):
        raise UnmetAssumption(
            "cri.lag_mismatch",
            "the history does not yield the lags that CRI was computed with",
            "compute the lags by estimate_lags from the same rows, or leave the history out to take them as known",
        )


def _replicated_lags(inputs: CriInputs, history: DemandHistory, counts: NDArray[np.float32]) -> Floats:
    """Lags (replicates, skills) when enterprise e counts `counts[:, e]` times."""
    from scipy.sparse import csr_array  # SciPy is loaded where an interval is computed, not with every page.

    table, months = history.table, history.months
    month = history.month[table.row]
    inside = (month >= 0) & (month < months)
    place = table.column[inside] * months + month[inside]
    people = history.head_count[table.row][inside]
    shape = (table.columns * months, counts.shape[1])
    # An enterprise asks for few of the skills in few of the months: the product costs what is there.
    asked = csr_array((people, (place, history.enterprise[table.row][inside])), shape=shape)
    lags = np.empty((len(counts), table.columns))
    for part in _parts(len(counts), shape[0]):
        demand = (asked @ np.ascontiguousarray(counts[part].T)).T
        onset = onset_months(demand.reshape(-1, table.columns, months), inputs.definition)
        lags[part] = lag_months(onset, history.first_release, months)
    return lags


def _indices(base: CriResult, lags: Floats) -> Floats:
    """CRI_e (replicates, enterprises) under other lags."""
    definition, lag = base.inputs.definition, base.inputs.teaching.lag
    known = np.where(np.isnan(base.demand_share), 0.0, base.demand_share)
    undelayed = known * base.answered * np.exp2(lag / definition.lag_half_life_months)
    matching = np.exp2(-lags / definition.lag_half_life_months) @ undelayed.T
    rest = index_of(np.stack([np.ones_like(base.response), base.response, base.practice], axis=1), definition.exponents)
    return np.asarray(rest * np.clip(matching, 0.0, 1.0) ** definition.matching_exponent)


def _replicated_sums(question: CriBootstrap, history: DemandHistory) -> NDArray[np.float32]:
    """Weighted sums of a_es, of min(1, π/π*) and of 1 over the skill mentions of each enterprise's drawn rows.

    (3, enterprises, replicates): the first two over the third are M_e and Q_e of the replicate.
    """
    base, table = question.base, history.table
    mentions = history.weight[table.row]
    owner = history.enterprise[table.row]
    scores = np.stack(
        [
            np.bincount(table.row, weights=mentions * value, minlength=table.rows)
            for value in (base.answered[owner, table.column], base.practised[table.column], np.ones(len(owner)))
        ]
    ).astype(np.float32)
    order = np.argsort(history.enterprise, kind="stable")
    generator = np.random.default_rng(question.seed)
    sums = np.zeros((3, len(base.weight), question.replicates), dtype=np.float32)
    step = max(1, _CELLS_AT_ONCE // question.replicates)
    for start in range(0, table.rows, step):
        rows = order[start : start + step]
        enterprises, starts = np.unique(history.enterprise[rows], return_index=True)
        counts = poisson_weights(generator, (len(rows), question.replicates))
        for kind in range(3):
            sums[kind, enterprises] += np.add.reduceat(counts * scores[kind, rows, None], starts, axis=0)
    return sums


def _tails(confidence: float, effective: float) -> tuple[float, float]:
    """The lower and upper percentile, expanded for few clusters: Φ(−√(n/(n−1)) · t_{n−1}) of n effective ones."""
    from scipy.special import stdtrit  # SciPy is loaded where an interval is computed, not with every page.

    freedom = max(effective - 1.0, 1.0)
    quantile = float(stdtrit(freedom, 0.5 + confidence / 2)) * math.sqrt((freedom + 1.0) / freedom)
    low = NormalDist().cdf(-quantile)
    return low, 1.0 - low


def _parts(rows: int, width: int) -> Iterator[slice]:
    """Slices of `rows` such that a part × width stays within memory."""
    step = max(1, _CELLS_AT_ONCE // max(width, 1))
    return (slice(start, start + step) for start in range(0, rows, step))


def _explanation(method: str, question: CriBootstrap, warnings: tuple[Caution, ...]) -> Explanation:
    base = question.base
    return Explanation(
        method,
        base.inputs.definition.version,
        inputs_hash(
            base.explanation.inputs_hash, question.history, question.replicates, question.seed, question.confidence
        ),
        (
            *base.explanation.assumptions,
            Assumption("cri.sampling_only", None, "the interval covers sampling, not errors of declaration"),
        ),
        warnings,
    )
