"""The flexible job shop on published instances, and what its check sees."""

from __future__ import annotations

import pytest

from ronghe.methods.explained import UnmetAssumption
from ronghe.methods.scheduling import Chain, Run, Standing, Task, plan_shop, read_shop, shop_breaches
from tests.need import shared


def test_the_published_instance_mk01_is_solved_to_its_best_known_length() -> None:
    text = shared("vectors/scheduling/flexible-jobshop/mk01.txt").read_text()
    found = plan_shop(read_shop(text), seconds=60)
    # Brandimarte 1993; the optimum 40 is proven in the literature.
    assert (found.length, found.standing, found.breaches) == (40, Standing.OPTIMAL, ())


TWO = (Chain("1", (Task({"1": 2}), Task({"2": 3}))), Chain("2", (Task({"1": 2, "2": 5}),)))
GOOD = (Run("1", 0, "1", 0, 2), Run("1", 1, "2", 2, 5), Run("2", 0, "1", 2, 4))


def test_two_chains_take_five() -> None:
    found = plan_shop(TWO, workers=1)
    assert (found.length, found.proofs[0].bound, found.breaches) == (5, 5.0, ())
    assert plan_shop(TWO, workers=1) == found


@pytest.mark.parametrize(
    ("runs", "rule"),
    [
        (GOOD[:2], "shop.missing"),
        ((*GOOD, Run("1", 0, "1", 9, 11)), "shop.once"),
        ((*GOOD, Run("3", 0, "1", 9, 11)), "shop.unknown"),
        ((*GOOD[:2], Run("2", 0, "1", 2, 5)), "shop.machine"),
        ((*GOOD[:2], Run("2", 0, "1", 1, 3)), "shop.overlap"),
        ((GOOD[0], Run("1", 1, "2", 1, 4), GOOD[2]), "shop.order"),
    ],
)
def test_the_check_sees_a_schedule_that_was_tampered_with(runs: tuple[Run, ...], rule: str) -> None:
    assert shop_breaches(TWO, GOOD) == ()
    assert rule in {breach.rule for breach in shop_breaches(TWO, runs)}


@pytest.mark.parametrize("text", ["", "1 1\n", "1 1 1\n1 1 2 3", "1 1 1\n1 1 1", "1 1 1\n1 1 1 3 9", "x y"])
def test_a_file_that_does_not_add_up_is_refused(text: str) -> None:
    with pytest.raises(UnmetAssumption) as refused:
        read_shop(text)
    assert refused.value.code == "scheduling.format"


def test_a_step_that_nobody_can_do_is_refused() -> None:
    with pytest.raises(UnmetAssumption, match="no machine can do step 1"):
        plan_shop([Chain("1", (Task({}),))])


def test_without_time_to_search_there_is_a_plan_that_keeps_all_rules_and_an_honest_bound() -> None:
    many = [Chain(str(job), tuple(Task({str(job % 3): 4, "x": 5}) for _ in range(3))) for job in range(12)]
    found = plan_shop(many, seconds=1e-3, workers=1)
    assert found.breaches == () and found.proofs[0].bound == 36 <= found.length


def test_chains_without_steps_and_steps_without_length_are_planned() -> None:
    found = plan_shop([Chain("1", ()), Chain("2", (Task({"1": 0}), Task({"1": 3}))), Chain("3", (Task({"1": 0}),))])
    assert (found.length, found.standing, found.breaches) == (3, Standing.OPTIMAL, ())
    assert plan_shop([]).length == 0


def test_the_same_chain_twice_is_refused() -> None:
    with pytest.raises(UnmetAssumption, match="the chain 1 is there twice"):
        plan_shop([TWO[0], TWO[0]])
