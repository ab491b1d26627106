"""Runs `extract_batch` on Spark by `mapInArrow`. Needs the extra `spark` and Java 17 or later.

Two ways in: `extract_frame` for a job that reads and writes its own tables on a cluster, where every executor has
Ronghe installed; `extract_stream` for batches that come through this process, as from the command line.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from ronghe.runners.batches import MENTIONS, POSTINGS, extract_batch
from ronghe.runners.extraction import DEFAULT_TIERS, Tiers

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_ROWS_A_CHUNK = 50_000
_BYTES_A_CHUNK = 256 * 1024**2
_ROWS_A_BATCH = 512
_SPARK_TYPES = {pa.string(): "string", pa.int32(): "int", pa.float64(): "double"}
MENTIONS_DDL = ", ".join(f"`{field.name}` {_SPARK_TYPES[field.type]}" for field in MENTIONS)
"""`MENTIONS` as Spark writes a schema."""


class SparkMissing(RuntimeError):
    """Spark cannot run here; the message says what to install."""


def missing() -> str:
    """What must be installed before Spark can run here, "" if nothing."""
    if any(importlib.util.find_spec(name) is None for name in ("pyspark", "pandas")):
        return "PySpark is not installed; install it with: pip install 'ronghe[spark]'"
    home = os.environ.get("JAVA_HOME")
    if not (shutil.which("java") or (home and (Path(home) / "bin" / "java").exists())):
        return "there is no Java; install version 17 or later (Debian: apt install default-jre-headless)"
    return ""


def start_session(master: str) -> SparkSession:
    """Return a quiet session on `master` ("local[2]", "spark://host:7077", "yarn"). Raises `SparkMissing`."""
    if reason := missing():
        raise SparkMissing(reason)
    from pyspark.sql import SparkSession

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder: Any = SparkSession.builder
    session: SparkSession = (
        builder.master(master)
        .appName("ronghe")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.log.level", "ERROR")
        .config("spark.sql.execution.arrow.maxRecordsPerBatch", str(_ROWS_A_BATCH))
        .getOrCreate()
    )
    return session


def extract_frame(
    frame: DataFrame, *, identifier: str = "id", text: str = "text", tiers: Tiers = DEFAULT_TIERS
) -> DataFrame:
    """Return the mentions (`MENTIONS`) in a data frame of advertisements, whose columns of id and text are named.

    Lazy and narrow: rows stay in the partition and the order of their advertisements.
    """

    def extract(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            yield extract_batch(batch, tiers)

    columns = [frame[identifier].cast("string").alias("id"), frame[text].cast("string").alias("text")]
    return frame.select(*columns).mapInArrow(extract, MENTIONS_DDL)


def extract_stream(
    session: SparkSession, batches: Iterable[pa.RecordBatch], tiers: Tiers = DEFAULT_TIERS
) -> Iterator[pa.RecordBatch]:
    """Yield the mentions in batches of advertisements (`POSTINGS`), in order, a bounded part of them at a time."""
    for chunk in _chunks(batches):
        frame: Any = session.createDataFrame(chunk)
        found = extract_frame(frame, tiers=tiers).toArrow()
        yield from found.cast(MENTIONS).to_batches()


def _chunks(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    kept: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        kept.append(batch)
        rows += batch.num_rows
        size += batch.nbytes
        if rows >= _ROWS_A_CHUNK or size >= _BYTES_A_CHUNK:
            yield pa.Table.from_batches(kept, POSTINGS)
            kept, rows, size = [], 0, 0
    if kept:
        yield pa.Table.from_batches(kept, POSTINGS)
