"""Bounds within which a file of records is read; nothing here reads one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Upper bounds, each inclusive. Sizes are in bytes, lengths in characters.

    The bounds on inflating hold for XLSX (a zip archive) and, per row group, for Parquet. They are compared with what
    the file declares before anything is inflated, and again with what really comes out.
    """

    max_bytes: int = 200 * 1024 * 1024
    max_rows: int = 1_000_000
    max_columns: int = 500
    max_cell_length: int = 100_000
    max_row_length: int = 2_000_000
    max_inflated_bytes: int = 2 * 1024**3
    max_inflation_ratio: int = 200
    max_archive_entries: int = 2_000
    max_row_group_bytes: int = 512 * 1024 * 1024


DEFAULT_LIMITS = Limits()
