"""Large files pass in constant memory, measured in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from random import Random

import pytest

from tests.tabular.workbooks import SHEET_END, SHEET_START, WORKBOOK_PARTS

# The peak of the process's own memory: getrusage would count what its parent held before it.
PROGRAM = """
import re, sys
from ronghe.tabular import Column, Integer, RowSchema, Text, dry_run, read_valid
schema = RowSchema([Column("title", Text(200), required=True), Column("seats", Integer()), Column("note", Text(500))])
report = dry_run(sys.argv[1], schema)
read = sum(1 for row in read_valid(sys.argv[1], schema, digest=report.digest)) if "read" in sys.argv else 0
status = open("/proc/self/status").read()
peak = int(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1]) // 1024
print(report.rows_total, report.rows_valid, report.errors_total, len(report.errors), read, peak)
"""
GENEROUS_PEAK_MEGABYTES = 200
# RONGHE_ROWS=1000 reads a million rows; what is proved, that memory does not grow with them, is the same.
THOUSANDS = int(os.environ.get("RONGHE_ROWS", "200"))

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="peak memory is read from /proc")


def measure(path: Path, *also: str) -> list[int]:
    command = [sys.executable, "-c", PROGRAM, str(path), *also]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return [int(figure) for figure in done.stdout.split()]


def csv_of(path: Path, seats: str, thousands: int) -> Path:
    row = f"嵌入式软件工程师,{seats}," + "负责芯片验证" * 5 + "\n"
    with path.open("w", encoding="utf-8") as file:
        file.write("title,seats,note\n")
        for _ in range(thousands):
            file.write(row * 1000)
    return path


def test_ten_times_the_rows_of_csv_take_the_same_memory(tmp_path: Path) -> None:
    few, many = THOUSANDS // 10, THOUSANDS
    total, valid, errors, _, _, peak_of_few = measure(csv_of(tmp_path / "few.csv", "3", few))
    assert (total, valid, errors) == (few * 1000, few * 1000, 0)
    total, valid, errors, _, _, peak_of_many = measure(csv_of(tmp_path / "many.csv", "3", many))
    assert (total, valid, errors) == (many * 1000, many * 1000, 0)
    assert peak_of_many < min(peak_of_few + 10, GENEROUS_PEAK_MEGABYTES)


@pytest.mark.parametrize(("seats", "expected"), [("3", (50_000, 0, 0, 50_000)), ("三", (0, 50_000, 200, 0))])
def test_neither_good_nor_bad_rows_pile_up(tmp_path: Path, seats: str, expected: tuple[int, ...]) -> None:
    path = csv_of(tmp_path / "rows.csv", seats, 50)
    total, *found, peak = measure(path, *(["read"] if seats == "3" else []))
    assert (total, tuple(found)) == (50_000, expected)
    assert peak < GENEROUS_PEAK_MEGABYTES


def workbook_of_shared_strings(path: Path, count: int) -> Path:
    random = Random(0)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in WORKBOOK_PARTS.items():
            if name != "xl/sharedStrings.xml":
                archive.writestr(name, data)
        with archive.open("xl/sharedStrings.xml", "w") as part:
            part.write(b"<sst><si><t>title</t></si>")
            for _ in range(count):
                part.write(b"<si><t>%s</t></si>" % random.randbytes(1200).hex().encode())
            part.write(b"</sst>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as part:
            part.write(SHEET_START.encode() + b'<row r="1"><c r="A1" t="s"><v>0</v></c></row>')
            for number in range(1, count + 1):
                part.write(b'<row r="%d"><c r="A%d" t="s"><v>%d</v></c></row>' % (number + 1, number + 1, number))
            part.write(SHEET_END.encode())
    return path


def test_ten_times_the_shared_strings_take_the_same_memory(tmp_path: Path) -> None:
    peaks = []
    # Up to 72 MB of distinct texts; each is longer than its column allows, so that all are bad and all were read.
    for count in (3_000, 30_000):
        total, valid, errors, _, _, peak = measure(workbook_of_shared_strings(tmp_path / f"{count}.xlsx", count))
        assert (total, valid, errors) == (count, 0, count)
        peaks.append(peak)
    assert peaks[1] < peaks[0] + 20
