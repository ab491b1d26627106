"""Headings find their columns, and what is missing or unclear is said once, with a suggestion."""

from __future__ import annotations

from typing import Any

import pytest

from ronghe.tabular import Column, HeadingsRefused, RowSchema, SchemaError, Text


@pytest.mark.parametrize(
    "heading",
    [
        "title",
        "Title",
        " TITLE ",
        "岗位名称",
        "岗位 名称",
        "岗位名称*",
        "职位",
        "ＴＩＴＬＥ",
        "岗位名称 / Title",
        "岗位名称\nTitle",
        "title:",
    ],
)
def test_a_heading_is_known_in_both_languages_and_any_spacing(schema: RowSchema[Any], heading: str) -> None:
    assert schema.find(heading) == 0


@pytest.mark.parametrize("heading", ["名称", "title / seats", "", "/"])
def test_other_headings_are_not_guessed(schema: RowSchema[Any], heading: str) -> None:
    assert schema.find(heading) is None


def test_missing_columns_are_one_error_with_what_was_found_and_the_nearest_heading(schema: RowSchema[Any]) -> None:
    with pytest.raises(HeadingsRefused) as refused:
        schema.bind(("岗位名", "名额"))
    assert refused.value.code == "headings.missing"
    assert "岗位名 | 名额" in refused.value.message_zh
    assert "“岗位名”是否应为“岗位名称”？" in refused.value.message_zh
    assert 'Should "岗位名" be "Title"?' in refused.value.message_en


def test_two_headings_of_one_column_are_refused(schema: RowSchema[Any]) -> None:
    with pytest.raises(HeadingsRefused) as refused:
        schema.bind(("title", "岗位名称"))
    assert refused.value.code == "headings.same_column"


def test_an_unknown_heading_is_a_warning_with_a_suggestion(schema: RowSchema[Any]) -> None:
    binding = schema.bind(("title", "start dat"))
    assert binding.unknown == ("start dat",)
    warning = schema.unknown_heading("start dat", binding)
    assert warning.code == "warning.unknown_column"
    assert "到岗日期" in warning.message("zh-hans")
    assert "Start date" in warning.message("en")


def test_a_schema_whose_headings_collide_is_a_mistake() -> None:
    with pytest.raises(SchemaError):
        RowSchema([Column("a", Text(), zh="名称"), Column("b", Text(), aliases=("名称",))])
    with pytest.raises(SchemaError):
        RowSchema([Column("a"), Column("a")])
    with pytest.raises(SchemaError):
        RowSchema([])
