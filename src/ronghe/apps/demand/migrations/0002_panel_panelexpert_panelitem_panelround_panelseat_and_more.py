import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import ronghe.apps.ledger.operations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "__first__"),
        ("demand", "0001_initial"),
    ]

    operations = [
        ronghe.apps.ledger.operations.Together(
            operations=[
                migrations.CreateModel(
                    name="Panel",
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
                        ("question_zh", models.TextField(max_length=2000, verbose_name="question in Chinese")),
                        (
                            "question_en",
                            models.TextField(blank=True, max_length=2000, verbose_name="question in English"),
                        ),
                        (
                            "points",
                            models.PositiveSmallIntegerField(
                                default=5,
                                validators=[
                                    django.core.validators.MinValueValidator(3),
                                    django.core.validators.MaxValueValidator(9),
                                ],
                                verbose_name="points of the scale",
                            ),
                        ),
                        (
                            "band_from",
                            models.PositiveSmallIntegerField(
                                default=4, verbose_name="agreement from this point of the scale on"
                            ),
                        ),
                        (
                            "rule",
                            models.CharField(
                                choices=[
                                    ("either", "enough answers in the band, or a small spread"),
                                    ("both", "enough answers in the band, and a small spread"),
                                    ("share", "enough answers in the band"),
                                    ("spread", "a small spread"),
                                ],
                                default="either",
                                max_length=6,
                                verbose_name="consensus",
                            ),
                        ),
                        (
                            "least_share",
                            models.FloatField(default=0.75, verbose_name="least share of answers in agreement"),
                        ),
                        (
                            "most_variation",
                            models.FloatField(default=0.25, verbose_name="greatest coefficient of variation"),
                        ),
                        ("most_spread", models.FloatField(default=1.0, verbose_name="greatest interquartile range")),
                        (
                            "most_change",
                            models.FloatField(default=0.15, verbose_name="share that may change between rounds"),
                        ),
                        ("most_rounds", models.PositiveSmallIntegerField(default=3, verbose_name="rounds at most")),
                        (
                            "state",
                            models.CharField(
                                choices=[("draft", "In preparation"), ("running", "Running"), ("ended", "Ended")],
                                default="draft",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "prepared_on",
                            models.DateField(default=django.utils.timezone.localdate, verbose_name="prepared on"),
                        ),
                        ("opened_on", models.DateField(blank=True, null=True, verbose_name="opened for answers on")),
                        ("ended_on", models.DateField(blank=True, null=True, verbose_name="ended on")),
                        (
                            "prepared_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="panels_prepared",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "panel of experts",
                        "verbose_name_plural": "panels of experts",
                        "ordering": ["-prepared_on", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["draft", "running", "ended"])),
                                name="demand_panel_state_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("rule__in", ["either", "both", "share", "spread"])),
                                name="demand_panel_rule_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("points__range", (3, 9))), name="demand_panel_points_in_range"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("band_from__gt", 1), ("band_from__lte", models.F("points"))),
                                name="demand_panel_band_on_the_scale",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("least_share__gt", 0),
                                    ("least_share__lte", 1),
                                    ("most_spread__gte", 0),
                                    ("most_variation__gt", 0),
                                ),
                                name="demand_panel_criterion_possible",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("most_change__gt", 0), ("most_change__lte", 1), ("most_rounds__range", (2, 6))
                                ),
                                name="demand_panel_stop_rule_possible",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("opened_on__isnull", True), ("state", "draft")),
                                    models.Q(models.Q(("state", "draft"), _negated=True), ("opened_on__isnull", False)),
                                    _connector="OR",
                                ),
                                name="demand_panel_opened_on_a_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("ended_on__isnull", False), ("state", "ended")),
                                    models.Q(models.Q(("state", "ended"), _negated=True), ("ended_on__isnull", True)),
                                    _connector="OR",
                                ),
                                name="demand_panel_ended_on_a_day",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PanelExpert",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "side",
                            models.CharField(
                                choices=[("school", "School"), ("enterprise", "Enterprise")],
                                max_length=10,
                                verbose_name="invited from",
                            ),
                        ),
                        (
                            "panel",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="experts", to="demand.panel"
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="panel_invitations",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "invited expert",
                        "verbose_name_plural": "invited experts",
                        "ordering": ["side", "pk"],
                        "constraints": [
                            models.UniqueConstraint(fields=("panel", "person"), name="demand_panel_expert_once"),
                            models.CheckConstraint(
                                condition=models.Q(("side__in", ["school", "enterprise"])),
                                name="demand_panel_side_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PanelItem",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("position", models.PositiveSmallIntegerField()),
                        ("text_zh", models.CharField(max_length=300)),
                        ("text_en", models.CharField(blank=True, max_length=300)),
                        (
                            "panel",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="items", to="demand.panel"
                            ),
                        ),
                        (
                            "skill",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="demand.skill",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "item of a panel",
                        "verbose_name_plural": "items of a panel",
                        "ordering": ["position"],
                        "constraints": [
                            models.UniqueConstraint(fields=("panel", "position"), name="demand_panel_item_position"),
                            models.UniqueConstraint(fields=("panel", "text_zh"), name="demand_panel_item_once"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PanelRound",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField(verbose_name="round")),
                        (
                            "kind",
                            models.CharField(
                                choices=[("rating", "Rating"), ("pairwise", "Pairwise comparison")],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        ("opened_on", models.DateField(verbose_name="opened for answers on")),
                        ("due_on", models.DateField(verbose_name="answers by")),
                        ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed on")),
                        ("result", models.JSONField(blank=True, editable=False, null=True)),
                        ("digest", models.CharField(blank=True, editable=False, max_length=80)),
                        (
                            "panel",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="rounds", to="demand.panel"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "round of a panel",
                        "verbose_name_plural": "rounds of panels",
                        "ordering": ["number"],
                        "constraints": [
                            models.UniqueConstraint(fields=("panel", "number"), name="demand_panel_round_number"),
                            models.UniqueConstraint(
                                condition=models.Q(("closed_on__isnull", True)),
                                fields=("panel",),
                                name="demand_panel_one_open_round",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("kind__in", ["rating", "pairwise"])),
                                name="demand_panel_round_kind_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("due_on__gte", models.F("opened_on"))),
                                name="demand_panel_round_due_after_opened",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PanelSeat",
                    fields=[
                        ("token_hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                        ("is_void", models.BooleanField(default=False)),
                        (
                            "panel",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="seats", to="demand.panel"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "seat of a panel",
                        "verbose_name_plural": "seats of panels",
                        "default_permissions": (),
                    },
                ),
                migrations.CreateModel(
                    name="PanelAnswer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("content", models.JSONField(null=True)),
                        (
                            "round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="answers",
                                to="demand.panelround",
                            ),
                        ),
                        (
                            "seat",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="answers",
                                to="demand.panelseat",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "answer of a panel",
                        "verbose_name_plural": "answers of panels",
                        "default_permissions": (),
                        "constraints": [
                            models.UniqueConstraint(fields=("round", "seat"), name="demand_panel_answer_once_a_round")
                        ],
                    },
                ),
            ],
        ),
    ]
