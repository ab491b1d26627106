"""`ronghe match` on rounds that can be matched by hand, and on files that contradict themselves."""

import csv
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

# Gale and Shapley, American Mathematical Monthly 69, 1962, example 1: the men's wishes, the women's as fit.
STUDENTS = "student,wishes,groups\na,A;B;C,west\nb,B;C;A,west\nc,C;A;B,east\n"
POSITIONS = "position,seats,groups\nA,1,port\nB,1,\nC,1,\n"
ORDERS = {"A": "bca", "B": "cab", "C": "abc"}
PAIRS = "student,position,fit\n" + "".join(
    f"{student},{position},{-place}\n" for position, order in ORDERS.items() for place, student in enumerate(order)
)


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, text in (("students", STUDENTS), ("positions", POSITIONS), ("pairs", PAIRS)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    return tmp_path


def test_the_first_example_of_gale_and_shapley_comes_out_as_published(run: Run, files: Path) -> None:
    asked = ("match", files / "students.csv", files / "positions.csv", "--pairs", files / "pairs.csv")
    finished = run(*asked, "--json")
    assert finished.returncode == 0, finished.stderr.decode()
    found = json.loads(finished.stdout)["matching"]
    assert (found["standing"], found["placements"]) == ("student_optimal", {"a": "A", "b": "B", "c": "C"})
    (files / "quotas.csv").write_text("name,students,positions,least\neast to port,east,port,1\n")
    finished = run(*asked, "--quotas", files / "quotas.csv", "--json", "--assignments", files / "who.csv")
    found = json.loads(finished.stdout)["matching"]
    assert (found["standing"], found["placements"]) == ("stable", {"a": "B", "b": "C", "c": "A"})
    lines = list(csv.DictReader((files / "who.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert lines[0]["position"] == "B" and "all admitted fit better" in lines[0]["why"]
    shown = run(*asked, "--mode", "maximal").stdout.decode()
    assert "3 of 3 students placed" in shown and "optimal" in shown


def test_quotas_that_cannot_be_met_end_with_status_two_and_what_must_give_way(run: Run, files: Path) -> None:
    (files / "quotas.csv").write_text("name,students,positions,least\nboth to port,west,port,2\n")
    finished = run(
        "match", files / "students.csv", files / "positions.csv", "--quotas", files / "quotas.csv", "--mode", "maximal"
    )
    assert finished.returncode == 2
    assert "both to port asks for at least 2: 1 can be had" in finished.stderr.decode()


def test_comparisons_make_wishes_and_a_circle_is_refused_by_name(run: Run, files: Path) -> None:
    (files / "students.csv").write_text("student\na\nb\n")
    comparisons = files / "comparisons.csv"
    comparisons.write_text("student,better,worse\na,A,B\na,B,C\nb,A,C\n")
    asked = ("match", files / "students.csv", files / "positions.csv", "--comparisons", comparisons, "--json")
    found = json.loads(run(*asked).stdout)["matching"]["placements"]
    assert sorted(found.values()) in (["A", "B"], ["A", "C"])
    comparisons.write_text("student,better,worse\na,A,B\na,B,C\na,C,A\n")
    refused = run(*asked)
    assert refused.returncode == 2
    assert "a: the wishes go in a circle" in refused.stderr.decode()


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("students", "student,wishes\na,A;A\n", "given more than once"),
        ("students", "student,wishes\na,Z\n", "do not exist"),
        ("positions", "position,seats\nA,-1\n", "cannot be used"),
        ("pairs", "student,position,fit\na,A,1\na,A,2\n", "two lines"),
        ("pairs", "student,position,locked,forbidden\na,A,yes,yes\n", "both locked and forbidden"),
    ],
)
def test_files_that_contradict_themselves_are_refused(run: Run, files: Path, name: str, text: str, words: str) -> None:
    (files / f"{name}.csv").write_text(text)
    pairs = ("--pairs", files / "pairs.csv") if name == "pairs" else ()
    finished = run("match", files / "students.csv", files / "positions.csv", *pairs)
    assert finished.returncode == 2
    assert words in finished.stderr.decode()
