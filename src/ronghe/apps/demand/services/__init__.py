"""Everything that changes demand: verbs, each atomic, permission first, one ledger event at the end."""

from ronghe.apps.demand.services.decisions import DecisionConflict, decide_mention, undo_decision
from ronghe.apps.demand.services.lexicon import Loaded, import_crosswalk, load_lexicon
from ronghe.apps.demand.services.postings import (
    Imported,
    ImportRefused,
    PostingData,
    import_postings,
    register_source,
)
from ronghe.apps.demand.services.processing import Processed, process_postings, start_processing
from ronghe.apps.demand.services.requirements import (
    RequirementClosed,
    RequirementData,
    amend_requirement,
    answer_requirement,
    import_requirements,
    raise_requirement,
    withdraw_requirement,
)
from ronghe.apps.demand.services.teaching import close_taught

__all__ = [
    "DecisionConflict",
    "ImportRefused",
    "Imported",
    "Loaded",
    "PostingData",
    "Processed",
    "RequirementClosed",
    "RequirementData",
    "amend_requirement",
    "answer_requirement",
    "close_taught",
    "decide_mention",
    "import_crosswalk",
    "import_postings",
    "import_requirements",
    "load_lexicon",
    "process_postings",
    "raise_requirement",
    "register_source",
    "start_processing",
    "undo_decision",
    "withdraw_requirement",
]
