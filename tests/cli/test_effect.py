"""`ronghe effect` on panels with a planted effect that no noise hides."""

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Run


def panel(units: int, treated: int, periods: int, start: int, effect: float) -> str:
    """Parallel trends with a small wobble, and the effect from `start` on."""
    lines = ["unit,period,outcome,start"]
    for unit in range(units):
        on = unit < treated
        for period in range(1, periods + 1):
            wobble = ((unit * 7 + period * 3) % 5 - 2) / 50
            value = unit / 3 + 0.2 * period + wobble + (effect if on and period >= start else 0)
            lines.append(f"u{unit:02},{period},{value:.4f},{start if on else ''}")
    return "\n".join(lines) + "\n"


def effect(run: Run, content: str, *options: str) -> dict[str, Any]:
    finished = run("effect", "-", "--json", *options, stdin=content.encode())
    assert finished.returncode == 0, finished.stderr.decode()
    found: dict[str, Any] = json.loads(finished.stdout)["effect"]
    return found


def test_a_staggered_panel_gives_back_the_planted_effect(run: Run) -> None:
    overall = effect(run, panel(30, 10, 6, 4, 1.5))["overall"]
    assert overall["value"] == pytest.approx(1.5, abs=0.05)
    assert overall["interval"]["low"] < 1.5 < overall["interval"]["high"]
    shown = run("effect", "-", stdin=panel(30, 10, 6, 4, 1.5).encode()).stdout.decode()
    assert "By periods since the start" in shown
    assert "unknown 未知  effects.parallel_trends" in shown


def test_two_periods_give_the_difference_of_differences(run: Run) -> None:
    assert effect(run, panel(12, 5, 2, 2, 2.0), "--design", "two-period")["effect"]["value"] == pytest.approx(
        2, abs=0.05
    )
    refused = run("effect", "-", "--design", "two-period", stdin=panel(12, 5, 3, 2, 2.0).encode())
    assert refused.returncode == 2
    assert "the file has 3" in refused.stderr.decode()


def test_few_units_are_judged_by_randomisation(run: Run) -> None:
    content = panel(10, 4, 8, 5, 1.0)
    windows = ("--baseline", "1", "4", "--window", "5", "8")
    found = effect(run, content, "--design", "few-units", *windows)
    assert found["effect"] == pytest.approx(1.0, abs=0.05)
    # One of the 210 ways of choosing 4 of 10 is as extreme, on each side.
    assert found["p_value"] == pytest.approx(2 / 210, abs=1e-4)
    missing = run("effect", "-", "--design", "few-units", stdin=content.encode())
    assert missing.returncode == 2
    assert "--baseline FIRST LAST" in missing.stderr.decode()


def test_a_synthetic_control_shows_its_donors(run: Run) -> None:
    shown = run("effect", "-", "--design", "synthetic", stdin=panel(8, 1, 8, 5, 1.0).encode())
    assert shown.returncode == 0, shown.stderr.decode()
    assert "Donor 供体" in shown.stdout.decode()
    assert "Synthetic control of u00" in shown.stdout.decode()


def months(count: int, jump: float) -> str:
    """A series by month from 2023-01 with a jump at its middle."""
    lines = ["时期,结果"]
    for place in range(count):
        value = 10 + 0.1 * place + ((place * 7) % 5 - 2) / 20 + (jump if place >= count // 2 else 0)
        lines.append(f"{2023 + place // 12}-{place % 12 + 1:02},{value:.4f}")
    return "\n".join(lines) + "\n"


def test_a_series_by_month_gives_back_its_jump(run: Run) -> None:
    found = effect(run, months(36, 3.0), "--design", "series", "--interruption", "2024-07")
    assert found["level"]["value"] == pytest.approx(3.0, abs=0.1)
    shown = run("effect", "-", "--design", "series", "--interruption", "2024-07", stdin=months(36, 3.0).encode())
    assert "Change of a series at 2024-07" in shown.stdout.decode()


@pytest.mark.parametrize(
    ("content", "options", "named"),
    [
        (panel(12, 5, 2, 2, 2.0), ("--design", "two-period"), "effect 效应"),
        (
            panel(10, 4, 8, 5, 1.0),
            ("--design", "few-units", "--baseline", "1", "4", "--window", "5", "8"),
            "effect 效应",
        ),
        (panel(8, 1, 8, 5, 1.0), ("--design", "synthetic"), "synthetic 合成"),
        (months(36, 3.0), ("--design", "series", "--interruption", "2024-07"), "fitted 拟合"),
    ],
    ids=("two-period", "few-units", "synthetic", "series"),
)
def test_every_design_is_drawn(run: Run, tmp_path: Path, content: str, options: tuple[str, ...], named: str) -> None:
    drawing = tmp_path / "effect.svg"
    assert run("effect", "-", *options, "--svg", drawing, stdin=content.encode()).returncode == 0
    texts = {element.text for element in ElementTree.parse(drawing).getroot().iter() if element.tag.endswith("text")}
    assert named in texts


def test_a_series_with_a_gap_a_repeat_or_no_such_month_is_refused(run: Run) -> None:
    lines = months(24, 1.0).splitlines()
    asked = ("effect", "-", "--design", "series", "--interruption")
    for content, interruption, told in (
        ([*lines[:5], *lines[6:]], "2024-01", "a gap between 2023-04 and 2023-06"),
        ([*lines, lines[3]], "2024-01", "period 2023-03 comes twice"),
        (lines, "2029-01", "2029-01: the file has no such period"),
        (lines, "7", "some periods are written as months"),
    ):
        finished = run(*asked, interruption, stdin="\n".join(content).encode())
        assert finished.returncode == 2
        assert told in finished.stderr.decode()


def test_a_panel_with_nobody_to_compare_is_refused_by_name(run: Run) -> None:
    finished = run("effect", "-", stdin=panel(6, 6, 5, 3, 1.0).encode())
    assert finished.returncode == 2
    assert "no answer:" in finished.stderr.decode()
    assert "[effects." in finished.stderr.decode()


def by_month(content: str) -> str:
    """The panel with its periods as months of 2026."""
    head, *lines = content.splitlines()
    cells = [line.split(",") for line in lines]
    rows = [
        ",".join([unit, f"2026-{int(period):02}", value, f"2026-{int(start):02}" if start else ""])
        for unit, period, value, start in cells
    ]
    return "\n".join([head, *rows]) + "\n"


def test_a_refusal_names_months_as_people_write_them_and_options_as_the_command_has_them(run: Run) -> None:
    content = by_month(panel(12, 5, 6, 4, 1.0))
    assert effect(run, content)["overall"]["value"] == pytest.approx(1.0, abs=0.1)
    lines = content.splitlines()
    twice = run("effect", "-", stdin="\n".join([*lines, lines[3]]).encode())
    assert twice.returncode == 2
    assert "unit u00 in period 2026-03" in twice.stderr.decode()
    gap = run("effect", "-", stdin="\n".join(lines[:3] + lines[4:]).encode())
    assert "--drop-incomplete" in gap.stderr.decode()


def test_trends_that_part_before_the_start_are_said_to_fail(run: Run) -> None:
    lines = ["unit,period,outcome,start"]
    for unit in range(24):
        for period in range(1, 7):
            value = (period**2 if unit < 12 else period) + ((unit * 7 + period * 3) % 5 - 2) / 10
            lines.append(f"u{unit:02},{period},{value:.2f},{5 if unit < 12 else ''}")
    shown = run("effect", "-", stdin="\n".join(lines).encode()).stdout.decode()
    assert "FAILS 不成立  effects.parallel_trends" in shown
    assert "they parted before the start" in shown
