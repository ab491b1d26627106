"""Reads skills out of job advertisements; knows nothing of files, Django, clocks or how work is spread over
processes.

Tier 1 is a dictionary pass over surface forms (`SurfaceAutomaton`), tier 2 a sentence encoder for clauses in which
the dictionary found nothing (`SemanticTier`); `Extractor` joins them. Lexicon, automaton and encoder are objects
passed in, and every cache belongs to the caller. Source: definitions, section 6.
"""

from ronghe.methods.skills.automaton import MentionTable, SurfaceAutomaton
from ronghe.methods.skills.confidence import Confidence
from ronghe.methods.skills.evidence import ContextWeights
from ronghe.methods.skills.extract import Extractor, SecondTier
from ronghe.methods.skills.model import CuePhrase, Mention, SurfaceForm
from ronghe.methods.skills.text import Span, clauses, normal_form, sentences

RULES_VERSION = 4
"""Counted up with every change to the rules of extraction that changes what is found."""

__all__ = [
    "RULES_VERSION",
    "Confidence",
    "ContextWeights",
    "CuePhrase",
    "Extractor",
    "Mention",
    "MentionTable",
    "SecondTier",
    "Span",
    "SurfaceAutomaton",
    "SurfaceForm",
    "clauses",
    "normal_form",
    "sentences",
]
