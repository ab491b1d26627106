"""`ronghe index` on values whose scores can be computed by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run

VALUES = """共同体,指标,数值,下限,上限
North,curriculum_update,0.15,0.10,0.20
North,retention,0.64,0.60,0.68
South,curriculum_update,0.30,0.25,0.35
South,retention,0.47,0.43,0.51
"""


def scores(run: Run, content: str, *options: str) -> dict[str, dict[str, Any]]:
    finished = run(
        "index", "-", "--cut-off", "2026-08-31", "--replicates", "200", "--json", *options, stdin=content.encode()
    )
    assert finished.returncode == 0, finished.stderr.decode()
    found = json.loads(finished.stdout)["index"]["scores"]
    return {score["community"]: score for score in found}


def test_the_index_is_the_geometric_mean_between_goalposts(run: Run) -> None:
    found = scores(run, VALUES)
    # Goalposts 0 to 0.30 and 0.47 to 0.81: both of North's values stand in the middle, South's at 1 and at the floor.
    assert found["North"]["geometric"] == pytest.approx(0.5)
    assert found["South"]["geometric"] == pytest.approx(0.01**0.5)
    assert found["South"]["arithmetic"] == pytest.approx(0.505)
    assert found["North"]["rank"] == 1
    assert found["North"]["low"] < 0.5 < found["North"]["high"]


def test_goalposts_and_weights_can_be_given(run: Run, tmp_path: Path) -> None:
    goalposts = tmp_path / "goalposts.csv"
    goalposts.write_text("indicator,lowest,highest,weight\nx,0,10,3\ny,100,0,1\n")
    found = scores(run, "community,indicator,value\nA,x,5\nA,y,0\nB,x,10\n", "--goalposts", str(goalposts))
    assert found["A"]["geometric"] == pytest.approx(0.5**0.75)
    assert found["A"]["low"] == pytest.approx(0.5**0.75)
    # B has no y: no score is made up for it.
    assert found["B"]["geometric"] is None
    assert found["B"]["missing"] == ["y"]


def test_other_ways_of_scoring_stand_beside_it(run: Run) -> None:
    finished = run("index", "-", "--cut-off", "2026-08-31", "--sensitivity", stdin=VALUES.encode())
    assert "TOPSIS" in finished.stdout.decode()


def test_an_unknown_indicator_and_a_value_given_twice_are_refused_with_their_lines(run: Run) -> None:
    for line, told in (("North,happiness,1,,", "line 6"), ("North,retention,0.6,,", "lines 3 and 6")):
        finished = run("index", "-", "--cut-off", "2026-08-31", stdin=f"{VALUES}{line}\n".encode())
        assert finished.returncode == 2
        assert told in finished.stderr.decode()


def test_one_end_without_the_other_is_no_interval(run: Run) -> None:
    finished = run("index", "-", "--cut-off", "2026-08-31", stdin=VALUES.replace("0.60,0.68", "0.60,").encode())
    assert finished.returncode == 2
    assert "retention of North has no interval" in finished.stderr.decode()


def test_a_day_that_is_none_is_told_how_to_be_written(run: Run) -> None:
    finished = run("index", "-", "--cut-off", "31/08/2026", stdin=VALUES.encode())
    assert finished.returncode == 2
    assert "2026-08-31" in finished.stderr.decode()
