"""Everything that changes the curriculum: verbs, each atomic, permission first, one ledger event at the end."""

from ronghe.apps.curriculum.services.drafting import (
    Declared,
    NotADraft,
    UnitData,
    arrange_units,
    break_project,
    discard_version,
    remove_unit,
    start_version,
    summarise_version,
    write_unit,
)
from ronghe.apps.curriculum.services.freezing import freeze_cri
from ronghe.apps.curriculum.services.importing import ImportedProgramme, import_programme
from ronghe.apps.curriculum.services.library import add_part, check_case, register_case, register_project
from ronghe.apps.curriculum.services.programmes import (
    add_course,
    amend_programme,
    found_programme,
    open_package,
    retire_package,
)
from ronghe.apps.curriculum.services.review import (
    NotUnderReview,
    recall_version,
    release_version,
    review_version,
    submit_version,
)
from ronghe.apps.curriculum.services.suggestions import decide_suggestion

__all__ = [
    "Declared",
    "ImportedProgramme",
    "NotADraft",
    "NotUnderReview",
    "UnitData",
    "add_course",
    "add_part",
    "amend_programme",
    "arrange_units",
    "break_project",
    "check_case",
    "decide_suggestion",
    "discard_version",
    "found_programme",
    "freeze_cri",
    "import_programme",
    "open_package",
    "recall_version",
    "register_case",
    "register_project",
    "release_version",
    "remove_unit",
    "retire_package",
    "review_version",
    "start_version",
    "submit_version",
    "summarise_version",
    "write_unit",
]
