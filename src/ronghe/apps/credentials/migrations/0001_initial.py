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
        ("community", "0001_initial"),
        ("demand", "0001_initial"),
        ("ledger", "0001_initial"),
    ]

    operations = [
        ronghe.apps.ledger.operations.Together(
            operations=[
                migrations.CreateModel(
                    name="Achievement",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("code", models.CharField(max_length=40, verbose_name="code")),
                        ("retired_on", models.DateField(blank=True, null=True, verbose_name="no longer issued from")),
                        (
                            "issuer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="achievements",
                                to="credentials.issuer",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "achievement",
                        "verbose_name_plural": "achievements",
                        "ordering": ["issuer", "code"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("issuer", "code"), name="credentials_achievement_code_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("code", ""), _negated=True),
                                name="credentials_achievement_has_a_code",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AchievementVersion",
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
                        ("number", models.PositiveIntegerField(default=1, verbose_name="version")),
                        (
                            "type",
                            models.CharField(
                                choices=[
                                    ("MicroCredential", "Micro-credential"),
                                    ("Certificate", "Certificate"),
                                    ("Competency", "Competency"),
                                    ("Course", "Course"),
                                    ("Project", "Project"),
                                    ("ApprenticeshipCertificate", "Apprenticeship certificate"),
                                ],
                                max_length=30,
                                verbose_name="kind",
                            ),
                        ),
                        ("criteria_zh", models.TextField(max_length=4000, verbose_name="criteria in Chinese")),
                        (
                            "criteria_en",
                            models.TextField(blank=True, max_length=4000, verbose_name="criteria in English"),
                        ),
                        (
                            "worker_level",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                choices=[
                                    (1, "Apprentice worker"),
                                    (2, "Junior worker"),
                                    (3, "Intermediate worker"),
                                    (4, "Senior worker"),
                                    (5, "Technician"),
                                    (6, "Senior technician"),
                                    (7, "Special technician"),
                                    (8, "Chief technician"),
                                ],
                                null=True,
                                verbose_name="eight-level worker",
                            ),
                        ),
                        (
                            "eqf_level",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                null=True,
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(8),
                                ],
                                verbose_name="level of the European Qualifications Framework",
                            ),
                        ),
                        (
                            "months_valid",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                null=True,
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="months for which a certificate holds",
                            ),
                        ),
                        ("frozen_at", models.DateTimeField(editable=False, null=True, verbose_name="frozen")),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        (
                            "achievement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="versions",
                                to="credentials.achievement",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "version of an achievement",
                        "verbose_name_plural": "versions of achievements",
                        "ordering": ["achievement", "-number"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("achievement", "number"), name="credentials_version_numbered_once"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("frozen_at__isnull", True)),
                                fields=("achievement",),
                                name="credentials_one_draft_of_a_version",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "type__in",
                                        [
                                            "MicroCredential",
                                            "Certificate",
                                            "Competency",
                                            "Course",
                                            "Project",
                                            "ApprenticeshipCertificate",
                                        ],
                                    )
                                ),
                                name="credentials_achievement_type_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("worker_level__isnull", True), ("worker_level__range", (1, 8)), _connector="OR"
                                ),
                                name="credentials_worker_level_in_range",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("eqf_level__isnull", True), ("eqf_level__range", (1, 8)), _connector="OR"
                                ),
                                name="credentials_eqf_level_in_range",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AchievementSkill",
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
                        (
                            "skill",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="achievements",
                                to="demand.skill",
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="skills",
                                to="credentials.achievementversion",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "skill of an achievement",
                        "verbose_name_plural": "skills of achievements",
                        "ordering": ["version", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("version", "skill"), name="credentials_skill_once_a_version"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("skill_level__range", (1, 5))),
                                name="credentials_skill_level_in_range",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ApiKey",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("name", models.CharField(max_length=80, verbose_name="name")),
                        ("beginning", models.CharField(editable=False, max_length=12, unique=True)),
                        ("secret_hash", models.CharField(editable=False, max_length=64, unique=True)),
                        ("scopes", models.JSONField(default=list, verbose_name="may")),
                        ("per_minute", models.PositiveIntegerField(default=60, verbose_name="requests a minute")),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="valid until")),
                        ("revoked_at", models.DateTimeField(editable=False, null=True)),
                        ("last_used_at", models.DateTimeField(editable=False, null=True, verbose_name="last used")),
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
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="api_keys",
                                to="community.organisation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "key of a program",
                        "verbose_name_plural": "keys of programs",
                        "ordering": ["organisation", "-made_at"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("per_minute__gte", 1)), name="credentials_api_key_has_a_limit"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Condition",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name_zh", models.CharField(max_length=120, verbose_name="Chinese name")),
                        ("name_en", models.CharField(blank=True, max_length=160, verbose_name="English name")),
                        ("metric", models.CharField(max_length=120, verbose_name="metric")),
                        ("least", models.FloatField(verbose_name="at least")),
                        (
                            "months",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="within the last months"
                            ),
                        ),
                        ("is_waived", models.BooleanField(default=False, verbose_name="not asked for")),
                        (
                            "waiver_reason",
                            models.CharField(blank=True, max_length=300, verbose_name="why it is not asked for"),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="conditions",
                                to="credentials.achievementversion",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "condition",
                        "verbose_name_plural": "conditions",
                        "ordering": ["version", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("version", "metric"), name="credentials_condition_once_a_version"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("is_waived", False),
                                    models.Q(("waiver_reason", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="credentials_waiver_has_a_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IssueBatch",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("issued_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("count", models.PositiveIntegerField(default=0, verbose_name="certificates")),
                        (
                            "issued_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="batches",
                                to="credentials.achievementversion",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "issue of many",
                        "verbose_name_plural": "issues of many",
                        "ordering": ["-issued_at"],
                    },
                ),
                migrations.CreateModel(
                    name="Issuer",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("did", models.CharField(editable=False, max_length=300, unique=True, verbose_name="DID")),
                        (
                            "is_site",
                            models.BooleanField(
                                default=False, editable=False, verbose_name="speaks for the site itself"
                            ),
                        ),
                        (
                            "founded_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="issues since"
                            ),
                        ),
                        (
                            "organisation",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="issuer",
                                to="community.organisation",
                                verbose_name="organisation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "issuer",
                        "verbose_name_plural": "issuers",
                        "ordering": ["-is_site", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("is_site", True)),
                                fields=("is_site",),
                                name="credentials_one_site_issuer",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("did__startswith", "did:")), name="credentials_issuer_has_a_did"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="IssuerKey",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=60, verbose_name="name")),
                        ("public_key", models.BinaryField(max_length=32)),
                        ("sealed", models.BinaryField(max_length=200, null=True)),
                        ("valid_from", models.DateTimeField(verbose_name="signs from")),
                        ("valid_until", models.DateTimeField(blank=True, null=True, verbose_name="signs until")),
                        ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked")),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        (
                            "issuer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="keys",
                                to="credentials.issuer",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "issuer's key",
                        "verbose_name_plural": "issuers' keys",
                        "ordering": ["issuer", "-valid_from", "-pk"],
                        "default_permissions": (),
                        "constraints": [
                            models.UniqueConstraint(fields=("issuer", "name"), name="credentials_key_named_once"),
                            models.UniqueConstraint(fields=("public_key",), name="credentials_key_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="credentials_key_ends_after_it_starts",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Certificate",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("code", models.CharField(editable=False, max_length=20, unique=True, verbose_name="code")),
                        ("replaced", models.BooleanField(default=False, editable=False)),
                        ("issued_at", models.DateTimeField(verbose_name="issued at")),
                        ("valid_from", models.DateTimeField(verbose_name="valid from")),
                        ("valid_until", models.DateTimeField(null=True, verbose_name="valid until")),
                        ("slot", models.PositiveIntegerField()),
                        (
                            "state",
                            models.CharField(
                                choices=[("valid", "Valid"), ("suspended", "Suspended"), ("revoked", "Revoked")],
                                default="valid",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("credential_id", models.CharField(db_index=True, editable=False, max_length=300)),
                        ("document", models.TextField(editable=False, null=True)),
                        ("digest", models.BinaryField(max_length=32)),
                        ("path", models.JSONField(default=list, editable=False)),
                        ("path_root", models.BinaryField(max_length=32, null=True)),
                        (
                            "event",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ledger.event"
                            ),
                        ),
                        (
                            "holder",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="certificates",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "replaces",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="replaced_by",
                                to="credentials.certificate",
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="certificates",
                                to="credentials.achievementversion",
                            ),
                        ),
                        (
                            "batch",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="certificates",
                                to="credentials.issuebatch",
                            ),
                        ),
                        (
                            "issuer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="certificates",
                                to="credentials.issuer",
                            ),
                        ),
                        (
                            "key",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="certificates",
                                to="credentials.issuerkey",
                            ),
                        ),
                        (
                            "status_list",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="certificates",
                                to="credentials.statuslist",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "certificate",
                        "verbose_name_plural": "certificates",
                        "ordering": ["-issued_at", "-pk"],
                        "indexes": [
                            models.Index(fields=["holder", "-issued_at"], name="credentials_by_holder"),
                            models.Index(fields=["version", "state"], name="credentials_by_version"),
                            models.Index(fields=["valid_until"], name="credentials_by_end"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(fields=("status_list", "slot"), name="credentials_slot_once"),
                            models.UniqueConstraint(
                                condition=models.Q(("replaced", False), models.Q(("state", "revoked"), _negated=True)),
                                fields=("version", "holder"),
                                name="credentials_certificate_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["valid", "suspended", "revoked"])),
                                name="credentials_state_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="credentials_certificate_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("version__isnull", False), ("holder__isnull", True), _connector="OR"
                                ),
                                name="credentials_holder_of_an_achievement",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="MismatchReport",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("code", models.CharField(blank=True, max_length=40, verbose_name="code of the certificate")),
                        ("text", models.TextField(max_length=2000, verbose_name="what does not fit")),
                        (
                            "contact",
                            models.EmailField(blank=True, max_length=254, verbose_name="e-mail address for an answer"),
                        ),
                        ("reported_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Waits for an answer"),
                                    ("confirmed", "The report is right"),
                                    ("unfounded", "Nothing is wrong"),
                                ],
                                default="open",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("answer", models.TextField(blank=True, max_length=2000, verbose_name="answer")),
                        ("answered_at", models.DateTimeField(editable=False, null=True)),
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
                            "certificate",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reports",
                                to="credentials.certificate",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "report of a mismatch",
                        "verbose_name_plural": "reports of mismatches",
                        "ordering": ["state", "-reported_at"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["open", "confirmed", "unfounded"])),
                                name="credentials_report_state_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("answered_at__isnull", True), ("state", "open")),
                                    models.Q(
                                        models.Q(("state", "open"), _negated=True), ("answered_at__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="credentials_report_answered_at_a_time",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RecognitionAgreement",
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
                        ("name_zh", models.CharField(max_length=120, verbose_name="Chinese name")),
                        ("name_en", models.CharField(blank=True, max_length=160, verbose_name="English name")),
                        ("uid", models.UUIDField(db_index=True, default=uuid.uuid4, editable=False)),
                        (
                            "direction",
                            models.CharField(
                                choices=[
                                    ("ours", "They recognise ours"),
                                    ("theirs", "We recognise theirs"),
                                    ("mutual", "Mutual"),
                                ],
                                default="ours",
                                max_length=6,
                                verbose_name="direction",
                            ),
                        ),
                        ("country", models.CharField(blank=True, max_length=60, verbose_name="country or region")),
                        ("extent", models.TextField(max_length=2000, verbose_name="what is recognised as what")),
                        ("source", models.CharField(max_length=500, verbose_name="source")),
                        (
                            "evidence",
                            models.FileField(
                                blank=True, upload_to="credentials/recognition/", verbose_name="paper of evidence"
                            ),
                        ),
                        ("evidence_digest", models.CharField(blank=True, editable=False, max_length=64)),
                        ("confirmed_at", models.DateTimeField(editable=False, null=True, verbose_name="confirmed")),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        (
                            "achievements",
                            models.ManyToManyField(
                                related_name="agreements", to="credentials.achievement", verbose_name="achievements"
                            ),
                        ),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "agreement of recognition",
                        "verbose_name_plural": "agreements of recognition",
                        "ordering": ["-valid_from", "pk"],
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="credentials_recognitionagreement_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="credentials_recognitionagreement_superseded_after_recorded",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("direction__in", ["ours", "theirs", "mutual"])),
                                name="credentials_recognition_direction_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("source", ""), _negated=True),
                                name="credentials_recognition_has_a_source",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("confirmed_at__isnull", True),
                                    models.Q(("evidence_digest", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="credentials_recognition_confirmed_with_evidence",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("confirmed_by__isnull", True),
                                    ("recorded_by__isnull", True),
                                    models.Q(("confirmed_by", models.F("recorded_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="credentials_recognition_by_a_second_person",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Share",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("token_hash", models.CharField(editable=False, max_length=64, null=True, unique=True)),
                        ("shows_name", models.BooleanField(default=False, verbose_name="show my full name")),
                        ("disclosed", models.JSONField(blank=True, default=list)),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("expires_at", models.DateTimeField(verbose_name="open until")),
                        ("withdrawn_at", models.DateTimeField(editable=False, null=True)),
                        ("opened", models.PositiveIntegerField(default=0, editable=False)),
                        ("last_opened_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "certificate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="shares",
                                to="credentials.certificate",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shared_certificates",
                                to="community.organisation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "shared certificate",
                        "verbose_name_plural": "shared certificates",
                        "ordering": ["-made_at"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("organisation__isnull", False), ("token_hash__isnull", True)),
                                    models.Q(("organisation__isnull", True), ("token_hash__isnull", False)),
                                    _connector="OR",
                                ),
                                name="credentials_share_by_link_or_with_organisation",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("expires_at__gt", models.F("made_at"))),
                                name="credentials_share_ends",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StatusChange",
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
                                    ("revoked", "Revoked"),
                                    ("suspended", "Suspended"),
                                    ("lifted", "Suspension lifted"),
                                ],
                                max_length=10,
                                verbose_name="change",
                            ),
                        ),
                        (
                            "reason",
                            models.CharField(
                                choices=[
                                    ("mistake", "It holds a mistake"),
                                    ("replaced", "A new one replaces it"),
                                    ("not_earned", "It was not earned"),
                                    ("holder", "The holder asked for it"),
                                    ("key", "The key it was signed with is not safe"),
                                    ("enquiry", "An enquiry is under way"),
                                    ("cleared", "The enquiry found nothing"),
                                ],
                                max_length=12,
                                verbose_name="reason",
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=500, verbose_name="note")),
                        ("changed_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        (
                            "certificate",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="changes",
                                to="credentials.certificate",
                            ),
                        ),
                        (
                            "changed_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "change of status",
                        "verbose_name_plural": "changes of status",
                        "ordering": ["certificate", "pk"],
                        "default_permissions": (),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("kind__in", ["revoked", "suspended", "lifted"])),
                                name="credentials_change_kind_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "reason__in",
                                        ["mistake", "replaced", "not_earned", "holder", "key", "enquiry", "cleared"],
                                    )
                                ),
                                name="credentials_change_reason_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StatusList",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("revoked", models.BinaryField()),
                        ("suspended", models.BinaryField()),
                        ("taken", models.BinaryField()),
                        ("free", models.PositiveIntegerField(default=131072, verbose_name="free slots")),
                        ("changed_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("signed", models.JSONField(default=dict, editable=False)),
                        ("signed_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "issuer",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="status_lists",
                                to="credentials.issuer",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "status list",
                        "verbose_name_plural": "status lists",
                        "ordering": ["issuer", "pk"],
                        "default_permissions": ("view",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("free__lte", 131072)), name="credentials_list_free_within_size"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AchievementMapping",
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
                            "framework",
                            models.CharField(
                                choices=[
                                    ("eqf", "European Qualifications Framework"),
                                    ("esco", "ESCO skills"),
                                    ("other", "Another framework"),
                                ],
                                max_length=10,
                                verbose_name="framework",
                            ),
                        ),
                        ("identifier", models.CharField(max_length=300, verbose_name="identifier")),
                        ("label_zh", models.CharField(max_length=200, verbose_name="Chinese name")),
                        ("label_en", models.CharField(blank=True, max_length=200, verbose_name="English name")),
                        (
                            "standing",
                            models.CharField(
                                choices=[
                                    ("claimed", "Our own reading"),
                                    ("source_seen", "The source was read"),
                                    ("authority", "Confirmed by the competent body"),
                                ],
                                default="claimed",
                                max_length=12,
                                verbose_name="how sure it is",
                            ),
                        ),
                        ("source", models.CharField(max_length=500, verbose_name="source")),
                        (
                            "achievement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mappings",
                                to="credentials.achievement",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "mapping",
                        "verbose_name_plural": "mappings",
                        "ordering": ["achievement", "framework", "identifier"],
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="credentials_achievementmapping_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="credentials_achievementmapping_superseded_after_recorded",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True), ("valid_until__isnull", True)),
                                fields=("achievement", "framework", "identifier"),
                                name="credentials_mapping_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("framework__in", ["eqf", "esco", "other"])),
                                name="credentials_mapping_framework_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("standing__in", ["claimed", "source_seen", "authority"])),
                                name="credentials_mapping_standing_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("source", ""), _negated=True),
                                name="credentials_mapping_has_a_source",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
