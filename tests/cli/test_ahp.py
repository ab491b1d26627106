"""`ronghe ahp` on judgments whose weights are known."""

import json

import pytest

from tests.cli.conftest import Run

# Saaty's drinks (2008), as a spreadsheet would hold them.
ITEMS = ("coffee", "wine", "tea", "beer", "soda", "milk", "water")
RATIOS = "9 5 2 1 1 1/2 1/3 1/9 1/9 1/9 1/9 1/3 1/4 1/3 1/9 1/2 1 1/3 2 1/2 1/3"
PAIRS = [(ITEMS[i], ITEMS[j]) for i in range(7) for j in range(i + 1, 7)]
DRINKS = "前项,后项,比值\n" + "\n".join(f"{a},{b},{ratio}" for (a, b), ratio in zip(PAIRS, RATIOS.split(), strict=True))


def test_published_weights_come_out_of_a_spreadsheet(run: Run) -> None:
    finished = run("ahp", "-", "--json", stdin=DRINKS.encode())
    assert finished.returncode == 0, finished.stderr.decode()
    found = json.loads(finished.stdout)["priorities"]
    weights = dict(zip(found["items"], found["weights"], strict=True))
    expected = (0.177, 0.019, 0.042, 0.116, 0.190, 0.129, 0.327)
    assert [weights[item] for item in ITEMS] == pytest.approx(expected, abs=0.0006)
    assert found["consistency_ratio"] == pytest.approx(0.022, abs=0.0006)


def test_the_table_shows_weights_consistency_and_the_worst_triad(run: Run) -> None:
    shown = run("ahp", "-", stdin=DRINKS.encode()).stdout.decode()
    assert "0.3268" in shown
    assert "CR = 0.02195" in shown
    assert "Worst triad" in shown
    assert "holds 成立  ahp.connected" in shown
    assert "inputs sha256:" in shown


def test_a_panel_has_intervals_and_each_experts_consistency(run: Run) -> None:
    lines = [f"{expert},A,B,{2 + expert % 3}\n{expert},B,C,2\n{expert},A,C,{4 + expert}" for expert in range(1, 7)]
    finished = run(
        "ahp", "-", "--json", "--replicates", "100", stdin=("expert,first,second,ratio\n" + "\n".join(lines)).encode()
    )
    panel = json.loads(finished.stdout)["panel"]
    assert len(panel["individual"]) == 6
    assert all(
        low < weight < high for low, weight, high in zip(panel["low"], panel["weights"], panel["high"], strict=True)
    )


def test_judgments_that_make_no_sense_are_refused_with_their_place(run: Run) -> None:
    twice = run("ahp", "-", stdin=b"expert,first,second,ratio\nLi,A,B,3\nLi,B,A,1/3\n")
    assert twice.returncode == 2
    assert "lines 2 to 3, expert Li" in twice.stderr.decode()
    apart = run("ahp", "-", stdin=b"first,second,ratio\nA,B,3\nC,D,2\n")
    assert apart.returncode == 2
    assert "{A, B} and {C, D}" in apart.stderr.decode()
    assert "[ahp.connected]" in apart.stderr.decode()
