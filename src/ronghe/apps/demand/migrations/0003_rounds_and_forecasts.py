import django.db.models.deletion
import django.utils.timezone
import ronghe.apps.ledger.operations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "__first__"),
        ("demand", "0002_panel_panelexpert_panelitem_panelround_panelseat_and_more"),
    ]

    operations = [
        ronghe.apps.ledger.operations.Together(
            operations=[
                migrations.CreateModel(
                    name="Forecast",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("made_on", models.DateField(verbose_name="made on")),
                        ("last_month", models.DateField(verbose_name="last month known")),
                        (
                            "of",
                            models.CharField(
                                choices=[
                                    ("series", "the series itself"),
                                    ("group", "the field instead"),
                                    ("refused", "no forecast"),
                                ],
                                max_length=8,
                                verbose_name="what was forecast",
                            ),
                        ),
                        ("rate", models.FloatField(verbose_name="postings a month")),
                        ("ceiling", models.FloatField(null=True, verbose_name="noise ceiling")),
                        ("share", models.FloatField(null=True, verbose_name="share of the field")),
                        ("accuracy", models.JSONField(default=dict)),
                        ("refusal", models.CharField(blank=True, max_length=40)),
                        ("refusal_found", models.CharField(blank=True, max_length=300)),
                        ("method", models.CharField(max_length=60)),
                        ("version", models.PositiveSmallIntegerField()),
                        ("inputs_hash", models.CharField(max_length=80)),
                        (
                            "field",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="forecasts",
                                to="demand.skillfield",
                            ),
                        ),
                        (
                            "skill",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="forecasts",
                                to="demand.skill",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "forecast",
                        "verbose_name_plural": "forecasts",
                        "ordering": ["-made_on", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("field__isnull", False), ("skill__isnull", True)),
                                    models.Q(("field__isnull", True), ("skill__isnull", False)),
                                    _connector="OR",
                                ),
                                name="demand_forecast_of_one_thing",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("of__in", ["series", "group", "refused"])),
                                name="demand_forecast_kind_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("of", "refused"), ("refusal", ""), _connector="OR"),
                                name="demand_forecast_refused_says_why",
                            ),
                            models.UniqueConstraint(
                                fields=("skill", "last_month", "inputs_hash"), name="demand_forecast_of_skill_once"
                            ),
                            models.UniqueConstraint(
                                fields=("field", "last_month", "inputs_hash"), name="demand_forecast_of_field_once"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ForecastMonth",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("month", models.DateField(verbose_name="month")),
                        ("horizon", models.PositiveSmallIntegerField(verbose_name="months ahead")),
                        ("mean", models.FloatField(verbose_name="forecast")),
                        ("low_80", models.FloatField(null=True)),
                        ("high_80", models.FloatField(null=True)),
                        ("low_90", models.FloatField(null=True)),
                        ("high_90", models.FloatField(null=True)),
                        ("naive", models.FloatField(verbose_name="naive forecast")),
                        ("share_mean", models.FloatField(null=True, verbose_name="share of the field × its forecast")),
                        ("outcome", models.FloatField(null=True, verbose_name="what came")),
                        ("outcome_on", models.DateField(null=True)),
                        (
                            "forecast",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="months", to="demand.forecast"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "month of a forecast",
                        "verbose_name_plural": "months of a forecast",
                        "ordering": ["month"],
                        "constraints": [
                            models.UniqueConstraint(fields=("forecast", "month"), name="demand_forecast_month_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("outcome__isnull", True), ("outcome_on__isnull", True)),
                                    models.Q(("outcome__gte", 0), ("outcome_on__gt", models.F("month"))),
                                    _connector="OR",
                                ),
                                name="demand_forecast_outcome_after_its_month",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DemandRound",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("revision", models.PositiveIntegerField(default=1, editable=False)),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("name_zh", models.CharField(max_length=120, verbose_name="Chinese name")),
                        ("name_en", models.CharField(blank=True, max_length=160, verbose_name="English name")),
                        ("first_day", models.DateField(verbose_name="first day")),
                        ("last_day", models.DateField(verbose_name="last day")),
                        (
                            "state",
                            models.CharField(
                                choices=[("running", "Running"), ("frozen", "Frozen")],
                                default="running",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "started_on",
                            models.DateField(default=django.utils.timezone.localdate, verbose_name="round started on"),
                        ),
                        ("frozen_at", models.DateTimeField(blank=True, null=True, verbose_name="frozen at")),
                        ("content", models.JSONField(blank=True, editable=False, null=True)),
                        ("digest", models.CharField(blank=True, editable=False, max_length=80)),
                        (
                            "field",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="demand.skillfield",
                            ),
                        ),
                        (
                            "panel",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="demand_rounds",
                                to="demand.panel",
                            ),
                        ),
                        (
                            "started_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="demand_rounds",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "demand round",
                        "verbose_name_plural": "demand rounds",
                        "ordering": ["-last_day", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("last_day__gte", models.F("first_day"))),
                                name="demand_round_ends_after_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("content__isnull", True),
                                        ("digest", ""),
                                        ("frozen_at__isnull", True),
                                        ("state", "running"),
                                    ),
                                    models.Q(
                                        ("content__isnull", False),
                                        ("frozen_at__isnull", False),
                                        ("state", "frozen"),
                                        models.Q(("digest", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="demand_round_frozen_whole",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
