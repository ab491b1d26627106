"""Verdicts: unknown never passes for valid, and every code has words in both languages."""

import ast
import re

import pytest

from ronghe.trust.verdict_words import WORDS
from ronghe.trust.verdicts import REQUIRED_OF_A_BUNDLE, Check, CheckName, Report, Verdict
from tests.need import PROJECT

GOOD = {
    CheckName.FORM: "form-holds",
    CheckName.ISSUER: "issuer-is-trusted",
    CheckName.SIGNATURE: "signature-holds",
    CheckName.INTEGRITY: "integrity-holds",
    CheckName.LOG: "log-includes-it",
    CheckName.WITNESSES: "witnesses-suffice",
    CheckName.STATUS: "status-is-good",
    CheckName.VALIDITY: "validity-holds",
}


def good(*, without: CheckName | None = None) -> tuple[Check, ...]:
    return tuple(Check.valid(name, code) for name, code in GOOD.items() if name is not without)


def test_all_required_answers_valid_make_a_valid_report():
    assert set(GOOD) == REQUIRED_OF_A_BUNDLE
    assert Report(good()).verdict is Verdict.VALID
    assert Report(good()).refused_by is None


@pytest.mark.parametrize("missing", sorted(REQUIRED_OF_A_BUNDLE))
def test_a_required_answer_that_is_missing_or_unknown_is_never_valid(missing):
    report = Report(good(without=missing))
    assert report.verdict is Verdict.UNKNOWN
    unknown = Check.unknown(missing, "status-is-not-stated")
    report = Report((*good(), unknown))
    assert report.verdict is Verdict.UNKNOWN
    assert report.refused_by == unknown


def test_an_unknown_path_or_anchor_does_not_stand_in_the_way():
    assert Report((*good(), Check.unknown(CheckName.PATH, "path-is-not-shown"))).verdict is Verdict.VALID


@pytest.mark.parametrize("name", sorted(CheckName))
def test_one_invalid_answer_refuses_whatever_else_is_said(name):
    refusal = Check.invalid(name, "signature-does-not-hold", "why")
    report = Report((*good(), refusal))
    assert (report.verdict, report.first_refusal) == (Verdict.INVALID, refusal)
    assert report.verdict_on(name) is Verdict.INVALID
    assert report.as_json()["checks"][-1] == {
        "check": str(name),
        "verdict": "invalid",
        "code": "signature-does-not-hold",
        "detail": "why",
    }


def test_a_code_without_words_cannot_be_said():
    with pytest.raises(ValueError, match="no code"):
        Check.valid(CheckName.FORM, "all-is-fine")


def test_every_code_has_a_sentence_in_both_languages():
    for code, words in WORDS.items():
        assert re.fullmatch(r"[a-z]+(-[a-z]+)+", code)
        assert words.en.endswith(".")
        assert words.zh.endswith("。")
        assert any("\u4e00" <= character <= "\u9fff" for character in words.zh)


def test_every_code_that_the_program_writes_has_words():
    folder = PROJECT / "src" / "ronghe"
    written = set()
    for file in [*folder.joinpath("trust").glob("*.py"), *folder.joinpath("apps", "credentials").rglob("*.py")]:
        for call in ast.walk(ast.parse(file.read_text())):
            if isinstance(call, ast.Call) and ast.unparse(call.func) in {
                "Check.valid",
                "Check.invalid",
                "Check.unknown",
            }:
                written |= {one.value for one in call.args[1:2] if isinstance(one, ast.Constant)}
    assert len(written) > 30
    assert written <= set(WORDS)
