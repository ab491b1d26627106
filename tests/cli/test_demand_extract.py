"""`ronghe demand extract`: every kind of file in and out, bad lines, pipes and signals."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ronghe.runners.batches import MENTIONS
from tests.cli.conftest import Run

POSTINGS = [
    {"id": "甲", "text": "熟悉 SystemVerilog，会写 Python 脚本"},
    {"id": "=1+1", "text": "Kubernetes\nand Git"},
    {"id": "丙", "text": "本岗位不需要任何技能"},
]
EXPECTED = [
    ("甲", "ic.systemverilog"),
    ("甲", "software.python"),
    ("=1+1", "infrastructure.kubernetes"),
    ("=1+1", "software.git"),
]


def written(kind: str, folder: Path) -> Path:
    """The advertisements as a file of that kind, whose name says nothing of it."""
    path = folder / f"{kind}.data"
    if kind == "jsonl":
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in POSTINGS), "utf-8")
    elif kind in ("csv", "gbk"):
        text = io.StringIO()
        writer = csv.DictWriter(text, ["id", "text"])
        writer.writeheader()
        writer.writerows(POSTINGS)
        path.write_bytes(text.getvalue().encode("gbk" if kind == "gbk" else "utf-8"))
    elif kind == "parquet":
        pq.write_table(pa.Table.from_pylist(POSTINGS), path)
    else:
        workbook = openpyxl.Workbook()
        sheet = workbook.active
        assert sheet is not None
        sheet.append(["职位编号", "职位描述"])
        for row in POSTINGS:
            sheet.append([row["id"], row["text"]])
            sheet.cell(sheet.max_row, 1).data_type = "s"
        workbook.save(path)
    return path


def pairs(lines: bytes) -> list[tuple[str, str]]:
    rows = [json.loads(line) for line in lines.decode().splitlines()]
    assert all(list(row) == MENTIONS.names for row in rows)
    return [(row["id"], row["skill"]) for row in rows]


@pytest.mark.parametrize("kind", ["jsonl", "csv", "gbk", "parquet", "xlsx"])
def test_any_kind_of_file_gives_the_same_mentions(kind: str, run: Run, tmp_path: Path) -> None:
    finished = run("demand", "extract", written(kind, tmp_path))
    assert finished.returncode == 0, finished.stderr.decode()
    assert pairs(finished.stdout) == EXPECTED


def test_standard_input_is_read_like_a_file(run_process: Run, tmp_path: Path) -> None:
    finished = run_process("demand", "extract", "-", stdin=written("csv", tmp_path).read_bytes())
    assert (finished.returncode, pairs(finished.stdout)) == (0, EXPECTED)


def test_csv_parquet_and_xlsx_hold_what_json_lines_hold(run: Run, tmp_path: Path) -> None:
    source = written("jsonl", tmp_path)
    lines = [json.loads(line) for line in run("demand", "extract", source).stdout.decode().splitlines()]

    assert run("demand", "extract", source, "--out", tmp_path / "m.parquet").returncode == 0
    table = pq.read_table(tmp_path / "m.parquet")
    assert table.schema.equals(MENTIONS)
    assert table.to_pylist() == lines

    assert run("demand", "extract", source, "--out", tmp_path / "m.csv").returncode == 0
    content = (tmp_path / "m.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    # What a spreadsheet would take for a formula is made harmless.
    assert [row["id"] for row in rows] == [line["id"].replace("=", "'=") for line in lines]
    assert [row["text"] for row in rows] == [line["text"] for line in lines]
    assert [float(row["score"]) for row in rows] == [line["score"] for line in lines]

    assert run("demand", "extract", source, "--out", tmp_path / "m.xlsx").returncode == 0
    sheet = openpyxl.load_workbook(tmp_path / "m.xlsx").active
    assert sheet is not None
    cells = list(sheet.iter_rows(values_only=True))
    assert list(cells[0]) == MENTIONS.names
    assert [(row[0], row[5]) for row in cells[1:]] == EXPECTED
    assert sheet["A4"].data_type == "s"

    piped = run("demand", "extract", source, "--format", "parquet")
    assert pq.read_table(pa.BufferReader(piped.stdout)).to_pylist() == lines


def test_a_bad_line_is_told_with_its_number_and_the_rest_is_read(run: Run) -> None:
    lines = b'{"id":"a","text":"Git"}\n{"id":"b","text":"Doc\n[1]\n\n{"id":"c"}\n{"id":"d","text":"Docker"}\n'
    finished = run("demand", "extract", "-", stdin=lines)
    assert finished.returncode == 1
    assert pairs(finished.stdout) == [("a", "software.git"), ("d", "infrastructure.docker")]
    told = finished.stderr.decode()
    assert "line 2: The line is not a complete JSON object" in told
    assert "line 3: The line is JSON but not an object" in told
    assert "line 5: there is no 'text' on this line" in told
    assert told.count("standard input: line") == 3


def test_half_a_row_of_csv_is_told_and_the_rest_is_read(run: Run) -> None:
    finished = run("demand", "extract", "-", stdin="id,text,city\n1,Git,深圳\n2,Docker\n3,Linux,广州\n".encode())
    assert finished.returncode == 1
    assert [name for name, _skill in pairs(finished.stdout)] == ["1", "3"]
    assert "line 3:" in finished.stderr.decode()


def test_without_a_number_an_advertisement_is_called_by_its_line(run: Run) -> None:
    finished = run("demand", "extract", "-", stdin=b"text\nGit\nDocker\n")
    assert pairs(finished.stdout) == [("2", "software.git"), ("3", "infrastructure.docker")]


def test_columns_can_be_named_and_a_wrong_name_is_answered_with_those_there_are(run: Run) -> None:
    stdin = "key,Spec\nk1,熟悉 Git\n".encode()
    finished = run("demand", "extract", "-", "--text-column", "spec", "--id-column", "key", stdin=stdin)
    assert pairs(finished.stdout) == [("k1", "software.git")]
    for options in ((), ("--text-column", "absent"), ("--text-column", "Spec", "--id-column", "absent")):
        finished = run("demand", "extract", "-", *options, stdin=stdin)
        assert (finished.returncode, finished.stdout) == (2, b"")
        assert "key, Spec" in finished.stderr.decode()
        assert "Traceback" not in finished.stderr.decode()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("absent.csv", None, "No such file"),
        ("empty.csv", b"", "nothing in it"),
        ("letter.pdf", b"%PDF-1.7\n", "PDF"),
        ("broken.parquet", b"PAR1" + bytes(40) + b"PAR1", "Parquet"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_name(
    name: str, content: bytes | None, said: str, run: Run, tmp_path: Path
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    out = tmp_path / "out.jsonl"
    finished = run("demand", "extract", path, "--out", out)
    told = finished.stderr.decode()
    assert finished.returncode == 2
    assert name in told
    assert said in told
    assert "Traceback" not in told
    assert not out.exists()
    assert not list(tmp_path.glob(".*.part"))


@pytest.mark.parametrize(
    "options", [("--tiers", "3"), ("--tiers", "x"), ("--jobs", "0"), ("--engine", "cray"), ("--format", "doc")]
)
def test_a_call_that_makes_no_sense_ends_with_status_two(options: tuple[str, ...], run: Run) -> None:
    finished = run("demand", "extract", "-", *options, stdin=b"text\nGit\n")
    assert (finished.returncode, finished.stdout) == (2, b"")


def test_a_result_that_cannot_be_written_is_refused_before_the_work(run: Run, tmp_path: Path) -> None:
    finished = run("demand", "extract", "-", "--out", tmp_path / "absent" / "m.csv", stdin=b"text\nGit\n")
    assert finished.returncode == 2
    assert "m.csv cannot be written: No such file or directory" in finished.stderr.decode()


@pytest.fixture(scope="module")
def long_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Advertisements enough for some seconds of work."""
    path = tmp_path_factory.mktemp("long") / "long.jsonl"
    line = json.dumps({"text": "We use Python, Docker and Kubernetes on Linux every day. " * 20}) + "\n"
    path.write_text(line * 24_000, "utf-8")
    return path


def heed_interrupts() -> None:
    """A shell that runs the tests in the background has them ignore Ctrl-C, and a child would inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(*arguments: str | Path, **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "ronghe", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=heed_interrupts,
        **options,
    )


def children_of(process: int) -> int:
    return len(Path(f"/proc/{process}/task/{process}/children").read_text().split())


@pytest.mark.parametrize(
    ("number", "jobs"), [(signal.SIGINT, "1"), (signal.SIGINT, "2"), (signal.SIGTERM, "2")], ids=str
)
def test_an_interrupt_leaves_the_older_result_as_it_was(
    number: signal.Signals, jobs: str, long_file: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out" / "m.jsonl"
    out.parent.mkdir()
    out.write_text("the older result\n")
    process = start("demand", "extract", long_file, "--out", out, "--jobs", jobs, start_new_session=True)
    deadline = time.monotonic() + 120
    while not any(part.stat().st_size for part in out.parent.glob(".m.jsonl.*.part")) or (
        jobs == "2" and children_of(process.pid) < 2
    ):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.02)
    # As at a keyboard: every process of the group is told.
    os.killpg(process.pid, number)
    _out, told = process.communicate(timeout=60)
    assert process.returncode == 130, told.decode()
    assert told.decode().splitlines()[-1] == "ronghe: interrupted"
    assert "Traceback" not in told.decode()
    assert [path.name for path in out.parent.iterdir()] == ["m.jsonl"]
    assert out.read_text() == "the older result\n"


def test_a_reader_that_has_enough_ends_the_command_quietly(long_file: Path) -> None:
    process = start("demand", "extract", long_file, "--quiet")
    assert process.stdout is not None
    assert process.stderr is not None
    assert json.loads(process.stdout.readline())["skill"] == "software.python"
    process.stdout.close()
    told = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 141
    assert told == b""


def test_the_second_tier_keeps_what_the_first_one_finds(run: Run, tmp_path: Path) -> None:
    finished = run("demand", "extract", written("jsonl", tmp_path), "--tiers", "1,2")
    assert finished.returncode == 0, finished.stderr.decode()
    rows = [json.loads(line) for line in finished.stdout.decode().splitlines()]
    assert [(row["id"], row["skill"]) for row in rows if row["tier"] == 1] == EXPECTED


def test_progress_is_told_on_standard_error_and_not_when_quiet(run: Run) -> None:
    finished = run("demand", "extract", "-", stdin=b"text\nGit\n")
    assert finished.stderr.decode() == "1 advertisements, 1 mentions\n"
    assert run("demand", "extract", "-", "--quiet", stdin=b"text\nGit\n").stderr == b""


def test_neither_extract_nor_summary_nor_stats_loads_django(sample: Path) -> None:
    program = (
        "import sys\n"
        "from ronghe.cli import main\n"
        f"assert main(['demand', 'extract', {str(sample)!r}, '--jobs', '1', '--quiet']) == 0\n"
        f"assert main(['demand', 'summary', {str(sample)!r}, '--jobs', '1', '--quiet']) == 0\n"
        f"assert main(['lexicon', 'stats', {str(sample)!r}, '--quiet']) == 0\n"
        "loaded = sorted(name for name in sys.modules if name.split('.')[0] in ('django', 'pyspark'))\n"
        "assert not loaded, loaded\n"
    )
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=120)
    assert finished.returncode == 0, finished.stderr.decode()
