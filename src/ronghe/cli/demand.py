"""`ronghe demand`: read skills out of a file of advertisements, and show the demand in it, without a server.

Exit status: 0 all is well, 1 some lines could not be used, 2 the call or the file makes no sense, 130 interrupted.
"""

import argparse
import os
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pyarrow as pa

from ronghe.cli.advertisements import (
    HEAD_COUNT,
    IDENTIFIER,
    ORGANISATION,
    PUBLISHED,
    TEXT,
    Advertisements,
)
from ronghe.cli.console import Console
from ronghe.cli.endings import CallRefused, ended
from ronghe.cli.results import FORMATS, format_of, result_file, write_mentions
from ronghe.runners import extraction
from ronghe.runners.batches import extract_batch
from ronghe.runners.local import available_processors, map_in_order

_BINARY = ("parquet", "xlsx")


def add_to(parser: argparse.ArgumentParser) -> None:
    """Options of `ronghe demand`."""
    commands = parser.add_subparsers(dest="task", required=True, metavar="extract|summary")
    extract = commands.add_parser("extract", help="write every mention of a skill, one a row")
    summary = commands.add_parser("summary", help="show demand by skill and month, duplicates counted once")
    for command in (extract, summary):
        command.add_argument("file", metavar="FILE", help="CSV, XLSX, JSON Lines or Parquet; - is standard input")
        command.add_argument("--text-column", metavar="NAME", help="the column that holds the text")
        command.add_argument("--id-column", metavar="NAME", help="the column that holds the number (else the line)")
        command.add_argument(
            "--tiers",
            type=tiers_of,
            default=extraction.DEFAULT_TIERS,
            metavar="1[,2]",
            help="1 the dictionary (the default), 1,2 the sentence encoder as well, some hundred times slower",
        )
        command.add_argument("--engine", choices=("local", "spark"), default="local", help="where to run (%(default)s)")
        command.add_argument(
            "--jobs", type=_positive, default=available_processors(), metavar="N", help="processes (%(default)s)"
        )
        command.add_argument(
            "--master",
            default=os.environ.get("SPARK_MASTER"),
            metavar="URL",
            help="the Spark cluster (SPARK_MASTER, else this machine)",
        )
        command.add_argument("--quiet", action="store_true", help="no progress and no notes; bad lines are still told")
    extract.add_argument("--out", default="-", metavar="FILE", help="where to write (standard output)")
    extract.add_argument("--format", choices=FORMATS, help="the default is that of the name, else jsonl")
    summary.add_argument("--date-column", metavar="NAME", help="the column that holds the day or month")
    summary.add_argument("--organisation-column", metavar="NAME", help="the column that holds the enterprise")
    summary.add_argument("--head-count-column", metavar="NAME", help="the column that holds how many are sought")
    summary.add_argument("--by", choices=("month", "field"), default="month", help="skills, or whole fields (by month)")
    summary.add_argument("--top", type=_positive, default=20, metavar="N", help="how many rows (%(default)s)")
    summary.add_argument("--window", type=_positive, metavar="MONTHS", help="months that growth compares (half, ≤ 12)")
    summary.add_argument("--format", choices=("table", "csv", "json"), default="table", help="(%(default)s)")
    summary.add_argument("--out", default="-", metavar="FILE", help="where to write (standard output)")


def run(options: argparse.Namespace) -> int:
    """Do what the call asks for; return the exit status."""
    work = {"extract": _extract, "summary": _summarise}[options.task]
    return ended(partial(work, options), quiet=options.quiet)


def tiers_of(text: str) -> extraction.Tiers:
    """The tiers of an option such as "1,2". Raises `argparse.ArgumentTypeError`."""
    try:
        return extraction.checked_tiers(tuple(int(part) for part in text.split(",")))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("it must be at least 1")
    return number


@contextmanager
def mentions(options: argparse.Namespace, batches: Iterable[pa.RecordBatch]) -> Iterator[Iterator[pa.RecordBatch]]:
    """The mentions in batches of advertisements by the engine asked for, which stops with the context."""
    if options.engine == "local":
        stream = map_in_order(
            partial(extract_batch, tiers=options.tiers),
            batches,
            jobs=options.jobs,
            prepare=partial(extraction.prepare, options.tiers),
        )
        with closing(stream):
            yield stream
        return
    from ronghe.runners import spark

    try:
        session = spark.start_session(options.master or f"local[{options.jobs}]")
    except spark.SparkMissing as missing:
        raise CallRefused(str(missing)) from missing
    try:
        yield spark.extract_stream(session, batches, options.tiers)
    finally:
        session.stop()


def _rows_a_batch(options: argparse.Namespace) -> int:
    """A batch takes a second or so, so that progress is seen and an interrupt is heard."""
    return 512 if options.tiers == (1,) else 32


def _extract(options: argparse.Namespace, console: Console) -> None:
    kind = format_of(options.out, options.format)
    if options.out == "-" and kind in _BINARY and os.isatty(1):
        raise CallRefused(f"{kind} is not for a terminal; write it to a file with --out FILE")
    with Advertisements(options.file, console) as advertisements, result_file(options.out) as stream:
        text = advertisements.needed(TEXT, options.text_column)
        identifier = advertisements.column(IDENTIFIER, options.id_column)

        def watched(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
            for batch in batches:
                yield batch
                console.progress("advertisements", advertisements.read, advertisements.fraction())

        with mentions(options, advertisements.batches(text, identifier, rows=_rows_a_batch(options))) as found:
            count = write_mentions(watched(found), kind, stream, mark=options.out != "-")
        where = "" if options.out == "-" else f" in {Path(options.out)}"
        console.note(f"{advertisements.read:,} advertisements, {count:,} mentions{where}")


def _summarise(options: argparse.Namespace, console: Console) -> None:
    from ronghe.cli import summary

    with Advertisements(options.file, console) as advertisements:
        roles = {
            "text": advertisements.needed(TEXT, options.text_column),
            "identifier": advertisements.column(IDENTIFIER, options.id_column),
            "published": advertisements.column(PUBLISHED, options.date_column),
            "organisation": advertisements.column(ORGANISATION, options.organisation_column),
            "head_count": advertisements.column(HEAD_COUNT, options.head_count_column),
        }
        postings = summary.read_postings(advertisements, roles, console)
    found = summary.count_demand(
        postings,
        partial(mentions, options),
        console,
        by=options.by,
        window=options.window,
        rows_a_batch=_rows_a_batch(options),
    )
    with result_file(options.out) as stream:
        stream.write(summary.show(found, options.format, options.top, mark=options.out != "-"))
