"""The main job of the README on the sample of advertisements, against what a person reads in them."""

import csv
import io
import json
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run
from tests.need import PROJECT

MONTHS = ("2026-03", "2026-04", "2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10")


@pytest.fixture(scope="module")
def summary(run_process: Run, sample: Path) -> dict[str, Any]:
    finished = run_process("demand", "summary", sample, "--top", "2000", "--format", "json")
    assert finished.returncode == 0, finished.stderr.decode()
    found: dict[str, Any] = json.loads(finished.stdout)
    return found


@pytest.fixture(scope="module")
def mentions(run: Run, sample: Path) -> list[dict[str, Any]]:
    finished = run("demand", "extract", sample, "--jobs", "1")
    assert finished.returncode == 0, finished.stderr.decode()
    return [json.loads(line) for line in finished.stdout.decode().splitlines()]


def skill(summary: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(row for row in summary["rows"] if row["id"] == name)
    return found


def asking(mentions: list[dict[str, Any]], name: str) -> set[str]:
    return {row["id"] for row in mentions if row["skill"] == name}


def test_the_four_copies_are_counted_with_their_originals(summary: dict[str, Any]) -> None:
    # S-011 is S-005 again, S-019 S-009, S-023 S-015 and S-049 S-039.
    assert (summary["postings"], summary["duplicates"], summary["counted"]) == (60, 4, 56)


def test_each_month_has_the_seven_advertisements_that_are_no_copies(summary: dict[str, Any]) -> None:
    assert summary["counted_by_month"] == dict.fromkeys(MONTHS, 7)
    assert summary["undated"] == 0


def test_systemverilog_is_asked_for_by_the_three_advertisements_that_name_it(
    summary: dict[str, Any], mentions: list[dict[str, Any]]
) -> None:
    assert asking(mentions, "ic.systemverilog") == {"S-001", "S-002", "S-024"}
    row = skill(summary, "ic.systemverilog")
    assert row["field"] == "ic"
    # S-001 and S-002 are of March and seek 4 and 3 people; S-024 is of May and seeks one.
    assert (row["postings"], row["people"]) == (3, 8)
    assert row["postings_by_month"] == dict.fromkeys(MONTHS, 0) | {"2026-03": 2, "2026-05": 1}
    assert row["people_by_month"] == dict.fromkeys(MONTHS, 0) | {"2026-03": 7, "2026-05": 1}


def test_kubernetes_is_asked_for_in_july_september_and_october(
    summary: dict[str, Any], mentions: list[dict[str, Any]]
) -> None:
    assert asking(mentions, "infrastructure.kubernetes") == {"S-033", "S-037", "S-051", "S-052", "S-054", "S-055"}
    row = skill(summary, "infrastructure.kubernetes")
    assert row["postings_by_month"] == dict.fromkeys(MONTHS, 0) | {"2026-07": 2, "2026-09": 2, "2026-10": 2}
    assert row["people"] == 1 + 1 + 2 + 2 + 2 + 3


def test_what_is_named_only_as_not_needed_is_not_asked_for(mentions: list[dict[str, Any]]) -> None:
    # S-016: "不要求会 React"; S-046: "iOS skills are not required"; S-010 wants React.
    assert asking(mentions, "software.react") == {"S-010"}
    assert "S-046" not in asking(mentions, "software.ios")
    assert "S-046" in asking(mentions, "software.kotlin")


def test_every_span_is_what_stands_there_in_the_advertisement(mentions: list[dict[str, Any]], sample: Path) -> None:
    texts = {
        row["external_id"]: row["text"] for row in csv.DictReader(io.StringIO(sample.read_text("utf-8"), newline=""))
    }
    assert len(texts) == 60
    assert {row["id"] for row in mentions} == set(texts)
    assert all(texts[row["id"]][row["start"] : row["end"]] == row["text"] for row in mentions)
    assert [row["id"] for row in mentions] == sorted(row["id"] for row in mentions)


def test_growth_is_given_where_there_is_enough_to_compare(summary: dict[str, Any]) -> None:
    assert summary["growth_window_months"] == 4
    for row in summary["rows"]:
        before = sum(list(row["postings_by_month"].values())[:4])
        assert (row["growth"] is not None) == (before >= 5), row["id"]
    python = skill(summary, "software.python")
    recent, before = (sum(list(python["postings_by_month"].values())[half]) for half in (slice(4, 8), slice(0, 4)))
    assert python["growth"] == pytest.approx((recent + 0.5) / (before + 0.5) * 28 / 28 - 1)
    assert python["growth_low"] < python["growth"] < python["growth_high"]


def test_the_command_of_the_readme_shows_a_table_that_aligns_chinese_and_latin_names(
    run_process: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(PROJECT)
    lines = map(str.strip, (PROJECT / "README.md").read_text("utf-8").splitlines())
    command = next(line for line in lines if line.startswith("ronghe demand summary"))
    finished = run_process(*shlex.split(command, comments=True)[1:], "--top", "12")
    assert finished.returncode == 0, finished.stderr.decode()
    lines = finished.stdout.decode().splitlines()
    assert lines[0].startswith("60 postings read, 4 copies of others left out, 56 counted")
    heading = next(number for number, line in enumerate(lines) if "Postings" in line and "2026-03" in line)
    rows = lines[heading + 2 : heading + 2 + 13]
    assert rows[-1].split()[:5] == ["全部信息", "All", "postings", "56", "7"]

    def columns(text: str) -> int:
        return sum(2 if "\u2e80" <= character <= "\uffef" else 1 for character in text)

    # The numbers of postings end in one column on the screen.
    label = lines[heading].split("2026-03")[0].rstrip()
    ends = {columns(row[: row.index(number) + len(number)]) for row in rows for number in [_postings_of(row)]}
    assert len(ends) == 1
    assert ends.pop() < columns(lines[heading])
    assert label.startswith("技能")


def _postings_of(row: str) -> str:
    return next(word for word in row.split() if word.isdigit())


def test_whole_fields_are_counted_once_an_advertisement(run: Run, sample: Path) -> None:
    finished = run("demand", "summary", sample, "--by", "field", "--format", "csv")
    assert finished.returncode == 0
    rows = list(csv.DictReader(io.StringIO(finished.stdout.decode(), newline="")))
    assert {row["id"] for row in rows} >= {"ic", "comm", "embedded", "ai", "software", "ecommerce"}
    for row in rows:
        assert sum(int(row[month]) for month in MONTHS) == int(row["postings"]) <= 56
