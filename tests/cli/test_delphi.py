"""`ronghe delphi` on rounds whose state can be seen by eye."""

import json

from ronghe.methods import delphi
from tests.cli.conftest import Run

ROUNDS = {
    "Linux": ((5, 5, 4, 4, 5, 4), (5, 5, 4, 4, 5, 4)),
    "ERP": ((1, 1, 5, 5, 1, 5), (1, 1, 5, 5, 1, 5)),
    "AI": ((1, 2, 3, 4, 5, 1), (5, 5, 5, 4, 5, 5)),
}
ANSWERS = "轮次,代号,条目,评分\n" + "\n".join(
    f"{number},{'abcdef'[expert]},{item},{answer}"
    for item, rounds in ROUNDS.items()
    for number, answers in enumerate(rounds, start=1)
    for expert, answer in enumerate(answers)
)


def test_each_item_has_its_state_and_what_to_ask_again(run: Run) -> None:
    finished = run("delphi", "-", "--band", "4", "5", "--json", stdin=ANSWERS.encode())
    assert finished.returncode == 0, finished.stderr.decode()
    decision = json.loads(finished.stdout)["decision"]
    assert {entry["item"]: entry["state"] for entry in decision["items"]} == {
        "Linux": "agreed",
        "ERP": "divided",
        "AI": "open",
    }
    assert decision["ask_again"] == ["AI"]
    assert decision["criterion_hash"] == delphi.Criterion(band=(4.0, 5.0), scale=delphi.Scale(1, 5, 1)).hash


def test_the_table_says_what_follows_and_how_far_the_panel_agrees(run: Run) -> None:
    shown = run("delphi", "-", stdin=ANSWERS.encode()).stdout.decode()
    assert "Ask again 继续下一轮: AI" in shown
    assert "Kendall's W of round 2: 0.111" in shown
    assert "[61.0%, 100.0%]" in shown


def test_a_criterion_other_than_the_recorded_one_is_refused(run: Run) -> None:
    finished = run("delphi", "-", "--recorded-hash", "sha256:other", stdin=ANSWERS.encode())
    assert finished.returncode == 2
    assert "recorded before the first round" in finished.stderr.decode()


def test_an_answer_given_twice_and_a_missing_round_are_refused(run: Run) -> None:
    twice = run("delphi", "-", stdin=b"expert,item,answer\na,x,4\na,x,5\n")
    assert twice.returncode == 2
    assert "lines 2 and 3 both hold the answer of a" in twice.stderr.decode()
    gap = run("delphi", "-", stdin=b"round,expert,item,answer\n1,a,x,4\n3,a,x,5\n")
    assert "no answer of round 2" in gap.stderr.decode()


def test_a_small_p_is_not_written_as_nothing(run: Run) -> None:
    rows = "".join(f"1,expert {expert},item {item},{1 + item}\n" for expert in range(12) for item in range(5))
    finished = run("delphi", "-", stdin=f"round,expert,item,answer\n{rows}".encode())
    assert finished.returncode == 0, finished.stderr.decode()
    assert "p < 0.0001" in finished.stdout.decode()
