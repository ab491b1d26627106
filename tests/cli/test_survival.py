"""`ronghe survival` on the acute myelogenous leukaemia data (Miller, Survival Analysis, 1981, as in R's survival)."""

import json

import pytest

from tests.cli.conftest import Run

AML = {
    "Maintained": "9 13 13+ 18 23 28+ 31 34 45+ 48 161+",
    "Nonmaintained": "5 5 8 8 12 16+ 23 27 30 33 43 45",
}
TABLE = "time,event,group\n" + "\n".join(
    f"{time.rstrip('+')},{0 if time.endswith('+') else 1},{group}"
    for group, times in AML.items()
    for time in times.split()
)


def test_published_medians_and_test_come_out(run: Run) -> None:
    finished = run("survival", "-", "--at", "30", "--json", stdin=TABLE.encode())
    assert finished.returncode == 0, finished.stderr.decode()
    found = json.loads(finished.stdout)
    # R: survdiff prints χ² = 3.4 on 1 degree of freedom, p = 0.07.
    assert found["log_rank"]["chi_square"] == pytest.approx(3.396, abs=0.001)
    assert found["survival_at"]["Maintained"]["30"]["value"] == pytest.approx(0.6136, abs=1e-4)
    shown = run("survival", "-", stdin=TABLE.encode()).stdout.decode()
    assert "Maintained" in shown
    assert "[13, —]" in shown


def test_a_regression_is_fitted_on_named_columns(run: Run) -> None:
    lines = TABLE.splitlines()
    with_age = [f"{lines[0]},age", *(f"{line},{30 + 7 * place % 23}" for place, line in enumerate(lines[1:]))]
    finished = run("survival", "-", "--covariate", "age", "--json", stdin="\n".join(with_age).encode())
    assert finished.returncode == 0, finished.stderr.decode()
    cox = json.loads(finished.stdout)["cox"]
    assert cox["names"] == ["age"]
    assert cox["low"][0] < cox["hazard_ratio"][0] < cox["high"][0]
    absent = run("survival", "-", "--covariate", "income", stdin=TABLE.encode())
    assert absent.returncode == 2
    assert "income" in absent.stderr.decode()


def test_a_negative_time_is_named_by_line_and_column(run: Run) -> None:
    finished = run("survival", "-", stdin="时间,事件\n3,1\n-2,0\n".encode())
    assert finished.returncode == 2
    assert "line 3: column 时间:" in finished.stderr.decode()


def test_a_group_left_blank_on_some_lines_is_no_group_of_its_own(run: Run) -> None:
    finished = run("survival", "-", stdin=b"time,event,group\n3,1,a\n4,0,\n5,1,b\n6,1,\n")
    assert finished.returncode == 2
    assert "line 3: group is blank here and on 2 lines in all" in finished.stderr.decode()


def test_a_unit_that_comes_twice_is_named_with_both_lines(run: Run) -> None:
    finished = run("survival", "-", stdin=b"time,event,unit\n3,1,a\n4,0,b\n5,1,a\n")
    assert finished.returncode == 2
    assert "lines 2 and 4 both name the unit a" in finished.stderr.decode()


def test_a_huge_number_is_written_with_its_exponent(run: Run) -> None:
    finished = run("survival", "-", stdin=b"time,event\n1e300,1\n1e300,1\n")
    assert "1e+300" in finished.stdout.decode()
