import datetime
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
import ronghe.apps.ledger.operations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("community", "0002_regions"),
        ("demand", "0002_panel_panelexpert_panelitem_panelround_panelseat_and_more"),
    ]

    operations = [
        ronghe.apps.ledger.operations.Together(
            operations=[
                migrations.CreateModel(
                    name="Course",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name_zh", models.CharField(max_length=120, verbose_name="Chinese name")),
                        ("name_en", models.CharField(blank=True, max_length=160, verbose_name="English name")),
                        ("code", models.CharField(max_length=30, verbose_name="course code")),
                        (
                            "credits",
                            models.DecimalField(decimal_places=1, default=0, max_digits=4, verbose_name="credits"),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="courses",
                                to="curriculum.programme",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "course",
                        "verbose_name_plural": "courses",
                        "ordering": ["code"],
                        "constraints": [
                            models.UniqueConstraint(fields=("programme", "code"), name="curriculum_course_code_once"),
                            models.CheckConstraint(
                                condition=models.Q(("credits__gte", 0)), name="curriculum_course_credits_not_negative"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IndustryProject",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name_zh", models.CharField(max_length=120, verbose_name="Chinese name")),
                        ("name_en", models.CharField(blank=True, max_length=160, verbose_name="English name")),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("summary", models.TextField(blank=True, max_length=4000, verbose_name="what it was about")),
                        ("started_on", models.DateField(verbose_name="started on")),
                        ("ended_on", models.DateField(blank=True, null=True, verbose_name="ended on")),
                        ("registered_on", models.DateField(default=django.utils.timezone.localdate, editable=False)),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="industry_projects",
                                to="community.organisation",
                                verbose_name="enterprise",
                            ),
                        ),
                        (
                            "registered_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="industry_projects",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "project of industry",
                        "verbose_name_plural": "projects of industry",
                        "ordering": ["-started_on", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation", "name_zh"), name="curriculum_project_named_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_on__isnull", True),
                                    ("ended_on__gte", models.F("started_on")),
                                    _connector="OR",
                                ),
                                name="curriculum_project_ends_after_it_starts",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Package",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name_zh", models.CharField(max_length=120, verbose_name="Chinese name")),
                        ("name_en", models.CharField(blank=True, max_length=160, verbose_name="English name")),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "opened_on",
                            models.DateField(default=django.utils.timezone.localdate, verbose_name="opened on"),
                        ),
                        ("retired_on", models.DateField(blank=True, null=True, verbose_name="retired on")),
                        (
                            "course",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="packages",
                                to="curriculum.course",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "course package",
                        "verbose_name_plural": "course packages",
                        "ordering": ["name_zh"],
                        "constraints": [
                            models.UniqueConstraint(fields=("course", "name_zh"), name="curriculum_package_named_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("retired_on__isnull", True),
                                    ("retired_on__gte", models.F("opened_on")),
                                    _connector="OR",
                                ),
                                name="curriculum_package_retired_after_opened",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PackageVersion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("revision", models.PositiveIntegerField(default=1, editable=False)),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("number", models.PositiveIntegerField(verbose_name="version")),
                        (
                            "state",
                            models.CharField(
                                choices=[("draft", "Draft"), ("review", "Under review"), ("released", "Released")],
                                default="draft",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("summary", models.TextField(blank=True, max_length=2000, verbose_name="what is new and why")),
                        ("round", models.PositiveSmallIntegerField(default=0, editable=False)),
                        ("created_on", models.DateField(default=django.utils.timezone.localdate, editable=False)),
                        ("submitted_on", models.DateField(editable=False, null=True)),
                        ("released_on", models.DateField(editable=False, null=True, verbose_name="released on")),
                        ("recorded_at", models.DateTimeField(editable=False, null=True)),
                        ("superseded_on", models.DateField(editable=False, null=True, verbose_name="in force until")),
                        ("content_hash", models.CharField(blank=True, editable=False, max_length=80)),
                        (
                            "taught_from",
                            models.GeneratedField(
                                db_persist=True,
                                expression=django.db.models.functions.comparison.Coalesce(
                                    "released_on", models.Value(datetime.date(9999, 12, 31))
                                ),
                                output_field=models.DateField(),
                            ),
                        ),
                        (
                            "taught_until",
                            models.GeneratedField(
                                db_persist=True,
                                expression=django.db.models.functions.comparison.Coalesce(
                                    "superseded_on", models.Value(datetime.date(9999, 12, 31))
                                ),
                                output_field=models.DateField(),
                            ),
                        ),
                        (
                            "created_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="versions_created",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "package",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="versions",
                                to="curriculum.package",
                            ),
                        ),
                        (
                            "released_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="versions_released",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "submitted_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="versions_submitted",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "version of a package",
                        "verbose_name_plural": "versions of packages",
                        "ordering": ["package", "-number"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("package", "number"), name="curriculum_version_numbered_once"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "released"), _negated=True),
                                fields=("package",),
                                name="curriculum_one_version_in_work",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["draft", "review", "released"])),
                                name="curriculum_version_state_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("number__gte", 1)), name="curriculum_version_number_positive"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("recorded_at__isnull", False),
                                        ("released_on__isnull", False),
                                        ("state", "released"),
                                        models.Q(("content_hash", ""), _negated=True),
                                    ),
                                    models.Q(
                                        models.Q(("state", "released"), _negated=True),
                                        ("content_hash", ""),
                                        ("recorded_at__isnull", True),
                                        ("released_on__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="curriculum_version_released_on_a_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_on__isnull", True),
                                    ("superseded_on__gte", models.F("released_on")),
                                    _connector="OR",
                                ),
                                name="curriculum_version_superseded_after_release",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Programme",
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
                        (
                            "field",
                            models.CharField(
                                choices=[
                                    ("ic", "Integrated circuits"),
                                    ("comm", "5G and communications"),
                                    ("embedded", "Embedded systems"),
                                    ("ai", "Artificial intelligence"),
                                    ("software", "Software"),
                                    ("ecommerce", "Cross-border e-commerce"),
                                ],
                                max_length=20,
                                verbose_name="field",
                            ),
                        ),
                        ("months", models.PositiveSmallIntegerField(default=36, verbose_name="length in months")),
                        (
                            "founded_on",
                            models.DateField(default=django.utils.timezone.localdate, verbose_name="offered since"),
                        ),
                        (
                            "cohorts",
                            models.ManyToManyField(
                                blank=True,
                                related_name="programmes",
                                to="community.cohort",
                                verbose_name="cohorts that follow it",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="programmes",
                                to="community.organisation",
                                verbose_name="university",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "programme",
                        "verbose_name_plural": "programmes",
                        "ordering": ["name_zh"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation", "name_zh"), name="curriculum_programme_named_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("field__in", ["ic", "comm", "embedded", "ai", "software", "ecommerce"])
                                ),
                                name="curriculum_programme_field_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("months__range", (1, 96))),
                                name="curriculum_programme_length_possible",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CriResult",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("as_of", models.DateField()),
                        ("value", models.FloatField(null=True)),
                        ("low", models.FloatField(null=True)),
                        ("high", models.FloatField(null=True)),
                        ("method", models.CharField(max_length=60)),
                        ("method_version", models.PositiveSmallIntegerField()),
                        ("inputs_hash", models.CharField(max_length=80)),
                        ("parameters", models.JSONField()),
                        ("result", models.JSONField()),
                        ("frozen_at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "enterprise",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cri_results",
                                to="community.organisation",
                            ),
                        ),
                        (
                            "frozen_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="cri_results",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cri_results",
                                to="curriculum.programme",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "frozen CRI result",
                        "verbose_name_plural": "frozen CRI results",
                        "ordering": ["-as_of", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("value__isnull", True), ("value__range", (0, 100)), _connector="OR"
                                ),
                                name="curriculum_cri_between_0_and_100",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ProjectPart",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name_zh", models.CharField(max_length=120, verbose_name="Chinese name")),
                        ("name_en", models.CharField(blank=True, max_length=160, verbose_name="English name")),
                        ("position", models.PositiveSmallIntegerField(default=1, verbose_name="place")),
                        ("work", models.TextField(blank=True, max_length=4000, verbose_name="what is done in it")),
                        (
                            "project",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="parts",
                                to="curriculum.industryproject",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "part of a project",
                        "verbose_name_plural": "parts of projects",
                        "ordering": ["project", "position", "pk"],
                        "constraints": [
                            models.UniqueConstraint(fields=("project", "name_zh"), name="curriculum_part_named_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Review",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("round", models.PositiveSmallIntegerField()),
                        (
                            "side",
                            models.CharField(
                                choices=[("university", "Teacher"), ("enterprise", "Enterprise mentor")],
                                max_length=10,
                                verbose_name="side",
                            ),
                        ),
                        (
                            "verdict",
                            models.CharField(
                                choices=[("approved", "Approved"), ("changes", "Changes needed")],
                                max_length=10,
                                verbose_name="verdict",
                            ),
                        ),
                        ("comment", models.TextField(blank=True, max_length=2000, verbose_name="comment")),
                        ("reviewed_at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="package_reviews",
                                to="community.organisation",
                            ),
                        ),
                        (
                            "reviewer",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="package_reviews",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="reviews",
                                to="curriculum.packageversion",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "review of a version",
                        "verbose_name_plural": "reviews of versions",
                        "ordering": ["reviewed_at", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("version", "round", "reviewer"), name="curriculum_review_once_a_round"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("side__in", ["university", "enterprise"])),
                                name="curriculum_review_side_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("verdict__in", ["approved", "changes"])),
                                name="curriculum_review_verdict_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("verdict", "approved"), models.Q(("comment", ""), _negated=True), _connector="OR"
                                ),
                                name="curriculum_review_changes_are_named",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TeachingCase",
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
                        ("summary", models.TextField(max_length=4000, verbose_name="the case in short")),
                        (
                            "licence",
                            models.CharField(
                                choices=[
                                    ("community", "Free within the community"),
                                    ("university", "Only at the universities named"),
                                    ("cc-by-4.0", "CC BY 4.0"),
                                    ("cc-by-nc-4.0", "CC BY-NC 4.0"),
                                    ("terms", "Other terms, named below"),
                                ],
                                default="community",
                                max_length=20,
                                verbose_name="licence",
                            ),
                        ),
                        ("terms", models.CharField(blank=True, max_length=300, verbose_name="terms")),
                        ("happened_on", models.DateField(verbose_name="happened on")),
                        (
                            "checked_on",
                            models.DateField(default=django.utils.timezone.localdate, verbose_name="last checked on"),
                        ),
                        ("address", models.URLField(blank=True, verbose_name="address of the material")),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="teaching_cases",
                                to="community.organisation",
                                verbose_name="enterprise",
                            ),
                        ),
                        (
                            "registered_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="teaching_cases",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "teaching case",
                        "verbose_name_plural": "teaching cases",
                        "ordering": ["-happened_on", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation", "name_zh"), name="curriculum_case_named_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("licence__in", ["community", "university", "cc-by-4.0", "cc-by-nc-4.0", "terms"])
                                ),
                                name="curriculum_case_licence_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("licence", "terms"), _negated=True),
                                    models.Q(("terms", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="curriculum_case_own_terms_are_named",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("checked_on__gte", models.F("happened_on"))),
                                name="curriculum_case_checked_after_it_happened",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Unit",
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
                        ("key", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        ("position", models.PositiveSmallIntegerField(default=1, verbose_name="place")),
                        ("content", models.TextField(blank=True, max_length=8000, verbose_name="what is taught")),
                        ("hours", models.DecimalField(decimal_places=1, max_digits=5, verbose_name="teaching hours")),
                        (
                            "practice_hours",
                            models.DecimalField(
                                decimal_places=1, default=0, max_digits=5, verbose_name="practice hours"
                            ),
                        ),
                        (
                            "change",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("unchanged", "Unchanged"),
                                    ("reworded", "Reworded"),
                                    ("adjusted", "Adjusted"),
                                    ("split", "Split off"),
                                    ("merged", "Merged"),
                                    ("replaced", "Replaced"),
                                    ("added", "Added"),
                                ],
                                editable=False,
                                max_length=10,
                            ),
                        ),
                        ("novelty", models.FloatField(editable=False, null=True)),
                        ("renewed_on", models.DateField(editable=False, null=True, verbose_name="content of")),
                        (
                            "enterprise_author",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="units_written_for_enterprises",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="author from an enterprise",
                            ),
                        ),
                        (
                            "source_case",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="units",
                                to="curriculum.teachingcase",
                                verbose_name="real case",
                            ),
                        ),
                        (
                            "source_part",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="units",
                                to="curriculum.projectpart",
                                verbose_name="part of a project of industry",
                            ),
                        ),
                        (
                            "university_author",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="units_written_for_universities",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="author from the university",
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="units",
                                to="curriculum.packageversion",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "teaching unit",
                        "verbose_name_plural": "teaching units",
                        "ordering": ["version", "position", "pk"],
                        "constraints": [
                            models.UniqueConstraint(fields=("version", "key"), name="curriculum_unit_once_a_version"),
                            models.CheckConstraint(
                                condition=models.Q(("hours__gt", 0)), name="curriculum_unit_has_hours"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("practice_hours__gte", 0), ("practice_hours__lte", models.F("hours"))
                                ),
                                name="curriculum_unit_practice_within_hours",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("novelty__isnull", True), ("novelty__range", (0, 1)), _connector="OR"
                                ),
                                name="curriculum_unit_novelty_is_a_share",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("change", ""),
                                    (
                                        "change__in",
                                        ["unchanged", "reworded", "adjusted", "split", "merged", "replaced", "added"],
                                    ),
                                    _connector="OR",
                                ),
                                name="curriculum_unit_change_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SuggestionDecision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("is_accepted", models.BooleanField(verbose_name="accepted")),
                        ("reason", models.CharField(max_length=300, verbose_name="why it was suggested")),
                        ("score", models.FloatField()),
                        ("decided_at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="suggestion_decisions",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "skill",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="demand.skill"
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="suggestion_decisions",
                                to="curriculum.unit",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "decision on a suggested skill",
                        "verbose_name_plural": "decisions on suggested skills",
                        "constraints": [
                            models.UniqueConstraint(fields=("unit", "skill"), name="curriculum_suggestion_decided_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Declaration",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "skill_level",
                            models.PositiveSmallIntegerField(
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(5),
                                ],
                                verbose_name="skill level",
                            ),
                        ),
                        ("hours", models.DecimalField(decimal_places=1, max_digits=5, verbose_name="teaching hours")),
                        (
                            "practice_hours",
                            models.DecimalField(
                                decimal_places=1, default=0, max_digits=5, verbose_name="practice hours"
                            ),
                        ),
                        ("evidence", models.CharField(blank=True, max_length=300, verbose_name="evidence")),
                        (
                            "skill",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="declarations",
                                to="demand.skill",
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="declarations",
                                to="curriculum.unit",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "declared skill",
                        "verbose_name_plural": "declared skills",
                        "ordering": ["unit", "-hours", "pk"],
                        "indexes": [models.Index(fields=["skill", "unit"], name="curriculum__skill_i_9329ca_idx")],
                        "constraints": [
                            models.UniqueConstraint(fields=("unit", "skill"), name="curriculum_skill_declared_once"),
                            models.CheckConstraint(
                                condition=models.Q(("skill_level__range", (1, 5))),
                                name="curriculum_declared_level_in_scale",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("hours__gt", 0)), name="curriculum_declared_hours_positive"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("practice_hours__gte", 0), ("practice_hours__lte", models.F("hours"))
                                ),
                                name="curriculum_declared_practice_within_hours",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
