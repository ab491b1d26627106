"""The technical pages of demand and curriculum: rows are looked at, none is written, no answer of an expert shows."""

import pytest
from django.contrib import admin
from django.urls import reverse

from ronghe.apps.demand.models import PanelAnswer, PanelSeat, Source

pytestmark = pytest.mark.django_db
APPS = ("curriculum", "demand")


def test_every_table_opens_and_only_sources_are_written(sign_in, office):
    office.is_staff = office.is_superuser = True
    office.save()
    client = sign_in(office)
    shown = [model for model in admin.site._registry if model._meta.app_label in APPS]
    assert {model._meta.app_label for model in shown} == set(APPS)
    assert not {PanelSeat, PanelAnswer} & set(shown)
    for model in shown:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert client.get(reverse(f"{name}_changelist"), {"q": "x"}).status_code == 200, model
        assert client.get(reverse(f"{name}_add")).status_code == (200 if model is Source else 403), model


@pytest.mark.parametrize("who", ["hr", "teacher", "student", "reviewer"])
def test_the_technical_pages_are_closed_to_everyone_else(who, request, sign_in):
    answer = sign_in(request.getfixturevalue(who)).get(reverse("admin:curriculum_criresult_changelist"))
    assert answer.status_code == 302
