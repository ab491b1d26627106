"""Students to positions: stable (deferred acceptance) or the best within all quotas with a proven gap; see
docs/methods/matching.md. It computes no skill fit and publishes nothing."""

from ronghe.methods.matching.allocation import Allocation, ImpossibleQuotas, Proof, Relaxation, Standing
from ronghe.methods.matching.checks import Breach, blocking_pairs, breaches, claims
from ronghe.methods.matching.fairness import Fairness, Treatment
from ronghe.methods.matching.market import (
    Market,
    Position,
    Quota,
    ShareOf,
    Student,
    Unlisted,
    preferences_from_comparisons,
    strict,
)
from ronghe.methods.matching.maximal import Aims, maximal_matching
from ronghe.methods.matching.reasons import Reason, Refusal, Why, reasons
from ronghe.methods.matching.stable import stable_matching

__all__ = [
    "Aims",
    "Allocation",
    "Breach",
    "Fairness",
    "ImpossibleQuotas",
    "Market",
    "Position",
    "Proof",
    "Quota",
    "Reason",
    "Refusal",
    "Relaxation",
    "ShareOf",
    "Standing",
    "Student",
    "Treatment",
    "Unlisted",
    "Why",
    "blocking_pairs",
    "breaches",
    "claims",
    "maximal_matching",
    "preferences_from_comparisons",
    "reasons",
    "stable_matching",
    "strict",
]
