"""A browser's own picker of days understands one way of writing them, whatever the language of the page."""

from datetime import date
from importlib import import_module, util

import pytest
from django import forms
from django.apps import apps
from django.utils import translation

MODULES = [
    name
    for config in apps.get_app_configs()
    if config.name.startswith("ronghe.")
    for name in (f"{config.name}.forms", f"{config.name}.forms_evidence", f"{config.name}.forms_public")
    if util.find_spec(name)
]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("module", MODULES)
def test_every_field_of_a_day_is_written_as_the_browser_reads_it(module: str, language: str) -> None:
    made = [
        one for one in vars(import_module(module)).values() if isinstance(one, type) and issubclass(one, forms.BaseForm)
    ]
    with translation.override(language):
        wrong = [
            f"{form.__name__}.{name}"
            for form in made
            for name, field in getattr(form, "base_fields", {}).items()
            if isinstance(field.widget, forms.DateInput)
            and field.widget.format_value(date(2026, 11, 3)) != "2026-11-03"
        ]
    assert wrong == []


def test_a_day_that_is_typed_the_chinese_way_is_understood() -> None:
    with translation.override("zh-hans"):
        for typed in ("2026-11-03", "2026/11/03", "2026年11月3日"):
            assert forms.DateField().clean(typed) == date(2026, 11, 3)
