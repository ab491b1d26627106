import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import ronghe.apps.ledger.operations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("community", "0004_gates"),
    ]

    operations = [
        ronghe.apps.ledger.operations.Together(
            operations=[
                migrations.CreateModel(
                    name="RuleSet",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("code", models.CharField(max_length=80, unique=True, verbose_name="code")),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                    ],
                    options={
                        "verbose_name": "policy rule set",
                        "verbose_name_plural": "policy rule sets",
                        "ordering": ["code"],
                    },
                ),
                migrations.CreateModel(
                    name="DigestChoice",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("is_wanted", models.BooleanField(default=True, verbose_name="send me the weekly mail")),
                        ("last_sent_on", models.DateField(blank=True, editable=False, null=True)),
                        (
                            "person",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="policy_digest",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "choice of mail",
                        "verbose_name_plural": "choices of mail",
                    },
                ),
                migrations.CreateModel(
                    name="IncentiveClaim",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("revision", models.PositiveIntegerField(default=1, editable=False)),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("incentive_key", models.CharField(max_length=80, verbose_name="incentive")),
                        (
                            "year",
                            models.PositiveIntegerField(
                                validators=[
                                    django.core.validators.MinValueValidator(2018),
                                    django.core.validators.MaxValueValidator(2100),
                                ],
                                verbose_name="year",
                            ),
                        ),
                        ("declared", models.JSONField(editable=False)),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="amount (yuan)")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("drafted", "Drafted"),
                                    ("filed", "Filed"),
                                    ("granted", "Granted"),
                                    ("refused", "Refused"),
                                ],
                                default="drafted",
                                max_length=8,
                                verbose_name="state",
                            ),
                        ),
                        ("eligibility", models.JSONField(editable=False)),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="incentive_claims",
                                to="community.organisation",
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="claims",
                                to="policies.rulesetversion",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "claim on an incentive",
                        "verbose_name_plural": "claims on incentives",
                        "ordering": ["-year", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["drafted", "filed", "granted", "refused"])),
                                name="policies_claim_state_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("amount__gte", 0)), name="policies_claim_not_negative"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "refused"), _negated=True),
                                fields=("organisation", "incentive_key", "year"),
                                name="policies_claimed_once_a_year",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ClaimStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("drafted", "Drafted"),
                                    ("filed", "Filed"),
                                    ("granted", "Granted"),
                                    ("refused", "Refused"),
                                ],
                                max_length=8,
                                verbose_name="state",
                            ),
                        ),
                        ("day", models.DateField(verbose_name="day")),
                        ("amount", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="amount (yuan)")),
                        ("note", models.CharField(blank=True, max_length=500, verbose_name="note")),
                        ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        (
                            "by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "claim",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="steps",
                                to="policies.incentiveclaim",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "step of a claim",
                        "verbose_name_plural": "steps of claims",
                        "ordering": ["recorded_at", "pk"],
                    },
                ),
                migrations.CreateModel(
                    name="RuleSetVersion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("number", models.PositiveIntegerField(verbose_name="version")),
                        ("source_text", models.TextField(verbose_name="source text")),
                        ("content", models.TextField(editable=False)),
                        ("digest", models.CharField(editable=False, max_length=64)),
                        ("note", models.CharField(max_length=500, verbose_name="what changes and why")),
                        (
                            "state",
                            models.CharField(
                                choices=[("proposed", "Proposed"), ("published", "Published"), ("refused", "Refused")],
                                default="proposed",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("proposed_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("decided_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("decision_note", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "rule_set",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="versions",
                                to="policies.ruleset",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "version of a rule set",
                        "verbose_name_plural": "versions of rule sets",
                        "ordering": ["rule_set", "-number"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("rule_set", "number"), name="policies_version_numbered_once"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "proposed")),
                                fields=("rule_set",),
                                name="policies_one_proposal_at_a_time",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["proposed", "published", "refused"])),
                                name="policies_version_state_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("proposed_by__isnull", True),
                                    ("decided_by__isnull", True),
                                    models.Q(("decided_by", models.F("proposed_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="policies_version_decided_by_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("decided_at__isnull", True), ("state", "proposed")),
                                    models.Q(
                                        models.Q(("state", "proposed"), _negated=True), ("decided_at__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="policies_version_decided_is_dated",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Decision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "subject_kind",
                            models.CharField(
                                choices=[
                                    ("chain", "Chain"),
                                    ("enterprise", "Enterprise"),
                                    ("cohort", "Cohort"),
                                    ("community", "The community"),
                                ],
                                max_length=10,
                                verbose_name="subject",
                            ),
                        ),
                        ("subject_key", models.PositiveBigIntegerField()),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("day", models.DateField(verbose_name="on the day")),
                        ("known_at", models.DateTimeField(verbose_name="as it was known at")),
                        ("lines", models.JSONField(editable=False)),
                        ("digest", models.CharField(editable=False, max_length=64)),
                        ("note", models.TextField(blank=True, max_length=2000, verbose_name="what was found")),
                        ("signed_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        (
                            "signed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "decision",
                        "verbose_name_plural": "decisions",
                        "ordering": ["-signed_at"],
                        "indexes": [
                            models.Index(
                                fields=["subject_kind", "subject_key", "-signed_at"],
                                name="policies_de_subject_69df8a_idx",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PayLink",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("valid_from", models.DateField(verbose_name="valid from")),
                        (
                            "valid_until",
                            models.DateField(
                                blank=True,
                                help_text="the first day it no longer holds",
                                null=True,
                                verbose_name="valid until",
                            ),
                        ),
                        ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("superseded_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        (
                            "level",
                            models.PositiveSmallIntegerField(
                                choices=[
                                    (1, "apprentice"),
                                    (2, "junior worker"),
                                    (3, "intermediate worker"),
                                    (4, "senior worker"),
                                    (5, "technician"),
                                    (6, "senior technician"),
                                    (7, "special technician"),
                                    (8, "chief technician"),
                                ],
                                verbose_name="worker level",
                            ),
                        ),
                        ("post_zh", models.CharField(max_length=80, verbose_name="post (Chinese)")),
                        ("post_en", models.CharField(blank=True, max_length=120, verbose_name="post (English)")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("relative", "per cent of base pay (relative change)"),
                                    ("yuan", "yuan a month"),
                                ],
                                max_length=8,
                                verbose_name="promised as",
                            ),
                        ),
                        ("uplift", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="uplift")),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="pay_links",
                                to="community.organisation",
                            ),
                        ),
                        (
                            "published_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "pay link",
                        "verbose_name_plural": "pay links",
                        "ordering": ["post_zh", "level", "valid_from"],
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["organisation", "superseded_at", "valid_from"],
                                name="policies_pa_organis_fd8d29_idx",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="policies_paylink_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="policies_paylink_superseded_after_recorded",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("level__gte", 1), ("level__lte", 8)),
                                name="policies_pay_level_of_eight",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("kind__in", ["relative", "yuan"])), name="policies_pay_kind_known"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("uplift__gte", 0)), name="policies_pay_uplift_not_negative"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True), ("valid_until__isnull", True)),
                                fields=("organisation", "level", "post_zh"),
                                name="policies_pay_link_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Payslip",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("month", models.DateField(help_text="its first day", verbose_name="month")),
                        ("post_zh", models.CharField(max_length=80, verbose_name="post")),
                        (
                            "base_pay",
                            models.DecimalField(
                                decimal_places=2, max_digits=10, verbose_name="base pay of the post (yuan a month)"
                            ),
                        ),
                        ("paid", models.DecimalField(decimal_places=2, max_digits=10, verbose_name="paid (yuan)")),
                        (
                            "declared_by",
                            models.CharField(
                                choices=[("worker", "the worker"), ("firm", "the firm")],
                                max_length=6,
                                verbose_name="declared by",
                            ),
                        ),
                        ("declared_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="payslips",
                                to="community.organisation",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="payslips",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "payslip",
                        "verbose_name_plural": "payslips",
                        "ordering": ["-month", "-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("person", "organisation", "month", "declared_by"),
                                name="policies_payslip_once_a_month",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("base_pay__gt", 0), ("paid__gte", 0)),
                                name="policies_payslip_amounts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("declared_by__in", ["worker", "firm"])),
                                name="policies_payslip_declared_by",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Question",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "subject_kind",
                            models.CharField(
                                choices=[
                                    ("chain", "Chain"),
                                    ("enterprise", "Enterprise"),
                                    ("cohort", "Cohort"),
                                    ("community", "The community"),
                                ],
                                max_length=10,
                                verbose_name="subject",
                            ),
                        ),
                        ("subject_key", models.PositiveBigIntegerField()),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("rule_key", models.CharField(max_length=80, verbose_name="rule")),
                        ("day", models.DateField(verbose_name="on the day")),
                        ("record", models.CharField(blank=True, max_length=120, verbose_name="record")),
                        ("text", models.TextField(max_length=2000, verbose_name="question")),
                        ("asked_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("answer", models.TextField(blank=True, max_length=2000, verbose_name="answer")),
                        ("answered_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        (
                            "answered_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "asked_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "rule_set",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="questions",
                                to="policies.ruleset",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "question on an obligation",
                        "verbose_name_plural": "questions on obligations",
                        "ordering": ["-asked_at"],
                        "indexes": [
                            models.Index(
                                fields=["subject_kind", "subject_key", "rule_key"],
                                name="policies_qu_subject_aca1e2_idx",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("answer", ""), ("answered_at__isnull", True)),
                                    models.Q(
                                        models.Q(("answered_at__isnull", False)),
                                        models.Q(("answer", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="policies_question_answer_is_dated",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Exemption",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("revision", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "subject_kind",
                            models.CharField(
                                choices=[
                                    ("chain", "Chain"),
                                    ("enterprise", "Enterprise"),
                                    ("cohort", "Cohort"),
                                    ("community", "The community"),
                                ],
                                max_length=10,
                                verbose_name="subject",
                            ),
                        ),
                        ("subject_key", models.PositiveBigIntegerField()),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("rule_key", models.CharField(max_length=80, verbose_name="rule")),
                        ("reason", models.CharField(max_length=500, verbose_name="reason")),
                        ("first_day", models.DateField(verbose_name="first day")),
                        ("last_day", models.DateField(verbose_name="last day")),
                        (
                            "state",
                            models.CharField(
                                choices=[("asked", "Asked for"), ("granted", "Granted"), ("refused", "Refused")],
                                default="asked",
                                max_length=8,
                                verbose_name="state",
                            ),
                        ),
                        ("asked_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("decided_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        (
                            "decision_note",
                            models.CharField(blank=True, max_length=500, verbose_name="reason of the decision"),
                        ),
                        ("revoked_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("revoked_on", models.DateField(blank=True, editable=False, null=True)),
                        (
                            "asked_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "rule_set",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="exemptions",
                                to="policies.ruleset",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "exemption",
                        "verbose_name_plural": "exemptions",
                        "ordering": ["-asked_at"],
                        "indexes": [models.Index(fields=["state", "last_day"], name="policies_ex_state_32163d_idx")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("last_day__gte", models.F("first_day"))),
                                name="policies_exemption_ends_later",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["asked", "granted", "refused"])),
                                name="policies_exemption_state_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("asked_by__isnull", True),
                                    ("decided_by__isnull", True),
                                    models.Q(("decided_by", models.F("asked_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="policies_exemption_decided_by_another",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "asked")),
                                fields=("rule_set", "rule_key", "subject_kind", "subject_key"),
                                name="policies_exemption_asked_once",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
