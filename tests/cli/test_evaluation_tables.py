"""What the commands that evaluate share: files, bad lines, exit status, drawings, JSON, and no server behind them."""

import importlib
import json
import math
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook

from ronghe.cli.answers import interval, number, plain, share
from ronghe.methods.delphi import Criterion
from tests.cli.conftest import Run

COMMANDS = ("ahp", "delphi", "survival", "effect", "index", "maturity")
GOOD = "first,second,ratio\nA,B,3\nB,C,2\n"


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_lists_every_column_in_both_languages(run: Run, command: str) -> None:
    finished = run(command, "--help")
    assert finished.returncode == 0
    shown = finished.stdout.decode()
    assert f"example: ronghe {command}" in shown
    for column in importlib.import_module(f"ronghe.cli.{command}").COLUMNS:
        assert f"  {column.name} / {column.zh}" in shown
        assert column.zh and column.help_en in shown


def test_bad_lines_are_all_named_and_nothing_is_answered(run: Run) -> None:
    content = "first,second,ratio\nA,B,3\nA,C,many\n,B,2\nB,C,1/0\n"
    finished = run("ahp", "-", stdin=content.encode())
    assert finished.returncode == 2
    assert finished.stdout == b""
    told = finished.stderr.decode()
    assert "standard input: line 3: column ratio:" in told
    assert "(found 'many')" in told
    assert "line 4: column first:" in told
    assert "line 5: column ratio:" in told
    assert "3 lines" in told and "--skip-bad" in told


def test_bad_lines_are_left_out_when_asked_and_the_status_says_so(run: Run) -> None:
    finished = run("ahp", "-", "--skip-bad", "--json", stdin=f"{GOOD}A,C,many\n".encode())
    assert finished.returncode == 1
    assert json.loads(finished.stdout)["priorities"]["items"] == ["A", "B", "C"]


def test_a_workbook_gives_the_same_answer_as_the_text(run: Run, tmp_path: Path) -> None:
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    for line in GOOD.splitlines():
        sheet.append([int(cell) if cell.isdigit() else cell for cell in line.split(",")])
    workbook.save(tmp_path / "judgments.xlsx")
    from_text = run("ahp", "-", "--json", stdin=GOOD.encode())
    assert run("ahp", tmp_path / "judgments.xlsx", "--json").stdout == from_text.stdout


def test_columns_can_be_renamed_and_a_wrong_name_is_refused(run: Run) -> None:
    renamed = GOOD.replace("ratio", "how much")
    assert run("ahp", "-", "--column", "ratio=how much", stdin=renamed.encode()).returncode == 0
    missing = run("ahp", "-", stdin=renamed.encode())
    assert missing.returncode == 2
    assert "ratio" in missing.stderr.decode()
    wrong = run("ahp", "-", "--column", "rate=how much", stdin=renamed.encode())
    assert wrong.returncode == 2
    assert "first, second, ratio" in wrong.stderr.decode()


def test_a_file_that_is_empty_or_absent_is_refused(run: Run, tmp_path: Path) -> None:
    for given in (run("ahp", "-", stdin=b"first,second,ratio\n"), run("ahp", tmp_path / "none.csv")):
        assert given.returncode == 2
        assert given.stderr.startswith(b"ronghe: ")


@pytest.mark.parametrize("option", [("--confidence", "95"), ("--replicates", "0"), ("--random-index", "none")])
def test_an_option_that_makes_no_sense_is_refused(run: Run, option: tuple[str, str]) -> None:
    assert run("ahp", "-", *option, stdin=GOOD.encode()).returncode == 2


def test_the_drawing_is_well_formed_and_names_what_it_shows(run: Run, tmp_path: Path) -> None:
    content = GOOD.replace("A", "<A&B>")
    assert run("ahp", "-", "--svg", tmp_path / "weights.svg", stdin=content.encode()).returncode == 0
    curves = "time,event,group\n5,1,x\n7,0,x\n8,1,y\n9,1,y\n"
    assert run("survival", "-", "--svg", tmp_path / "curves.svg", stdin=curves.encode()).returncode == 0
    for name, texts in (("weights.svg", {"<A&B>", "C"}), ("curves.svg", {"x", "y", "S(t)"})):
        root = ElementTree.parse(tmp_path / name).getroot()
        shown = {element.text for element in root.iter("{http://www.w3.org/2000/svg}text")}
        assert texts <= shown


def test_the_answer_can_be_written_to_a_file(run: Run, tmp_path: Path) -> None:
    finished = run("ahp", "-", "--out", tmp_path / "answer.txt", stdin=GOOD.encode())
    assert (finished.returncode, finished.stdout) == (0, b"")
    assert "Weights by pairwise comparison" in (tmp_path / "answer.txt").read_text(encoding="utf-8")


def test_numbers_are_written_to_be_read() -> None:
    written = [number(value) for value in (0.000123456, 0.5, 12.3456, 9999.4, 12345.6, 1e6, None, math.inf)]
    assert written == ["0.0001235", "0.5", "12.35", "9999", "12,346", "1,000,000", "—", "—"]
    assert (share(0.1234), interval(-math.inf, 2.0)) == ("12.3%", "[-∞, 2]")


def test_no_number_that_is_none_reaches_json() -> None:
    found = plain({"a": np.array([1.0, math.nan]), "b": (math.inf, date(2026, 1, 2)), "c": Criterion(band=(4, 5))})
    assert found["a"] == [1.0, None]
    assert found["b"] == [None, "2026-01-02"]
    assert found["c"]["rule"] == "either"


def test_no_command_that_evaluates_loads_django(tmp_path: Path) -> None:
    (tmp_path / "judgments.csv").write_text(GOOD)
    (tmp_path / "durations.csv").write_text("time,event\n5,1\n7,0\n8,1\n")
    program = (
        "import importlib, sys\n"
        "from ronghe.cli import COMMANDS, main\n"
        f"for name in {COMMANDS!r}:\n"
        "    importlib.import_module(COMMANDS[name][0])\n"
        f"assert main(['ahp', {str(tmp_path / 'judgments.csv')!r}, '--svg', {str(tmp_path / 'a.svg')!r}]) == 0\n"
        f"assert main(['survival', {str(tmp_path / 'durations.csv')!r}, '--svg', {str(tmp_path / 'b.svg')!r}]) == 0\n"
        "assert 'django' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, stdout=subprocess.DEVNULL, timeout=120)
