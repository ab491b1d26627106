"""What a verification says: each check valid, invalid or unknown, with a stable code, and the words for every code.

It decides nothing about signatures or proofs; those who do return `Check`s, and pages and programs show them.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ronghe.trust.verdict_words import WORDS


class Verdict(StrEnum):
    """What a check, or a whole verification, came to. Unknown is never shown as valid."""

    VALID = "valid"
    INVALID = "invalid"
    UNKNOWN = "unknown"


class CheckName(StrEnum):
    """The questions that a verification answers, in the order in which they are told."""

    FORM = "form"
    ISSUER = "issuer"
    SIGNATURE = "signature"
    INTEGRITY = "integrity"
    LOG = "log"
    WITNESSES = "witnesses"
    STATUS = "status"
    VALIDITY = "validity"
    PATH = "path"
    ANCHOR = "anchor"


CODES: Mapping[str, str] = {code: words.en for code, words in WORDS.items()}
"""Every code with its English sentence."""

CODES_ZH: Mapping[str, str] = {code: words.zh for code, words in WORDS.items()}
"""Every code with its Chinese sentence."""

REQUIRED_OF_A_BUNDLE = frozenset(CheckName) - {CheckName.PATH, CheckName.ANCHOR}
REQUIRED_OF_A_CREDENTIAL = REQUIRED_OF_A_BUNDLE - {CheckName.LOG, CheckName.WITNESSES}


@dataclass(frozen=True, slots=True)
class Check:
    """One answer: the question, the verdict, a stable kebab code of `CODES` and, in English, the particulars."""

    name: CheckName
    verdict: Verdict
    code: str
    detail: str = ""

    def __post_init__(self) -> None:
        if self.code not in WORDS:
            raise ValueError(f"{self.code!r} is no code of a verdict; add it with its words to verdict_words")

    @classmethod
    def valid(cls, name: CheckName, code: str, detail: str = "") -> "Check":
        """Return the answer that all is well."""
        return cls(name, Verdict.VALID, code, detail)

    @classmethod
    def invalid(cls, name: CheckName, code: str, detail: str = "") -> "Check":
        """Return a refusal."""
        return cls(name, Verdict.INVALID, code, detail)

    @classmethod
    def unknown(cls, name: CheckName, code: str, detail: str = "") -> "Check":
        """Return that the question could not be answered."""
        return cls(name, Verdict.UNKNOWN, code, detail)

    def as_json(self) -> dict[str, str]:
        """Return the answer for programs."""
        return {"check": self.name.value, "verdict": self.verdict.value, "code": self.code, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Report:
    """All answers of one verification, and the questions that must have been answered for it to be valid."""

    checks: tuple[Check, ...]
    required: Collection[CheckName] = REQUIRED_OF_A_BUNDLE

    @property
    def verdict(self) -> Verdict:
        """Invalid if any answer is; else unknown if a required question has no or an unknown answer; else valid."""
        if self.first_refusal is not None:
            return Verdict.INVALID
        answered = {name for name in CheckName if self.verdict_on(name) is Verdict.VALID}
        return Verdict.VALID if answered.issuperset(self.required) else Verdict.UNKNOWN

    @property
    def first_refusal(self) -> Check | None:
        """The first answer that is invalid, or None."""
        return next((check for check in self.checks if check.verdict is Verdict.INVALID), None)

    @property
    def refused_by(self) -> Check | None:
        """The answer that keeps the whole from being valid: the first invalid one, else the first unknown required."""
        if self.first_refusal is not None:
            return self.first_refusal
        return next((one for one in self.checks if one.verdict is Verdict.UNKNOWN and one.name in self.required), None)

    def verdict_on(self, name: CheckName) -> Verdict:
        """Return the worst answer to one question; unknown where nobody answered it."""
        found = {check.verdict for check in self.checks if check.name is name}
        if Verdict.INVALID in found:
            return Verdict.INVALID
        return Verdict.VALID if found == {Verdict.VALID} else Verdict.UNKNOWN

    def as_json(self) -> dict[str, Any]:
        """Return the report for programs."""
        return {"verdict": self.verdict.value, "checks": [check.as_json() for check in self.checks]}
