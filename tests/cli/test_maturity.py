"""`ronghe maturity` on evidence that can be counted by hand."""

import json
from pathlib import Path

from tests.cli.conftest import Run

HEAD = "practice,area,level,reference,due,evidence,party,corroboration,corroborated_by\n"


def evidence(counts: dict[int, int]) -> str:
    """Two practices a level, each with so many instances, all met."""
    lines = [
        f"P{level}{which},policy.matching,{level},{number},2026-05-01,2026-05-02,office,2026-05-03,ledger"
        for level, count in counts.items()
        for which in "ab"
        for number in range(count)
    ]
    return HEAD + "\n".join(lines) + "\n"


def test_a_level_needs_enough_evidence_at_the_lower_bound(run: Run) -> None:
    content = evidence({2: 22, 3: 4, 4: 4, 5: 4})
    finished = run("maturity", "-", "--as-of", "2026-08-31", "--json", stdin=content.encode())
    assert finished.returncode == 0, finished.stderr.decode()
    found = json.loads(finished.stdout)["maturity"]
    assert found["staged"] == 3
    assert found["areas"][0]["held_back_by"] == ["P3a", "P3b", "control_limits"]
    short = evidence({2: 21, 3: 4, 4: 4, 5: 4})
    lower = json.loads(run("maturity", "-", "--as-of", "2026-08-31", "--json", stdin=short.encode()).stdout)
    assert lower["maturity"]["staged"] == 2


def test_a_missing_instance_counts_against_and_a_level_of_some_areas_is_not_one_of_all(run: Run) -> None:
    content = evidence({2: 22, 3: 4, 4: 4, 5: 4}) + "P2a,policy.matching,2,late,2026-06-01,,,,\n"
    shown = run("maturity", "-", "--as-of", "2026-08-31", stdin=content.encode()).stdout.decode()
    assert "22 of 23" in shown
    assert "level 2" in shown
    assert "Not in the file, and not rated 文件中没有: policy.integration" in shown


def test_the_highest_levels_need_periods_and_an_improvement(run: Run, tmp_path: Path) -> None:
    periods = tmp_path / "periods.csv"
    periods.write_text("area,value\n" + "".join(f"policy.matching,{5 + number % 2}\n" for number in range(12)))
    content = evidence({2: 22, 3: 22, 4: 22, 5: 22}).encode()
    asked = ("maturity", "-", "--as-of", "2026-08-31", "--periods", periods)
    assert b"level 4" in run(*asked, stdin=content).stdout
    assert b"level 5" in run(*asked, "--improved", "policy.matching", stdin=content).stdout


def test_lines_that_contradict_each_other_are_named(run: Run) -> None:
    content = evidence({2: 2, 3: 2, 4: 2, 5: 2}) + "P2a,policy.matching,3,x,2026-05-01,,,,\n"
    finished = run("maturity", "-", "--as-of", "2026-08-31", stdin=content.encode())
    assert finished.returncode == 2
    assert "lines 2 and 18" in finished.stderr.decode()
