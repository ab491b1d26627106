import datetime
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
        ("community", "0002_regions"),
    ]

    operations = [
        ronghe.apps.ledger.operations.Together(
            operations=[
                migrations.CreateModel(
                    name="Agreement",
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
                            "number",
                            models.CharField(blank=True, max_length=40, null=True, unique=True, verbose_name="number"),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("strategic", "Strategic cooperation"),
                                    ("talent_supply", "Talent supply"),
                                    ("three_party", "Three-party placement"),
                                    ("other", "Other"),
                                ],
                                max_length=16,
                                verbose_name="kind",
                            ),
                        ),
                        ("title_zh", models.CharField(max_length=160, verbose_name="Chinese title")),
                        ("title_en", models.CharField(blank=True, max_length=200, verbose_name="English title")),
                        ("notice_days", models.PositiveIntegerField(default=30, verbose_name="days of notice")),
                        ("opened_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("ended_on", models.DateField(blank=True, null=True, verbose_name="ended from")),
                        ("notice_given_on", models.DateField(blank=True, null=True, verbose_name="notice given on")),
                        ("end_reason", models.TextField(blank=True, verbose_name="reason")),
                        ("end_consequences", models.TextField(blank=True, verbose_name="what happens to open matters")),
                        (
                            "chain",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agreements",
                                to="community.chain",
                            ),
                        ),
                        (
                            "drafted_for",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="community.organisation",
                            ),
                        ),
                        (
                            "ended_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agreements.party",
                            ),
                        ),
                        (
                            "template_version",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agreements",
                                to="agreements.templateversion",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "agreement",
                        "verbose_name_plural": "agreements",
                        "ordering": ["-created_at", "-pk"],
                        "indexes": [
                            models.Index(fields=["-created_at", "-id"], name="agreements_newest"),
                            models.Index(fields=["chain", "-created_at"], name="agreements_of_chain"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kind__in", ["strategic", "talent_supply", "three_party", "other"])
                                ),
                                name="agreements_kind_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("end_reason", ""),
                                        ("ended_on__isnull", True),
                                        ("notice_given_on__isnull", True),
                                    ),
                                    models.Q(
                                        ("ended_on__isnull", False),
                                        ("notice_given_on__isnull", False),
                                        models.Q(("end_reason", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="agreements_ended_with_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ended_on__isnull", True),
                                    ("ended_on__gte", models.F("notice_given_on")),
                                    _connector="OR",
                                ),
                                name="agreements_ended_after_notice",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Instrument",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("revision", models.PositiveIntegerField(default=1, editable=False)),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("number", models.PositiveIntegerField(verbose_name="paper")),
                        (
                            "kind",
                            models.CharField(
                                choices=[("original", "Agreement"), ("amendment", "Amendment"), ("renewal", "Renewal")],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("checking", "Being checked"),
                                    ("checked", "Checked, not sent"),
                                    ("sent", "Sent for signature"),
                                    ("concluded", "Signed by all"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="draft",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("clauses", models.JSONField(default=list)),
                        ("reason", models.TextField(blank=True, verbose_name="reason")),
                        ("first_day", models.DateField(verbose_name="holds from")),
                        ("last_day", models.DateField(blank=True, null=True, verbose_name="last day")),
                        ("sign_by", models.DateField(blank=True, null=True, verbose_name="to be signed by")),
                        ("returned_because", models.TextField(blank=True)),
                        (
                            "code",
                            models.CharField(
                                blank=True, max_length=16, null=True, unique=True, verbose_name="verification code"
                            ),
                        ),
                        ("content", models.JSONField(blank=True, editable=False, null=True)),
                        ("changes", models.JSONField(default=list, editable=False)),
                        ("digest", models.CharField(blank=True, editable=False, max_length=80)),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("sent_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("concluded_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        (
                            "agreement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="instruments",
                                to="agreements.agreement",
                            ),
                        ),
                        (
                            "checked_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "drafted_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="drafted_instruments",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "drafted_for",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="community.organisation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "paper",
                        "verbose_name_plural": "papers",
                        "ordering": ["agreement", "number"],
                        "indexes": [models.Index(fields=["state", "sign_by"], name="agreements_paper_by_state")],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("agreement", "number"), name="agreements_paper_number_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("last_day__isnull", True),
                                    ("last_day__gte", models.F("first_day")),
                                    _connector="OR",
                                ),
                                name="agreements_paper_days",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["draft", "checking", "checked", "sent", "concluded", "withdrawn"])
                                ),
                                name="agreements_paper_state_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("content__isnull", False),
                                        ("sent_at__isnull", False),
                                        ("state__in", ["sent", "concluded"]),
                                        models.Q(("digest", ""), _negated=True),
                                    ),
                                    models.Q(
                                        models.Q(("state__in", ["sent", "concluded"]), _negated=True),
                                        ("content__isnull", True),
                                        ("digest", ""),
                                        ("sent_at__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="agreements_paper_sent_whole",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("concluded_at__isnull", False), ("state", "concluded")),
                                    models.Q(
                                        models.Q(("state", "concluded"), _negated=True), ("concluded_at__isnull", True)
                                    ),
                                    _connector="OR",
                                ),
                                name="agreements_paper_concluded_at",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["draft", "checking", "checked", "sent"])),
                                fields=("agreement",),
                                name="agreements_paper_one_in_the_making",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Party",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("place", models.PositiveSmallIntegerField(verbose_name="place")),
                        ("side", models.PositiveSmallIntegerField(verbose_name="side of the agreement")),
                        (
                            "signatures_required",
                            models.PositiveSmallIntegerField(default=1, verbose_name="signatures required"),
                        ),
                        ("salt", models.CharField(blank=True, editable=False, max_length=64)),
                        (
                            "agreement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parties",
                                to="agreements.agreement",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agreement_parties",
                                to="community.organisation",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="agreement_parties",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "party",
                        "verbose_name_plural": "parties",
                        "ordering": ["side", "place"],
                        "constraints": [
                            models.UniqueConstraint(fields=("agreement", "place"), name="agreements_party_place_once"),
                            models.UniqueConstraint(
                                condition=models.Q(("organisation__isnull", False)),
                                fields=("agreement", "organisation"),
                                name="agreements_party_organisation_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("person__isnull", False)),
                                fields=("agreement", "person"),
                                name="agreements_party_person_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("organisation__isnull", False), ("person__isnull", True)),
                                    models.Q(("organisation__isnull", True), ("person__isnull", False)),
                                    _connector="OR",
                                ),
                                name="agreements_party_organisation_or_person",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("side__gte", 1),
                                    ("side__lte", 6),
                                    ("signatures_required__gte", 1),
                                    ("signatures_required__lte", 5),
                                ),
                                name="agreements_party_sides_and_signatures",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="OutsidePaper",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("signed_on", models.DateField(verbose_name="signed on")),
                        ("filename", models.CharField(max_length=200, verbose_name="file")),
                        ("media_type", models.CharField(max_length=40)),
                        ("size", models.PositiveIntegerField(verbose_name="size")),
                        ("sha256", models.CharField(max_length=64)),
                        ("uploaded_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("decided_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("is_confirmed", models.BooleanField(blank=True, null=True)),
                        ("refused_because", models.CharField(blank=True, max_length=300)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "instrument",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="outside_papers",
                                to="agreements.instrument",
                            ),
                        ),
                        (
                            "uploaded_by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "party",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agreements.party",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "paper signed outside",
                        "verbose_name_plural": "papers signed outside",
                        "ordering": ["-uploaded_at"],
                        "indexes": [models.Index(fields=["sha256"], name="agreements_outside_by_hash")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("decided_at__isnull", True), ("is_confirmed__isnull", True)),
                                    models.Q(("decided_at__isnull", False), ("is_confirmed__isnull", False)),
                                    _connector="OR",
                                ),
                                name="agreements_outside_decided_whole",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("is_confirmed__isnull", True), ("is_confirmed", True), _connector="OR"
                                ),
                                fields=("instrument", "sha256"),
                                name="agreements_outside_uploaded_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PrintedCopy",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("language", models.CharField(max_length=10)),
                        ("digest", models.CharField(max_length=80)),
                        ("sha256", models.CharField(db_index=True, max_length=64)),
                        ("printed_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        (
                            "instrument",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="printed_copies",
                                to="agreements.instrument",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "printed copy",
                        "verbose_name_plural": "printed copies",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("instrument", "digest", "sha256"), name="agreements_copy_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Promise",
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
                        ("clause", models.CharField(max_length=20, verbose_name="clause")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("positions", "Positions"),
                                    ("mentors", "Mentors"),
                                    ("equipment", "Equipment"),
                                    ("talent_supply", "Talent supply"),
                                    ("fees", "Fees"),
                                    ("ip", "Intellectual property"),
                                    ("data", "Data"),
                                    ("text", "Free text"),
                                ],
                                max_length=16,
                                verbose_name="promised",
                            ),
                        ),
                        ("quantity", models.PositiveBigIntegerField(verbose_name="how many")),
                        ("per", models.CharField(blank=True, max_length=10, verbose_name="window")),
                        (
                            "field",
                            models.CharField(
                                blank=True,
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
                        (
                            "agreement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="promises",
                                to="agreements.agreement",
                            ),
                        ),
                        (
                            "by",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="promises_made",
                                to="community.organisation",
                            ),
                        ),
                        (
                            "chain",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="community.chain",
                            ),
                        ),
                        (
                            "to",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="promises_received",
                                to="community.organisation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "promise",
                        "verbose_name_plural": "promises",
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["kind", "superseded_at", "chain", "valid_from"],
                                name="agreements_promise_of_chain",
                            ),
                            models.Index(
                                fields=["kind", "superseded_at", "by", "valid_from"], name="agreements_promise_by"
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="agreements_promise_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="agreements_promise_superseded_after_recorded",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kind__in", ["positions", "mentors", "equipment", "talent_supply", "fees"])
                                ),
                                name="agreements_promise_kind_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("per__in", ["", "class_hour", "in_all", "month", "once", "year"])),
                                name="agreements_promise_per_known",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True)),
                                fields=("agreement", "clause", "valid_from"),
                                name="agreements_promise_once_from_a_day",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Signatory",
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
                        ("title_zh", models.CharField(max_length=60, verbose_name="Chinese title")),
                        ("title_en", models.CharField(blank=True, max_length=80, verbose_name="English title")),
                        ("basis", models.CharField(blank=True, max_length=200, verbose_name="by what")),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="signatories",
                                to="community.organisation",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="signatory_standings",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "signatory",
                        "verbose_name_plural": "signatories",
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["organisation", "superseded_at", "valid_from"],
                                name="agreements__organis_fe6c35_idx",
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="agreements_signatory_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="agreements_signatory_superseded_after_recorded",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True)),
                                fields=("person", "organisation", "valid_from"),
                                name="agreements_signatory_once_from_a_day",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True), ("valid_until__isnull", True)),
                                fields=("person", "organisation"),
                                name="agreements_signatory_held_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Signature",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("asked_on", models.DateField(verbose_name="asked on")),
                        ("asked_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("due_on", models.DateField(verbose_name="due on")),
                        ("open_until", models.DateField(default=datetime.date(9999, 1, 1), editable=False)),
                        ("settled_at", models.DateTimeField(blank=True, editable=False, null=True)),
                        ("settled_because", models.CharField(blank=True, max_length=300)),
                        ("signed_at", models.DateTimeField(blank=True, null=True, verbose_name="signed at")),
                        (
                            "method",
                            models.CharField(
                                blank=True,
                                choices=[("platform", "on the platform"), ("outside", "on paper, uploaded")],
                                max_length=10,
                                verbose_name="how",
                            ),
                        ),
                        (
                            "confirmed_by",
                            models.CharField(blank=True, max_length=40, verbose_name="identity confirmed by"),
                        ),
                        ("signed_digest", models.CharField(blank=True, editable=False, max_length=80)),
                        ("title_zh", models.CharField(blank=True, max_length=60)),
                        ("title_en", models.CharField(blank=True, max_length=80)),
                        ("event", models.BigIntegerField(blank=True, editable=False, null=True)),
                        (
                            "instrument",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="signatures",
                                to="agreements.instrument",
                            ),
                        ),
                        (
                            "party",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="signatures",
                                to="agreements.party",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="signatures_asked",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "signature",
                        "verbose_name_plural": "signatures",
                        "ordering": ["party__side", "party__place", "pk"],
                        "indexes": [
                            models.Index(fields=["open_until", "due_on"], name="agreements_signature_open"),
                            models.Index(fields=["person", "open_until"], name="agreements_signature_person"),
                        ],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("settled_at__isnull", True)),
                                fields=("instrument", "party", "person"),
                                name="agreements_signature_asked_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("method", ""), ("signed_at__isnull", True), ("signed_digest", "")),
                                    models.Q(
                                        ("signed_at__isnull", False),
                                        models.Q(("signed_digest", ""), _negated=True),
                                        models.Q(("method", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="agreements_signature_whole",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("due_on__gte", models.F("asked_on"))),
                                name="agreements_signature_due_later",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Reminder",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("rule", models.CharField(max_length=40)),
                        ("due_on", models.DateField()),
                        ("sent_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("recipients", models.PositiveIntegerField(default=0)),
                        (
                            "agreement",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="reminders",
                                to="agreements.agreement",
                            ),
                        ),
                        (
                            "signature",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="reminders",
                                to="agreements.signature",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "reminder",
                        "verbose_name_plural": "reminders",
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("signature__isnull", False)),
                                fields=("signature", "rule", "due_on"),
                                name="agreements_reminder_signature_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("agreement__isnull", False)),
                                fields=("agreement", "rule", "due_on"),
                                name="agreements_reminder_agreement_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Template",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name_zh", models.CharField(max_length=120, verbose_name="Chinese name")),
                        ("name_en", models.CharField(blank=True, max_length=160, verbose_name="English name")),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("strategic", "Strategic cooperation"),
                                    ("talent_supply", "Talent supply"),
                                    ("three_party", "Three-party placement"),
                                    ("other", "Other"),
                                ],
                                max_length=16,
                                verbose_name="kind",
                            ),
                        ),
                        ("retired_on", models.DateField(blank=True, null=True, verbose_name="not used from")),
                    ],
                    options={
                        "verbose_name": "template",
                        "verbose_name_plural": "templates",
                        "ordering": ["kind", "name_zh"],
                        "constraints": [
                            models.UniqueConstraint(fields=("name_zh",), name="agreements_template_named_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kind__in", ["strategic", "talent_supply", "three_party", "other"])
                                ),
                                name="agreements_template_kind_known",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TemplateVersion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("revision", models.PositiveIntegerField(default=1, editable=False)),
                        ("number", models.PositiveIntegerField(verbose_name="version")),
                        ("clauses", models.JSONField(default=list)),
                        ("written_at", models.DateTimeField(auto_now_add=True, verbose_name="written")),
                        ("frozen_at", models.DateTimeField(blank=True, null=True, verbose_name="frozen at")),
                        ("digest", models.CharField(blank=True, editable=False, max_length=80)),
                        (
                            "template",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="versions",
                                to="agreements.template",
                            ),
                        ),
                        (
                            "written_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "template version",
                        "verbose_name_plural": "template versions",
                        "ordering": ["template", "-number"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("template", "number"), name="agreements_template_version_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("digest", ""), ("frozen_at__isnull", True)),
                                    models.Q(("frozen_at__isnull", False), models.Q(("digest", ""), _negated=True)),
                                    _connector="OR",
                                ),
                                name="agreements_template_frozen_with_digest",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Term",
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
                            "agreement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="terms",
                                to="agreements.agreement",
                            ),
                        ),
                        (
                            "chain",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="community.chain",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "term of an agreement",
                        "verbose_name_plural": "terms of agreements",
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["superseded_at", "chain", "valid_from"], name="agreements_term_of_chain"
                            ),
                            models.Index(
                                condition=models.Q(("superseded_at__isnull", True)),
                                fields=["valid_until"],
                                name="agreements_term_ends",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="agreements_term_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="agreements_term_superseded_after_recorded",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True)),
                                fields=("agreement",),
                                name="agreements_term_one_known",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
