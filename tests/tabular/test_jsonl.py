"""JSON Lines: strict where JSON leaves a choice, and going on after a bad line."""

from __future__ import annotations

import io
from typing import Any

import pytest

from ronghe.tabular import BadRow, Column, HeadingsRefused, Limits, ListOf, Row, RowSchema, Text, open_rows


def read(text: str | bytes, schema: RowSchema[Any] | None = None, **limits: int) -> list[Any]:
    data = text.encode() if isinstance(text, str) else text
    with open_rows(io.BytesIO(data), schema=schema, limits=Limits(**limits)) as rows:
        return [
            (row.line, row.record) if isinstance(row, Row) else (row.line, [error.code for error in row.errors])
            for row in rows
        ]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('{"title": "B", "se', "row.json"),
        ('{"title": "B"} x', "row.json"),
        ('["title"]', "row.json_not_object"),
        ('"title"', "row.json_not_object"),
        ('{"title": "B", "title": "C"}', "row.json_repeated_key"),
        ('{"title": "B", "seats": NaN}', "row.json_not_finite"),
        ('{"title": "B", "seats": -Infinity}', "row.json_not_finite"),
        ('{"title": ' + "[" * 100_000, "row.json_too_deep"),
        ('{"seats": ' + "9" * 5000 + "}", "row.json_too_deep"),
        ('{"title": "B\x00"}', "row.nul"),
        ('{"title": "B\\u0000"}', "text.character"),
        ('{"title": "\\ud800"}', "text.character"),
        ('{"title": {"zh": "B"}}', "cell.nested"),
        ('{"seats": 1}', "cell.required"),
        ('{"title": null}', "cell.required"),
        ('{"title": "B", "岗位名称": "C"}', "headings.same_column"),
        ("{" + ", ".join(f'"k{i}": 1' for i in range(501)) + "}", "file.too_many_columns"),
    ],
)
def test_a_bad_line_is_reported_with_its_number_and_reading_goes_on(
    schema: RowSchema[Any], line: str, code: str
) -> None:
    found = read('{"title": "A"}\n\n' + line + '\n{"title": "Z", "seats": 2}', schema)
    expected = [] if code == "cell.required" and "null" in line else [(3, [code])]
    assert [found[0][0], *found[1:-1]] == [1, *expected]
    assert (found[-1][0], found[-1][1].title, found[-1][1].seats) == (4, "Z", 2)


def test_lines_may_have_different_keys_in_any_order(schema: RowSchema[Any]) -> None:
    found = read('{"seats": 1, "title": "A"}\n{"名额": "2", "岗位名称": "B", "note": "x"}\n', schema)
    assert [(record.title, record.seats) for _, record in found] == [("A", 1), ("B", 2)]


def test_a_file_in_which_no_object_has_a_required_key_is_one_error(schema: RowSchema[Any]) -> None:
    with pytest.raises(HeadingsRefused) as refused:
        read('{"titel": "A", "seats": 1}\n' * 500, schema)
    assert 'Should "titel" be "Title"?' in refused.value.message_en


def test_lists_are_read_into_list_columns_and_numbers_stay_exact() -> None:
    schema = RowSchema([Column("skills", ListOf(Text())), Column("n", Text())])
    assert read('{"skills": ["C", "5G"], "n": 0.1}\n', schema) == [(1, {"skills": ("C", "5G"), "n": "0.1"})]


def test_without_a_schema_values_are_text() -> None:
    found = read('{"a": 1, "b": null, "c": [1, "x"], "d": {"e": [1.5]}, "f": true, "g": 1e2}\n')
    assert found == [(1, {"a": "1", "b": "", "c": "1\nx", "d": '{"e": ["1.5"]}', "f": "true", "g": "100"})]


def test_other_encodings_and_a_mark_are_read(schema: RowSchema[Any]) -> None:
    line = '{"title": "工程师"}\n'
    for codec in ("utf-8-sig", "utf-16", "gbk"):
        assert [record.title for _, record in read(line.encode(codec), schema)] == ["工程师"]


def test_a_line_beyond_the_limit_is_cut_off(schema: RowSchema[Any]) -> None:
    data = '{"title": "A"}\n{"title": "' + "x" * 5000 + '"}\n{"title": "C"}\n'
    assert [line for line, _ in read(data, schema, max_row_length=1000)] == [1, 2, 3]
    assert read(data, schema, max_row_length=1000)[1] == (2, ["row.too_long"])


def test_a_bad_row_shows_the_beginning_of_its_line() -> None:
    with open_rows(io.BytesIO(b'{"a": 1}\n{"a": \n')) as rows:
        _, bad = rows
    assert isinstance(bad, BadRow)
    assert bad.errors[0].value == '{"a":'
    assert "第 6 个字符" in bad.errors[0].message_zh


def test_unknown_keys_are_warned_of_once_each_and_only_so_many(schema: RowSchema[Any]) -> None:
    lines = "".join(f'{{"title": "A", "note": 1, "key{number}": 1}}\n' for number in range(5000))
    with open_rows(io.BytesIO(lines.encode()), schema=schema, limits=Limits(max_columns=20)) as rows:
        assert sum(isinstance(row, Row) for row in rows) == 5000
        assert len(rows.warnings) == 20
        assert len({warning.params["heading"] for warning in rows.warnings}) == 20
