import django.db.models.deletion
import django.utils.timezone
import ronghe.apps.ledger.operations
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "__first__"),
        ("community", "0002_regions"),
    ]

    operations = [
        migrations.AddField(
            model_name="cohort",
            name="revision",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
        migrations.AddField(
            model_name="organisation",
            name="registered_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        ronghe.apps.ledger.operations.Together(
            operations=[
                migrations.CreateModel(
                    name="Admission",
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
                            "tier",
                            models.CharField(
                                choices=[
                                    ("leader", "Chain leader"),
                                    ("member", "Member enterprise"),
                                    ("university", "University"),
                                ],
                                max_length=10,
                                verbose_name="tier",
                            ),
                        ),
                        (
                            "statement",
                            models.TextField(blank=True, max_length=2000, verbose_name="why the firm wants to join"),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "In screening"),
                                    ("admitted", "Admitted"),
                                    ("refused", "Refused"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="open",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "applied_on",
                            models.DateField(default=django.utils.timezone.localdate, verbose_name="applied on"),
                        ),
                        ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed on")),
                        (
                            "applied_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "brought_in_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="admissions_brought_in",
                                to="community.organisation",
                            ),
                        ),
                        (
                            "chain",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="admissions",
                                to="community.chain",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="admissions",
                                to="community.organisation",
                            ),
                        ),
                        (
                            "invitation",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="admission",
                                to="community.chaininvitation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "application to a chain",
                        "verbose_name_plural": "applications to chains",
                        "ordering": ["-applied_on", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["open", "admitted", "refused", "withdrawn"])),
                                name="community_admission_state_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "open"), ("closed_on__isnull", True)),
                                    models.Q(models.Q(("state", "open"), _negated=True), ("closed_on__isnull", False)),
                                    _connector="OR",
                                ),
                                name="community_admission_closed_has_day",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "open")),
                                fields=("chain", "organisation"),
                                name="community_admission_open_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AdmissionStep",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "stage",
                            models.PositiveSmallIntegerField(
                                choices=[(1, "Demand matched"), (2, "Resources agreed"), (3, "Quality evaluated")],
                                verbose_name="stage",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("gathering", "Evidence is being gathered"),
                                    ("waiting", "Waits for a decision"),
                                    ("passed", "Passed"),
                                    ("refused", "Refused"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="gathering",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("opened_on", models.DateField(verbose_name="opened on")),
                        ("due_on", models.DateField(verbose_name="due on")),
                        ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed on")),
                        ("reminded_on", models.DateField(blank=True, editable=False, null=True)),
                        ("escalated_on", models.DateField(blank=True, editable=False, null=True)),
                        (
                            "admission",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="steps",
                                to="community.admission",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "gate of an application",
                        "verbose_name_plural": "gates of applications",
                        "ordering": ["admission", "stage"],
                        "indexes": [
                            models.Index(fields=["stage", "opened_on"], name="community_a_stage_0d5a0e_idx"),
                            models.Index(fields=["state", "due_on"], name="community_a_state_99a2d5_idx"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("admission", "stage"), name="community_step_once"),
                            models.CheckConstraint(
                                condition=models.Q(("stage__in", [1, 2, 3])), name="community_step_stage_known"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["gathering", "waiting", "passed", "refused", "withdrawn"])
                                ),
                                name="community_step_state_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ChainInvitation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "tier",
                            models.CharField(
                                choices=[
                                    ("leader", "Chain leader"),
                                    ("member", "Member enterprise"),
                                    ("university", "University"),
                                ],
                                default="member",
                                max_length=10,
                                verbose_name="tier",
                            ),
                        ),
                        ("email", models.EmailField(max_length=254, verbose_name="e-mail")),
                        ("organisation_name", models.CharField(max_length=160, verbose_name="name of the firm")),
                        ("message", models.TextField(blank=True, max_length=1000, verbose_name="message")),
                        ("key_digest", models.CharField(editable=False, max_length=64, unique=True)),
                        ("sent_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("expires_at", models.DateTimeField(verbose_name="valid until")),
                        ("accepted_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("revoked_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        (
                            "chain",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="invitations",
                                to="community.chain",
                            ),
                        ),
                        (
                            "invited_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "on_behalf_of",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="invitations_sent",
                                to="community.organisation",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="invitations",
                                to="community.organisation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "invitation to a chain",
                        "verbose_name_plural": "invitations to chains",
                        "ordering": ["-sent_at"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("accepted_at__isnull", True), ("revoked_at__isnull", True), _connector="OR"
                                ),
                                name="community_invitation_accepted_or_revoked",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="DuplicateDecision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "verdict",
                            models.CharField(
                                choices=[
                                    ("different", "Two different organisations"),
                                    ("same", "The same organisation twice"),
                                ],
                                max_length=10,
                                verbose_name="finding",
                            ),
                        ),
                        ("reason", models.CharField(max_length=300, verbose_name="reason")),
                        ("decided_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "first",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="community.organisation",
                            ),
                        ),
                        (
                            "second",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="community.organisation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "decision on likely doubles",
                        "verbose_name_plural": "decisions on likely doubles",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("first", "second"), name="community_duplicate_decided_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("first__lt", models.F("second"))),
                                name="community_duplicate_in_order",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("verdict__in", ["different", "same"])),
                                name="community_duplicate_verdict_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Gate",
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
                            "stage",
                            models.PositiveSmallIntegerField(
                                choices=[(1, "Demand matched"), (2, "Resources agreed"), (3, "Quality evaluated")],
                                verbose_name="stage",
                            ),
                        ),
                        ("days", models.PositiveSmallIntegerField(verbose_name="days until the decision is due")),
                    ],
                    options={
                        "verbose_name": "gate",
                        "verbose_name_plural": "gates",
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="community_gate_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="community_gate_superseded_after_recorded",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("stage__in", [1, 2, 3])), name="community_gate_stage_known"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("days__gte", 1)), name="community_gate_takes_a_day"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True), ("valid_until__isnull", True)),
                                fields=("stage",),
                                name="community_gate_stands_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="GateCriterion",
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
                        ("code", models.SlugField(max_length=40, verbose_name="code")),
                        (
                            "stage",
                            models.PositiveSmallIntegerField(
                                choices=[(1, "Demand matched"), (2, "Resources agreed"), (3, "Quality evaluated")],
                                verbose_name="stage",
                            ),
                        ),
                        (
                            "tier",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("leader", "Chain leader"),
                                    ("member", "Member enterprise"),
                                    ("university", "University"),
                                ],
                                max_length=10,
                                verbose_name="only for the tier",
                            ),
                        ),
                        ("text_zh", models.CharField(max_length=300, verbose_name="asked for (Chinese)")),
                        ("text_en", models.CharField(max_length=400, verbose_name="asked for (English)")),
                        (
                            "metric",
                            models.CharField(
                                blank=True,
                                help_text="name in the registry of metrics; may be empty",
                                max_length=100,
                                verbose_name="metric that answers it",
                            ),
                        ),
                        ("at_least", models.FloatField(blank=True, null=True, verbose_name="at least")),
                        (
                            "is_required",
                            models.BooleanField(default=True, verbose_name="the gate cannot be passed without it"),
                        ),
                    ],
                    options={
                        "verbose_name": "criterion of a gate",
                        "verbose_name_plural": "criteria of gates",
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="community_gatecriterion_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="community_gatecriterion_superseded_after_recorded",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("stage__in", [1, 2, 3])), name="community_criterion_stage_known"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("metric", ""), ("at_least__isnull", False), _connector="OR"),
                                name="community_criterion_metric_has_bound",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True), ("valid_until__isnull", True)),
                                fields=("code",),
                                name="community_criterion_stands_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Evidence",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("note", "Note"),
                                    ("file", "File"),
                                    ("metric", "Number with its records"),
                                    ("record", "Record of the platform"),
                                ],
                                max_length=8,
                                verbose_name="kind",
                            ),
                        ),
                        ("text", models.CharField(max_length=1000, verbose_name="what it shows")),
                        ("file_name", models.CharField(blank=True, max_length=200)),
                        ("media_type", models.CharField(blank=True, max_length=100)),
                        ("size", models.PositiveIntegerField(blank=True, null=True)),
                        ("digest", models.CharField(blank=True, max_length=64, verbose_name="SHA-256")),
                        ("reference", models.CharField(blank=True, max_length=500, verbose_name="record")),
                        ("measured", models.JSONField(blank=True, null=True)),
                        ("added_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("removed_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        (
                            "added_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "step",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="evidence",
                                to="community.admissionstep",
                            ),
                        ),
                        (
                            "criterion",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="community.gatecriterion",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "piece of evidence",
                        "verbose_name_plural": "evidence",
                        "ordering": ["added_at", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("kind__in", ["note", "file", "metric", "record"])),
                                name="community_evidence_kind_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "file"), _negated=True),
                                    models.Q(("digest", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="community_evidence_file_has_digest",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="GateDecision",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "verdict",
                            models.CharField(
                                choices=[
                                    ("passed", "Pass"),
                                    ("returned", "Return for more evidence"),
                                    ("refused", "Refuse"),
                                ],
                                max_length=10,
                                verbose_name="decision",
                            ),
                        ),
                        (
                            "ground",
                            models.CharField(
                                blank=True,
                                choices=[
                                    ("no_demand", "No matching demand"),
                                    ("no_resources", "Resources are not agreed"),
                                    ("quality", "Quality is not sufficient"),
                                    ("evidence", "Evidence is missing or does not hold"),
                                    ("not_real", "The organisation is not what it says"),
                                    ("other", "Another reason"),
                                ],
                                max_length=14,
                                verbose_name="ground",
                            ),
                        ),
                        ("reason", models.TextField(max_length=2000, verbose_name="reason")),
                        ("measured", models.JSONField(default=list)),
                        ("decided_on", models.DateField(verbose_name="decided on")),
                        ("recorded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "step",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="decisions",
                                to="community.admissionstep",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "decision at a gate",
                        "verbose_name_plural": "decisions at gates",
                        "ordering": ["recorded_at", "pk"],
                        "indexes": [
                            models.Index(fields=["verdict", "decided_on"], name="community_g_verdict_0c5840_idx")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("verdict__in", ["passed", "returned", "refused"])),
                                name="community_decision_verdict_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("verdict", "refused"), models.Q(("ground", ""), _negated=True)),
                                    models.Q(models.Q(("verdict", "refused"), _negated=True), ("ground", "")),
                                    _connector="OR",
                                ),
                                name="community_decision_refusal_has_ground",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True), name="community_decision_has_reason"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OrganisationConfirmation",
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
                            "basis",
                            models.CharField(
                                help_text="for example: licence seen, code found in the public register",
                                max_length=300,
                                verbose_name="what it rests on",
                            ),
                        ),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="confirmations",
                                to="community.organisation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "confirmation",
                        "verbose_name_plural": "confirmations",
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["organisation", "superseded_at", "valid_from"],
                                name="community_o_organis_34e94a_idx",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="community_organisationconfirmation_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="community_organisationconfirmation_superseded_after_recorded",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True), ("valid_until__isnull", True)),
                                fields=("organisation",),
                                name="community_confirmation_held_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OrganisationFact",
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
                        ("uid", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("insured_staff", "Insured staff (persons)"),
                                    ("staff", "Staff (persons)"),
                                    ("violations", "Violations found (count)"),
                                    ("payroll", "Payroll of the period (yuan)"),
                                    ("training_expense", "Training expense of the period (yuan)"),
                                ],
                                max_length=20,
                                verbose_name="fact",
                            ),
                        ),
                        ("value", models.DecimalField(decimal_places=2, max_digits=16, verbose_name="value")),
                        (
                            "evidence",
                            models.CharField(
                                help_text="what proves it and where it can be seen, such as a social-insurance list",
                                max_length=300,
                                verbose_name="evidence",
                            ),
                        ),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "declared_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="facts",
                                to="community.organisation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "declared fact",
                        "verbose_name_plural": "declared facts",
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["organisation", "kind", "superseded_at", "valid_from"],
                                name="community_o_organis_4f98e5_idx",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="community_organisationfact_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="community_organisationfact_superseded_after_recorded",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        ["insured_staff", "staff", "violations", "payroll", "training_expense"],
                                    )
                                ),
                                name="community_fact_kind_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("value__gte", 0)), name="community_fact_not_negative"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("confirmed_by__isnull", True),
                                    models.Q(("confirmed_by", models.F("declared_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="community_fact_confirmed_by_another",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RegionStanding",
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
                            "standing",
                            models.CharField(
                                choices=[("core", "Core city"), ("satellite", "Satellite city")],
                                max_length=10,
                                verbose_name="standing",
                            ),
                        ),
                        (
                            "core",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="satellites",
                                to="community.region",
                                verbose_name="its core",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="standings",
                                to="community.region",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "standing of a region",
                        "verbose_name_plural": "standings of regions",
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["region", "superseded_at", "valid_from"], name="community_r_region__1b23be_idx"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="community_regionstanding_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="community_regionstanding_superseded_after_recorded",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("standing", "core"), ("core__isnull", True)),
                                    models.Q(
                                        ("standing", "satellite"),
                                        ("core__isnull", False),
                                        models.Q(("core", models.F("region")), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="community_region_satellite_has_core",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True), ("valid_until__isnull", True)),
                                fields=("region",),
                                name="community_region_stands_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="SupplyRelation",
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
                        ("uid", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        ("goods_zh", models.CharField(max_length=120, verbose_name="what is supplied (Chinese)")),
                        (
                            "goods_en",
                            models.CharField(blank=True, max_length=160, verbose_name="what is supplied (English)"),
                        ),
                        (
                            "chain",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="supplies",
                                to="community.chain",
                            ),
                        ),
                        (
                            "customer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="supplies_taken",
                                to="community.organisation",
                            ),
                        ),
                        (
                            "supplier",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="supplies_given",
                                to="community.organisation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "supply relation",
                        "verbose_name_plural": "supply relations",
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["chain", "superseded_at", "valid_from"], name="community_s_chain_i_bb1bbc_idx"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="community_supplyrelation_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="community_supplyrelation_superseded_after_recorded",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("supplier", models.F("customer")), _negated=True),
                                name="community_supply_to_another",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True), ("valid_until__isnull", True)),
                                fields=("chain", "supplier", "customer", "goods_zh"),
                                name="community_supply_once",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
