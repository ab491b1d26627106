"""Reads of the curriculum for pages, the API and the floors above; nothing here writes."""

from ronghe.apps.curriculum.selectors.library import (
    case_of,
    cases,
    drafts,
    project_of,
    projects,
    units_made_from,
    waiting_reviews,
)
from ronghe.apps.curriculum.selectors.programmes import (
    PackagePage,
    PackageRow,
    ProgrammePage,
    VersionDiff,
    VersionPage,
    decided_skills,
    package_page,
    programme_page,
    programmes,
    unit_of,
    version_diff,
    version_of,
    version_page,
)
from ronghe.apps.curriculum.selectors.renewal import DueUnit, LaggingSkill, due_units

__all__ = [
    "DueUnit",
    "LaggingSkill",
    "PackagePage",
    "PackageRow",
    "ProgrammePage",
    "VersionDiff",
    "VersionPage",
    "case_of",
    "cases",
    "decided_skills",
    "drafts",
    "due_units",
    "package_page",
    "programme_page",
    "programmes",
    "project_of",
    "projects",
    "unit_of",
    "units_made_from",
    "version_diff",
    "version_of",
    "version_page",
    "waiting_reviews",
]
