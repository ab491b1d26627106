"""`ronghe demand summary` on small files whose demand can be counted by hand."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from ronghe.cli.display import cut, table, width_of
from tests.cli.conftest import Run


def summary(run: Run, content: str, *options: str) -> dict[str, Any]:
    finished = run("demand", "summary", "-", "--format", "json", *options, stdin=content.encode())
    assert finished.returncode == 0, finished.stderr.decode()
    found: dict[str, Any] = json.loads(finished.stdout)
    return found


def by_id(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["id"]: row for row in found["rows"]}


def test_days_months_and_moments_fall_into_their_months(run: Run) -> None:
    found = summary(
        run,
        "发布日期,职位描述\n2026-01,熟悉 Git\n2026年3月5日,熟悉 Docker\n2026-03-31T23:59:00,熟悉 Linux\n,会 Git\n",
    )
    assert found["counted_by_month"] == {"2026-01": 1, "2026-02": 0, "2026-03": 2}
    assert found["undated"] == 1
    git = by_id(found)["software.git"]
    assert git["postings"] == 2
    assert git["postings_by_month"] == {"2026-01": 1, "2026-02": 0, "2026-03": 0}


def test_head_counts_are_summed_and_count_as_one_where_unstated(run: Run) -> None:
    found = summary(run, "招聘人数,正文\n4,熟悉 Git\n,会用 Git 管理代码\n1,Docker\n")
    rows = by_id(found)
    assert (rows["software.git"]["postings"], rows["software.git"]["people"]) == (2, 5)
    assert list(rows) == ["software.git", "infrastructure.docker"]


def test_a_copy_within_weeks_is_counted_once_and_a_later_one_again(run: Run) -> None:
    text = "We are looking for an engineer who knows Kubernetes and has patience with people and machines."
    found = summary(run, f"date,text\n2026-01-05,{text}\n2026-01-20,{text}\n2026-06-01,{text}\n")
    assert (found["postings"], found["duplicates"], found["counted"]) == (3, 1, 2)
    assert by_id(found)["infrastructure.kubernetes"]["postings"] == 2


def test_growth_is_the_change_of_the_share_between_two_windows(run: Run) -> None:
    # January: 6 of 8 advertisements want Git; February: 3 of 8. Shares with one half added: 3.5/8 against 6.5/8.
    rows = [f"2026-01-02,A{n},Git no {n}" if n < 6 else f"2026-01-02,A{n},Linux no {n}" for n in range(8)]
    rows += [f"2026-02-02,B{n},Git nr {n}" if n < 3 else f"2026-02-02,B{n},Linux nr {n}" for n in range(8)]
    found = summary(run, "date,company,text\n" + "\n".join(rows) + "\n")
    assert found["growth_window_months"] == 1
    git = by_id(found)["software.git"]
    assert git["growth"] == pytest.approx(3.5 / 6.5 - 1)
    assert git["growth_low"] < git["growth"] < git["growth_high"]
    # Two advertisements before are too few to say anything.
    assert by_id(found)["infrastructure.linux"]["growth"] is None


def test_the_interval_is_drawn_by_enterprise(run: Run) -> None:
    def width(company: Callable[[int, str], str]) -> float:
        skills = ["Git" if number % 2 else "Linux" for number in range(80)]
        rows = [f"2026-0{1 + n // 40}-01,{company(n, skill)},{skill} {n}" for n, skill in enumerate(skills)]
        git = by_id(summary(run, "date,company,text\n" + "\n".join(rows) + "\n"))["software.git"]
        return float(git["growth_high"] - git["growth_low"])

    # One firm asks for Git and one for Linux, as often in both months: whichever firms are drawn, no share moves.
    assert width(lambda number, skill: f"{skill} Limited") < 0.05
    assert width(lambda number, skill: f"Firm {number}") > 0.3


def test_a_line_whose_date_or_head_count_cannot_be_read_is_told_and_left_out(run: Run) -> None:
    content = "date,heads,text\n2026-01-01,1,Git\nsoon,1,Docker\n2026-01-03,some,Linux\n"
    finished = run("demand", "summary", "-", "--format", "json", stdin=content.encode())
    assert finished.returncode == 1
    assert [row["id"] for row in json.loads(finished.stdout)["rows"]] == ["software.git"]
    told = finished.stderr.decode()
    assert "line 3:" in told
    assert "line 4:" in told


def test_without_dates_the_totals_are_shown_and_it_is_said_why_there_are_no_months(run: Run) -> None:
    finished = run("demand", "summary", "-", stdin=b"text\nGit\n")
    assert finished.returncode == 0
    assert "no column with a day or month" in finished.stdout.decode().lower()
    assert "Git 版本控制" in finished.stdout.decode()


def test_columns_with_other_names_can_be_named(run: Run) -> None:
    content = "t,d,n,e\nGit,2026-05-01,7,Firm\n"
    names = ("--text-column", "t", "--date-column", "d", "--head-count-column", "n", "--organisation-column", "e")
    found = summary(run, content, *names)
    assert found["counted_by_month"] == {"2026-05": 1}
    assert found["rows"][0]["people"] == 7


def test_top_and_window_are_kept_to(run: Run) -> None:
    content = "date,text\n" + "".join(f"2026-0{month}-01,Git Docker Linux {month}\n" for month in range(1, 8))
    found = summary(run, content, "--top", "2", "--window", "2")
    assert len(found["rows"]) == 2
    assert found["growth_window_months"] == 2
    assert summary(run, content, "--window", "90")["growth_window_months"] == 3


def test_csv_has_a_column_for_every_month_and_a_row_for_every_skill(run: Run) -> None:
    content = "date,text\n2025-11-01,Git\n2026-12-01,Git and Docker\n"
    finished = run("demand", "summary", "-", "--format", "csv", stdin=content.encode())
    rows = list(csv.DictReader(io.StringIO(finished.stdout.decode(), newline="")))
    assert [row["id"] for row in rows] == ["software.git", "infrastructure.docker"]
    months = [name for name in rows[0] if name[:2] == "20"]
    assert (len(months), months[0], months[-1]) == (14, "2025-11", "2026-12")
    assert (rows[0]["zh"], rows[0]["2025-11"], rows[0]["2026-01"], rows[0]["growth"]) == ("Git 版本控制", "1", "0", "")


def test_nothing_is_counted_where_nothing_is_asked_for(run: Run) -> None:
    found = summary(run, "date,text\n2026-01-01,欢迎来坐坐\n")
    assert (found["counted"], found["rows"]) == (1, [])


def test_chinese_takes_two_columns_of_a_terminal() -> None:
    assert [width_of(text) for text in ("", "Git", "芯片", "（C）", "e\u0301", "C 语言")] == [0, 3, 4, 5, 1, 6]
    assert cut("集成电路设计", 12) == "集成电路设计"
    assert cut("集成电路设计", 11) == "集成电路设…"
    assert cut("集成电路设计", 10) == "集成电路…"


def test_a_table_sets_words_to_the_left_and_numbers_to_the_right() -> None:
    assert table(["技能", "n"], [["C 语言", "7"], ["Git", "12"]], frozenset({1})).splitlines() == [
        "技能     n",
        "------  --",
        "C 语言   7",
        "Git     12",
    ]
