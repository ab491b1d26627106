"""Programmes, packages with their versions and units, the library from industry, and frozen CRI results."""

from ronghe.apps.curriculum.models.library import IndustryProject, Licence, ProjectPart, TeachingCase
from ronghe.apps.curriculum.models.programmes import Course, Package, Programme
from ronghe.apps.curriculum.models.results import CriResult
from ronghe.apps.curriculum.models.versions import (
    Declaration,
    PackageVersion,
    Review,
    Side,
    SuggestionDecision,
    Unit,
    UnitChange,
    Verdict,
    VersionState,
)

__all__ = [
    "Course",
    "CriResult",
    "Declaration",
    "IndustryProject",
    "Licence",
    "Package",
    "PackageVersion",
    "Programme",
    "ProjectPart",
    "Review",
    "Side",
    "SuggestionDecision",
    "TeachingCase",
    "Unit",
    "UnitChange",
    "Verdict",
    "VersionState",
]
