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
    ]

    operations = [
        ronghe.apps.ledger.operations.Together(
            operations=[
                migrations.CreateModel(
                    name="Skill",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.CharField(max_length=80, unique=True, verbose_name="lexicon id")),
                        ("name_zh", models.CharField(max_length=120, verbose_name="Chinese name")),
                        ("name_en", models.CharField(max_length=160, verbose_name="English name")),
                        ("retired_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("lexicon_version", models.CharField(editable=False, max_length=64)),
                        (
                            "group",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="skills",
                                to="demand.skillgroup",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "skill",
                        "verbose_name_plural": "skills",
                        "ordering": ["code"],
                    },
                ),
                migrations.CreateModel(
                    name="SkillField",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.CharField(max_length=80, unique=True, verbose_name="lexicon id")),
                        ("name_zh", models.CharField(max_length=120, verbose_name="Chinese name")),
                        ("name_en", models.CharField(max_length=160, verbose_name="English name")),
                        ("retired_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("position", models.PositiveSmallIntegerField(default=0, editable=False)),
                    ],
                    options={
                        "verbose_name": "field of skills",
                        "verbose_name_plural": "fields of skills",
                        "ordering": ["position"],
                    },
                ),
                migrations.CreateModel(
                    name="Source",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=120, unique=True, verbose_name="name")),
                        ("licence", models.CharField(blank=True, max_length=120, verbose_name="licence")),
                        ("address", models.URLField(blank=True, verbose_name="address")),
                        ("is_example", models.BooleanField(default=False, verbose_name="generated example")),
                    ],
                    options={
                        "verbose_name": "source",
                        "verbose_name_plural": "sources",
                        "ordering": ["name"],
                    },
                ),
                migrations.CreateModel(
                    name="DataVersion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("mark", models.UUIDField(default=uuid.uuid4)),
                        ("extractor", models.CharField(blank=True, max_length=80)),
                        ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
                    ],
                    options={
                        "verbose_name": "state of the data",
                        "verbose_name_plural": "states of the data",
                        "constraints": [
                            models.CheckConstraint(condition=models.Q(("id", 1)), name="demand_one_data_version")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Posting",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("external_id", models.CharField(max_length=120, verbose_name="number at the source")),
                        ("published_on", models.DateField(verbose_name="published on")),
                        ("title", models.CharField(blank=True, max_length=300, verbose_name="title")),
                        ("organisation_name", models.CharField(blank=True, max_length=200, verbose_name="enterprise")),
                        ("enterprise_key", models.BigIntegerField(editable=False)),
                        ("city", models.CharField(blank=True, max_length=80, verbose_name="city")),
                        ("region", models.CharField(blank=True, max_length=80, verbose_name="region")),
                        ("field", models.CharField(blank=True, max_length=20, verbose_name="field")),
                        ("head_count", models.PositiveIntegerField(blank=True, null=True, verbose_name="head count")),
                        ("language", models.CharField(max_length=10, verbose_name="language")),
                        ("text", models.TextField(verbose_name="text")),
                        ("text_digest", models.CharField(editable=False, max_length=64)),
                        ("duplicate_reason", models.CharField(blank=True, editable=False, max_length=10)),
                        ("duplicate_similarity", models.FloatField(blank=True, editable=False, null=True)),
                        ("compared_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("extracted_with", models.CharField(blank=True, editable=False, max_length=80)),
                        ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        (
                            "duplicate_of",
                            models.ForeignKey(
                                blank=True,
                                db_index=False,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="duplicates",
                                to="demand.posting",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="postings",
                                to="community.organisation",
                            ),
                        ),
                        (
                            "source",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="postings", to="demand.source"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "posting",
                        "verbose_name_plural": "postings",
                        "ordering": ["-published_on", "-id"],
                        "indexes": [
                            models.Index(fields=["-published_on", "-id"], name="demand_post_publish_6010d8_idx"),
                            models.Index(
                                condition=models.Q(("duplicate_of__isnull", True)),
                                fields=["-published_on", "-id"],
                                name="demand_posting_listed",
                            ),
                            models.Index(
                                condition=models.Q(("duplicate_of__isnull", True)),
                                fields=["source", "-published_on", "-id"],
                                name="demand_posting_by_source",
                            ),
                            models.Index(
                                condition=models.Q(("duplicate_of__isnull", True)),
                                fields=["region", "-published_on", "-id"],
                                name="demand_posting_by_region",
                            ),
                            models.Index(
                                condition=models.Q(("duplicate_of__isnull", True)),
                                fields=["field", "-published_on", "-id"],
                                name="demand_posting_by_field",
                            ),
                            models.Index(
                                condition=models.Q(("duplicate_of__isnull", True), _negated=True),
                                fields=["duplicate_of"],
                                name="demand_posting_duplicates",
                            ),
                            models.Index(fields=["extracted_with"], name="demand_post_extract_09bdd3_idx"),
                            models.Index(
                                condition=models.Q(("compared_at__isnull", True)),
                                fields=["id"],
                                name="demand_posting_not_compared",
                            ),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("source", "external_id"), name="demand_posting_once_a_source"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("duplicate_of__isnull", True),
                                    models.Q(("duplicate_of", models.F("id")), _negated=True),
                                    _connector="OR",
                                ),
                                name="demand_posting_not_its_own_duplicate",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("duplicate_of__isnull", True), ("duplicate_reason", "")),
                                    ("duplicate_reason__in", ["exact", "near"]),
                                    _connector="OR",
                                ),
                                name="demand_posting_duplicate_has_a_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("head_count__isnull", True), ("head_count__gte", 1), _connector="OR"
                                ),
                                name="demand_posting_head_count_positive",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Requirement",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("revision", models.PositiveIntegerField(default=1, editable=False)),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "skill_level",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                null=True,
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(5),
                                ],
                                verbose_name="skill level",
                            ),
                        ),
                        (
                            "head_count",
                            models.PositiveIntegerField(
                                validators=[django.core.validators.MinValueValidator(1)], verbose_name="head count"
                            ),
                        ),
                        ("needed_by", models.DateField(verbose_name="needed by")),
                        (
                            "severity",
                            models.PositiveSmallIntegerField(
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(5),
                                ],
                                verbose_name="severity",
                            ),
                        ),
                        ("reason", models.TextField(blank=True, max_length=2000, verbose_name="what it is needed for")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Waiting for an answer"),
                                    ("answered", "Answered"),
                                    ("released", "Taught"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="open",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("raised_on", models.DateField(verbose_name="raised on")),
                        (
                            "answered_on",
                            models.DateField(blank=True, editable=False, null=True, verbose_name="answered on"),
                        ),
                        (
                            "closed_on",
                            models.DateField(blank=True, editable=False, null=True, verbose_name="closed on"),
                        ),
                        (
                            "waits_until",
                            models.GeneratedField(
                                db_persist=True,
                                expression=django.db.models.functions.comparison.Coalesce(
                                    "answered_on", "closed_on", models.Value(datetime.date(9999, 12, 31))
                                ),
                                output_field=models.DateField(),
                            ),
                        ),
                        ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="requirements",
                                to="community.organisation",
                            ),
                        ),
                        (
                            "raised_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="requirements_raised",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "skill",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="requirements",
                                to="demand.skill",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "requirement",
                        "verbose_name_plural": "requirements",
                        "ordering": ["needed_by", "-severity", "pk"],
                        "indexes": [
                            models.Index(fields=["state", "needed_by"], name="demand_requ_state_2b5624_idx"),
                            models.Index(fields=["skill", "raised_on"], name="demand_requ_skill_i_e6a492_idx"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("skill_level__isnull", True), ("skill_level__range", (1, 5)), _connector="OR"
                                ),
                                name="demand_requirement_level_in_scale",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("severity__range", (1, 5))),
                                name="demand_requirement_severity_in_scale",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("head_count__gte", 1)),
                                name="demand_requirement_head_count_positive",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["open", "answered", "released", "withdrawn"])),
                                name="demand_requirement_state_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("closed_on__isnull", False), ("state__in", ("released", "withdrawn"))),
                                    models.Q(
                                        models.Q(("state__in", ("released", "withdrawn")), _negated=True),
                                        ("closed_on__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="demand_requirement_closed_on_a_day",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("closed_on__isnull", True),
                                    ("closed_on__gte", models.F("raised_on")),
                                    _connector="OR",
                                ),
                                name="demand_requirement_closed_after_raised",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "answered"), _negated=True),
                                    ("answered_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="demand_requirement_answered_on_a_day",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MentionDecision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("start", models.PositiveIntegerField()),
                        ("end", models.PositiveIntegerField()),
                        (
                            "verdict",
                            models.CharField(
                                choices=[("accepted", "Accepted"), ("rejected", "Rejected")],
                                max_length=10,
                                verbose_name="verdict",
                            ),
                        ),
                        ("decided_at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="mention_decisions",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "posting",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="decisions",
                                to="demand.posting",
                            ),
                        ),
                        (
                            "skill",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="decisions", to="demand.skill"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "decision on a mention",
                        "verbose_name_plural": "decisions on mentions",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("posting", "start", "end", "skill"), name="demand_decision_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("end__gt", models.F("start"))), name="demand_decision_not_empty"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("verdict__in", ["accepted", "rejected"])),
                                name="demand_decision_verdict_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Mention",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("start", models.PositiveIntegerField()),
                        ("end", models.PositiveIntegerField()),
                        ("tier", models.PositiveSmallIntegerField(verbose_name="tier")),
                        ("score", models.FloatField(verbose_name="score")),
                        (
                            "posting",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="mentions",
                                to="demand.posting",
                            ),
                        ),
                        (
                            "skill",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="mentions", to="demand.skill"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "mention",
                        "verbose_name_plural": "mentions",
                        "ordering": ["start", "end"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("posting", "start", "end", "skill"), name="demand_mention_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("end__gt", models.F("start"))), name="demand_mention_not_empty"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("score__gte", 0), ("score__lte", 1)),
                                name="demand_mention_score_in_range",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("tier__in", [1, 2, 3])), name="demand_mention_tier_known"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SkillGroup",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.CharField(max_length=80, unique=True, verbose_name="lexicon id")),
                        ("name_zh", models.CharField(max_length=120, verbose_name="Chinese name")),
                        ("name_en", models.CharField(max_length=160, verbose_name="English name")),
                        ("retired_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("position", models.PositiveSmallIntegerField(default=0, editable=False)),
                        (
                            "field",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="groups",
                                to="demand.skillfield",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "group of skills",
                        "verbose_name_plural": "groups of skills",
                        "ordering": ["position"],
                    },
                ),
                migrations.CreateModel(
                    name="SkillLink",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("scheme", models.CharField(max_length=20, verbose_name="taxonomy")),
                        ("identifier", models.CharField(max_length=200, verbose_name="identifier")),
                        ("label", models.CharField(max_length=300, verbose_name="label")),
                        (
                            "method",
                            models.CharField(
                                choices=[
                                    ("declared", "Declared in the lexicon"),
                                    ("label", "Same preferred label"),
                                    ("synonym", "Same synonym"),
                                    ("person", "Confirmed by a person"),
                                ],
                                max_length=10,
                                verbose_name="how it was linked",
                            ),
                        ),
                        (
                            "skill",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="links", to="demand.skill"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "crosswalk link",
                        "verbose_name_plural": "crosswalk links",
                        "ordering": ["scheme", "label"],
                        "constraints": [
                            models.UniqueConstraint(fields=("skill", "scheme", "identifier"), name="demand_link_once"),
                            models.CheckConstraint(
                                condition=models.Q(("method__in", ["declared", "label", "synonym", "person"])),
                                name="demand_link_method_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AskedSkill",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("published_on", models.DateField()),
                        ("region", models.CharField(blank=True, max_length=80)),
                        ("enterprise_key", models.BigIntegerField()),
                        ("heads", models.PositiveIntegerField(default=1)),
                        (
                            "posting",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="asked",
                                to="demand.posting",
                            ),
                        ),
                        (
                            "skill",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="asked",
                                to="demand.skill",
                            ),
                        ),
                        (
                            "source",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="demand.source",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "skill asked for",
                        "verbose_name_plural": "skills asked for",
                        "indexes": [
                            models.Index(
                                fields=["skill", "published_on", "source", "region"], name="demand_asked_by_skill"
                            )
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("posting", "skill"), name="demand_asked_once_a_posting"),
                            models.CheckConstraint(
                                condition=models.Q(("heads__gte", 1)), name="demand_asked_heads_positive"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RequirementAnswer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("planned", "Will be taught"),
                                    ("question", "Needs more information"),
                                    ("declined", "Will not be taught"),
                                ],
                                max_length=10,
                                verbose_name="answer",
                            ),
                        ),
                        ("text", models.TextField(max_length=2000, verbose_name="explanation")),
                        ("planned_for", models.DateField(blank=True, null=True, verbose_name="planned for")),
                        ("answered_at", models.DateTimeField(default=django.utils.timezone.now)),
                        (
                            "answered_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="requirement_answers",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "requirement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="answers",
                                to="demand.requirement",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "answer to a requirement",
                        "verbose_name_plural": "answers to requirements",
                        "ordering": ["answered_at", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("kind__in", ["planned", "question", "declined"])),
                                name="demand_answer_kind_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "planned"), _negated=True),
                                    ("planned_for__isnull", False),
                                    _connector="OR",
                                ),
                                name="demand_answer_planned_has_a_date",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
