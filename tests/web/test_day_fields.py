"""A browser's own picker of days understands one way of writing them, whatever the language of the page."""

from importlib import import_module, util

import pytest
from django import forms
from django.apps import apps

MODULES = [
    name
    for config in apps.get_app_configs()
    if config.name.startswith("ronghe.")
    for name in (f"{config.name}.forms", f"{config.name}.forms_evidence", f"{config.name}.forms_public")
    if util.find_spec(name)
]


@pytest.mark.parametrize("module", MODULES)
def test_every_field_of_a_day_is_written_as_the_browser_reads_it(module: str) -> None:
    made = [
        one for one in vars(import_module(module)).values() if isinstance(one, type) and issubclass(one, forms.BaseForm)
    ]
    wrong = [
        f"{form.__name__}.{name}"
        for form in made
        for name, field in getattr(form, "base_fields", {}).items()
        if isinstance(field.widget, forms.DateInput)
        and field.widget.attrs.get("type", field.widget.input_type) == "date"
        and field.widget.format != "%Y-%m-%d"
    ]
    assert wrong == []
