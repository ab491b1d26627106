"""`ronghe schedule` on small problems in every format that it reads, on plans of others and on files that are wrong."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run

# One shop in four formats: job 1 takes machine 1 for 2, then machine 2 for 3; job 2 takes 2 on machine 1 or 5 on 2.
SHOPS = {
    "fjsp": "2 2 1\n2 1 1 2 1 2 3\n1 2 1 2 2 5\n",
    "fajsp": "3 1 2\n0 1 0\n1 0 2\n1 1 3\n2 0 2 1 5\n",
    "json": json.dumps(
        {
            "operations": [
                {"operation": operation, "option": option, "machine": machine, "duration": duration}
                for operation, option, machine, duration in ((0, 0, 0, 2), (1, 0, 1, 3), (2, 0, 0, 2), (2, 1, 1, 5))
            ],
            "precedences": [{"before": 0, "after": 1, "job": 0}],
        }
    ),
    "jobshop": "# drawn by hand\n2 2\n0 2 1 3\n0 2 1 0\n",
}
PROJECT = "dur=[2,4,3];\nsreq=[|1,0|0,2|1,1|];\nmastery=[|true,false|true,true|false,true|];\npred=[1];\nsucc=[2];\n"
# Two activities that need two of three units each, one after a start that takes no time.
RESOURCES = """jobs (incl. supersource/sink ):  4
  - renewable                 :  1   R
  - nonrenewable              :  0   N
PRECEDENCE RELATIONS:
jobnr.    #modes  #successors   successors
   1        1          2           2   3
   2        1          1           4
   3        1          1           4
   4        1          0
************************************************************************
REQUESTS/DURATIONS:
jobnr. mode duration  R 1
------------------------------------------------------------------------
  1      1     0       0
  2      1     4       2
  3      1     3       2
  4      1     0       0
************************************************************************
RESOURCEAVAILABILITIES:
  R 1
    3
"""
ASKED = ("--seconds", "5", "--workers", "1", "--quiet", "--json")


@pytest.fixture
def problem(tmp_path: Path) -> Path:
    return tmp_path / "problem.txt"


@pytest.mark.parametrize(
    ("text", "length"), [*((text, 5) for text in SHOPS.values()), (PROJECT, 7), (RESOURCES, 7)], ids=[*SHOPS, "m", "p"]
)
def test_every_format_is_known_by_its_looks_and_planned_with_proof_and_verdict(
    run: Run, problem: Path, text: str, length: int
) -> None:
    problem.write_text(text, encoding="utf-8")
    plan = problem.with_name("plan.csv")
    finished = run("schedule", problem, *ASKED, "--plan", plan, "--svg", problem.with_name("plan.svg"))
    assert finished.returncode == 0, finished.stderr.decode()
    found = json.loads(finished.stdout)["plan"]
    assert (found["length"], found["standing"], found["breaches"]) == (length, "optimal", [])
    assert found["proofs"] == [{"aim": "length", "value": float(length), "bound": float(length)}]
    assert "<rect" in problem.with_name("plan.svg").read_text()
    # The plan that was written is read again and judged from its rows alone.
    checked = run("schedule", problem, "--check", plan)
    assert (checked.returncode, f"length {length}" in checked.stdout.decode()) == (0, True)
    lines = plan.read_text(encoding="utf-8-sig").splitlines()
    plan.write_text("\n".join([lines[0], *lines[2:]]) if text != RESOURCES else "\n".join(lines[:-2]))
    broken = run("schedule", problem, "--check", plan)
    assert broken.returncode == 1 and "missing" in broken.stdout.decode() + broken.stderr.decode()


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        ("", "auto", "none of the formats"),
        ("once upon a time", "auto", "none of the formats"),
        ("2 2\n1 1 1 5", "auto", "2 jobs are announced and 1 are there"),
        ("1 2\n2 1 1 5 1 2", "fjsp", "job 1 ends within step 2"),
        ("1 2\n1 0", "fjsp", "nobody can do it"),
        ("1 2\n1 1 3 5", "fjsp", "names a machine beyond 2"),
        ("1 2\n1 1 1 -5", "fjsp", "a time below 0"),
        ("3 2 1\n0 1 0\n0 2 0\n1 0 1\n1 0 1\n1 0 1", "auto", "only chains are planned"),
        ("2 2 1\n0 1 0\n1 0 0\n1 0 1\n1 0 1", "auto", "in a circle"),
        ("2 1 1\n0 7 0\n1 0 1\n1 0 1", "auto", "not there"),
        ("{}", "auto", "this is not written as json"),
        ('{"operations": 7}', "json", "this is not written as json"),
        (PROJECT.replace("|0,2|", "|0,3|"), "auto", "needs more persons of 2 at once than there are"),
        (PROJECT.replace("pred=[1]", "pred=[2]"), "auto", "2 follows 2"),
        (RESOURCES.replace("nonrenewable              :  0", "nonrenewable              :  2"), "auto", "used up"),
        (RESOURCES.replace("   2        1 ", "   2        3 "), "auto", "several modes"),
        (RESOURCES.replace("  2      1     4       2", "  2      1     4"), "auto", "do not name the same"),
        (RESOURCES.split("RESOURCEAV")[0], "auto", "this is not written as psplib"),
        (RESOURCES.replace("R 1\n    3", "R 1\n    1"), "auto", "more persons of R1"),
    ],
)
def test_a_file_that_is_wrong_or_beyond_it_is_refused_with_status_two_and_why(
    run: Run, problem: Path, text: str, kind: str, words: str
) -> None:
    problem.write_text(text, encoding="utf-8")
    finished = run("schedule", problem, "--format", kind, *ASKED)
    assert (finished.returncode, finished.stdout) == (2, b"")
    assert words in finished.stderr.decode()


def test_a_plan_of_somebody_else_that_breaks_rules_ends_with_status_one(run: Run, problem: Path) -> None:
    problem.write_text(SHOPS["fjsp"])
    plan = problem.with_name("plan.csv")
    plan.write_text("job,step,machine,start,end\n1,1,1,0,2\n1,2,2,1,4\n2,1,1,1,3\n")
    finished = run("schedule", problem, "--check", plan)
    assert finished.returncode == 1
    assert all(rule in finished.stdout.decode() for rule in ("shop.order", "shop.overlap"))
    plan.write_bytes(b"\x89PNG\r\n\x1a\n")
    assert run("schedule", plan).returncode == 2
