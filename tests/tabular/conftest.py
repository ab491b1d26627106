"""A schema and makers of real files that the tests of files of records share."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from ronghe.tabular import Boolean, Choice, Column, Date, DecimalNumber, Integer, RowSchema, Text
from tests.tabular.workbooks import SHEET_END, SHEET_START, WORKBOOK_PARTS


@dataclass(frozen=True)
class Post:
    title: str
    seats: int | None
    pay: Decimal | None
    starts: date | None
    order_class: bool | None
    state: str | None


@pytest.fixture
def schema() -> RowSchema[Post]:
    return RowSchema(
        [
            Column("title", Text(200), zh="岗位名称", en="Title", required=True, aliases=("职位",)),
            Column("seats", Integer(minimum=0), zh="名额", en="Seats", help_zh="填整数", help_en="A whole number"),
            Column("pay", DecimalNumber(12, 2), zh="月薪（元）", en="Monthly pay"),
            Column("starts", Date(), zh="到岗日期", en="Start date"),
            Column("order_class", Boolean(), zh="是否订单班", en="Order class"),
            Column("state", Choice({"open": ("开放", "Open"), "closed": ("关闭", "Closed")}), zh="状态", en="State"),
        ],
        Post,
    )


@pytest.fixture
def make_workbook(tmp_path: Path) -> Callable[..., Path]:
    """A workbook written by openpyxl from rows of values."""

    def make(*rows: list[Any], name: str = "rows.xlsx") -> Path:
        workbook = openpyxl.Workbook()
        sheet = workbook.active
        assert sheet is not None
        for row in rows:
            sheet.append(row)
        workbook.save(tmp_path / name)
        return tmp_path / name

    return make


@pytest.fixture
def raw_workbook(tmp_path: Path) -> Callable[..., Path]:
    """A workbook put together by hand: the XML of its rows, and parts to replace (``None`` leaves one out)."""

    def make(rows: str = "", sheet: str | None = None, **parts: str | bytes | None) -> Path:
        path = tmp_path / "raw.xlsx"
        content: dict[str, str | bytes | None] = dict(WORKBOOK_PARTS)
        content["xl/worksheets/sheet1.xml"] = sheet if sheet is not None else SHEET_START + rows + SHEET_END
        content |= parts
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, data in content.items():
                if data is not None:
                    archive.writestr(name, data)
        return path

    return make


class OneWay(io.RawIOBase):
    """A stream that cannot seek, like a pipe or a socket."""

    def __init__(self, data: bytes) -> None:
        self._inner = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._inner.read(size)


@pytest.fixture
def one_way() -> Callable[[bytes], OneWay]:
    return OneWay
