import datetime
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import ronghe.apps.ledger.operations
import ronghe.apps.rotations.models
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("community", "0004_gates"),
        ("jobs", "0002_uploads"),
        ("sites", "0003_holidays"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        ronghe.apps.ledger.operations.Together(
            operations=[
                migrations.CreateModel(
                    name="Plan",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("revision", models.PositiveIntegerField(default=1, editable=False)),
                        ("name_zh", models.CharField(max_length=120, verbose_name="Chinese name")),
                        ("name_en", models.CharField(blank=True, max_length=160, verbose_name="English name")),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("first_day", models.DateField(verbose_name="first Monday")),
                        (
                            "fortnights",
                            models.PositiveSmallIntegerField(
                                default=2,
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(26),
                                ],
                                verbose_name="fortnights",
                            ),
                        ),
                        (
                            "pattern",
                            models.CharField(
                                choices=ronghe.apps.rotations.models.pattern_choices,
                                default="3+9",
                                max_length=20,
                                verbose_name="training pattern",
                            ),
                        ),
                        ("pattern_starts_on", models.DateField(verbose_name="the pattern began on")),
                        ("zone", models.CharField(default="Asia/Shanghai", max_length=40, verbose_name="time zone")),
                        ("opens", models.TimeField(default=datetime.time(8, 0), verbose_name="first slot of a day at")),
                        (
                            "slot_minutes",
                            models.PositiveSmallIntegerField(
                                default=120,
                                validators=[
                                    django.core.validators.MinValueValidator(30),
                                    django.core.validators.MaxValueValidator(480),
                                ],
                                verbose_name="minutes of a slot",
                            ),
                        ),
                        (
                            "slots_a_day",
                            models.PositiveSmallIntegerField(
                                default=6,
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(24),
                                ],
                                verbose_name="slots a day",
                            ),
                        ),
                        (
                            "days",
                            models.PositiveSmallIntegerField(
                                default=5,
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(7),
                                ],
                                verbose_name="days a week",
                            ),
                        ),
                        (
                            "wanted",
                            models.PositiveSmallIntegerField(
                                default=4, verbose_name="sessions a group wants each week"
                            ),
                        ),
                        (
                            "least",
                            models.PositiveSmallIntegerField(default=2, verbose_name="sessions it must have each week"),
                        ),
                        (
                            "rest_hours",
                            models.DecimalField(
                                decimal_places=1, default=11, max_digits=4, verbose_name="hours of rest between days"
                            ),
                        ),
                        (
                            "group_day",
                            models.PositiveSmallIntegerField(default=2, verbose_name="most sessions of a group a day"),
                        ),
                        (
                            "group_nights",
                            models.PositiveSmallIntegerField(default=1, verbose_name="most nights of a group a week"),
                        ),
                        (
                            "mentor_day",
                            models.PositiveSmallIntegerField(default=4, verbose_name="most sessions of a mentor a day"),
                        ),
                        (
                            "mentor_week",
                            models.PositiveSmallIntegerField(
                                default=20, verbose_name="most sessions of a mentor a week"
                            ),
                        ),
                        (
                            "mentor_nights",
                            models.PositiveSmallIntegerField(default=2, verbose_name="most nights of a mentor a week"),
                        ),
                        (
                            "load",
                            models.PositiveSmallIntegerField(
                                default=5,
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="most trainees of a mentor at a time",
                            ),
                        ),
                        (
                            "away",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="Empty: as many as need be.",
                                null=True,
                                verbose_name="most fortnights away from the own campus",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("computing", "Computing"),
                                    ("proposed", "Proposed"),
                                    ("published", "Published"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="draft",
                                editable=False,
                                max_length=9,
                                verbose_name="state",
                            ),
                        ),
                        ("figures", models.JSONField(default=dict, editable=False)),
                        ("refusal", models.JSONField(default=dict, editable=False)),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("computed_at", models.DateTimeField(editable=False, null=True)),
                        ("published_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "created_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "job",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to="jobs.job",
                            ),
                        ),
                        (
                            "mentors",
                            models.ManyToManyField(
                                blank=True, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="mentors"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "rotation plan",
                        "verbose_name_plural": "rotation plans",
                        "ordering": ["-first_day", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["draft", "computing", "proposed", "published", "withdrawn"])
                                ),
                                name="rotations_plan_state_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("fortnights__range", (1, 26))), name="rotations_plan_length"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("least__lte", models.F("wanted"))),
                                name="rotations_least_within_wanted",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("published_at__isnull", False), ("state", "published")),
                                    models.Q(("state", "published"), _negated=True),
                                    _connector="OR",
                                ),
                                name="rotations_plan_published_at",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Need",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "fortnights",
                            models.PositiveSmallIntegerField(
                                validators=[django.core.validators.MinValueValidator(1)], verbose_name="fortnights"
                            ),
                        ),
                        (
                            "family",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="sites.machinefamily",
                                verbose_name="machine family",
                            ),
                        ),
                        (
                            "plan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="needs", to="rotations.plan"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "fortnights at a family",
                        "verbose_name_plural": "fortnights at families",
                        "ordering": ["family__code"],
                        "constraints": [
                            models.UniqueConstraint(fields=("plan", "family"), name="rotations_need_once_a_family")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Group",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                        (
                            "campus",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="community.campus",
                                verbose_name="campus",
                            ),
                        ),
                        (
                            "plan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="groups", to="rotations.plan"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "group of trainees",
                        "verbose_name_plural": "groups of trainees",
                        "ordering": ["plan", "number"],
                        "constraints": [
                            models.UniqueConstraint(fields=("plan", "number"), name="rotations_group_number_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Repair",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("reason", models.CharField(max_length=300, verbose_name="reason")),
                        ("lost", models.PositiveSmallIntegerField(verbose_name="sessions lost")),
                        ("moved", models.PositiveSmallIntegerField(verbose_name="sessions moved")),
                        (
                            "reseated",
                            models.PositiveSmallIntegerField(verbose_name="sessions with another machine or mentor"),
                        ),
                        ("is_proven", models.BooleanField(verbose_name="proven the least")),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "made_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "plan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="repairs", to="rotations.plan"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "repair of a plan",
                        "verbose_name_plural": "repairs of plans",
                        "ordering": ["-made_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Stay",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("fortnight", models.PositiveSmallIntegerField(verbose_name="fortnight")),
                        (
                            "campus",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="community.campus"
                            ),
                        ),
                        (
                            "family",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="sites.machinefamily"
                            ),
                        ),
                        (
                            "group",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="stays", to="rotations.group"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "rotation",
                        "verbose_name_plural": "rotations",
                        "ordering": ["group", "fortnight"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("group", "fortnight"), name="rotations_one_place_a_fortnight"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Week",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField(verbose_name="week")),
                        ("figures", models.JSONField(default=dict)),
                        ("refusal", models.JSONField(default=dict)),
                        (
                            "plan",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="weeks", to="rotations.plan"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "week of a plan",
                        "verbose_name_plural": "weeks of plans",
                        "ordering": ["plan", "number"],
                        "constraints": [models.UniqueConstraint(fields=("plan", "number"), name="rotations_week_once")],
                    },
                ),
                migrations.CreateModel(
                    name="Session",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("slot", models.PositiveSmallIntegerField()),
                        ("starts_at", models.DateTimeField(verbose_name="from")),
                        ("ends_at", models.DateTimeField(verbose_name="until")),
                        (
                            "ended_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sessions_ended",
                                to="rotations.repair",
                            ),
                        ),
                        (
                            "group",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="sessions",
                                to="rotations.group",
                            ),
                        ),
                        (
                            "machine",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="rotation_sessions",
                                to="sites.machine",
                            ),
                        ),
                        (
                            "made_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sessions_made",
                                to="rotations.repair",
                            ),
                        ),
                        (
                            "mentor",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="rotation_sessions",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "week",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="sessions",
                                to="rotations.week",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "session",
                        "verbose_name_plural": "sessions",
                        "ordering": ["starts_at", "group"],
                        "indexes": [
                            models.Index(fields=["mentor", "ends_at"], name="rotations_sessions_of_mentor"),
                            models.Index(fields=["machine", "ends_at"], name="rotations_sessions_of_machine"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                                name="rotations_session_ends_after_start",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_by__isnull", True)),
                                fields=("week", "group", "slot"),
                                name="rotations_group_once_a_slot",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_by__isnull", True)),
                                fields=("week", "machine", "slot"),
                                name="rotations_machine_once_a_slot",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("ended_by__isnull", True)),
                                fields=("week", "mentor", "slot"),
                                name="rotations_mentor_once_a_slot",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Member",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "group",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="members",
                                to="rotations.group",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="rotation_memberships",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "trainee of a group",
                        "verbose_name_plural": "trainees of groups",
                        "ordering": ["group", "pk"],
                        "constraints": [
                            models.UniqueConstraint(fields=("group", "person"), name="rotations_member_once_a_group")
                        ],
                    },
                ),
            ],
        ),
    ]
