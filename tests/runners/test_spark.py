"""Spark finds exactly what this process finds. Needs PySpark and Java."""

import csv
import os
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from ronghe.runners import spark
from tests.need import PROJECT, need, shared

SAMPLE = PROJECT / "src/ronghe/apps/demand/samples/postings-sample.csv"


# What a JVM of some seconds would compile at length it runs once.
SHORT_LIVED = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"


def extract(file: Path, *options: str) -> str:
    """Standard output of `ronghe demand extract`, in a process of its own: a JVM outlives its session."""
    finished = subprocess.run(
        [sys.executable, "-m", "ronghe", "demand", "extract", str(file), "--jobs", "2", *options],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | {"JAVA_TOOL_OPTIONS": SHORT_LIVED},
        timeout=500,
    )
    assert finished.returncode == 0, finished.stderr
    return finished.stdout


@pytest.fixture
def with_spark() -> None:
    need(not spark.missing(), spark.missing())


@pytest.mark.usefixtures("with_spark")
def test_spark_finds_the_same_in_the_sample_and_in_two_thousand_real_advertisements(tmp_path: Path) -> None:
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        sample = {row["external_id"]: row["text"] for row in csv.DictReader(file)}
    real = pq.read_table(shared("data/postings/who-is-hiring-2017-2018.parquet")).slice(5_000, 2_000)
    names = [*sample, *map(str, real["id"].to_pylist())]
    both = tmp_path / "both.parquet"
    pq.write_table(pa.table({"id": names, "text": [*sample.values(), *real["text"].to_pylist()]}), both)
    local = extract(both, "--engine", "local")
    assert extract(both, "--engine", "spark") == local
    assert local.count("\n") > 10_000


def test_without_java_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: object())
    assert "apt install default-jre-headless" in spark.missing()
    with pytest.raises(spark.SparkMissing, match="there is no Java"):
        spark.start_session("local[1]")


def test_without_pyspark_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "pip install 'ronghe[spark]'" in spark.missing()
