"""Ronghe's bilingual lexicon of electronic information skills, and its links to ESCO and O*NET.

Loads and checks the entries under `data/`; finds nothing in texts (that is `ronghe.methods.skills`).
"""

from ronghe.lexicon.crosswalk import Link, crosswalk
from ronghe.lexicon.esco import EscoSkill, read_esco_skills
from ronghe.lexicon.loading import LexiconError, LexiconFault, load_confidence, load_lexicon, parse_lexicon
from ronghe.lexicon.model import Field, Group, Lexicon, Skill
from ronghe.lexicon.onet import Occupation, TechnologyExample, read_occupations, read_technology_examples
from ronghe.methods.skills.text import normal_form

__all__ = [
    "EscoSkill",
    "Field",
    "Group",
    "Lexicon",
    "LexiconError",
    "LexiconFault",
    "Link",
    "Occupation",
    "Skill",
    "TechnologyExample",
    "crosswalk",
    "load_confidence",
    "load_lexicon",
    "normal_form",
    "parse_lexicon",
    "read_esco_skills",
    "read_occupations",
    "read_technology_examples",
]
