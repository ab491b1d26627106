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
        ("agreements", "0002_triggers"),
        ("community", "0002_regions"),
    ]

    operations = [
        ronghe.apps.ledger.operations.Together(
            operations=[
                migrations.CreateModel(
                    name="Project",
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
                        ("number", models.CharField(blank=True, max_length=60, verbose_name="project number")),
                        (
                            "host",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="hosted_projects",
                                to="community.organisation",
                                verbose_name="lead organisation",
                            ),
                        ),
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
                                max_length=10,
                                verbose_name="field",
                            ),
                        ),
                        ("started_on", models.DateField(verbose_name="started on")),
                        ("closed_on", models.DateField(editable=False, null=True, verbose_name="closing day")),
                        ("closed_recorded_at", models.DateTimeField(editable=False, null=True)),
                        ("summary", models.TextField(blank=True, max_length=2000, verbose_name="summary")),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("recorded_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "partners",
                            models.ManyToManyField(
                                blank=True,
                                related_name="joined_projects",
                                to="community.organisation",
                                verbose_name="partner organisations",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "project",
                        "verbose_name_plural": "projects",
                        "ordering": ["-started_on", "name_zh"],
                        "indexes": [models.Index(fields=["closed_on"], name="pool_projects_by_close")],
                        "constraints": [
                            models.UniqueConstraint(
                                condition=models.Q(("number", ""), _negated=True),
                                fields=("number",),
                                name="pool_project_number_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("closed_on__isnull", True),
                                    ("closed_on__gte", models.F("started_on")),
                                    _connector="OR",
                                ),
                                name="pool_project_closes_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("closed_on__isnull", True), ("closed_recorded_at__isnull", True)),
                                    models.Q(("closed_on__isnull", False), ("closed_recorded_at__isnull", False)),
                                    _connector="OR",
                                ),
                                name="pool_project_close_recorded",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Asset",
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
                            "project",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assets",
                                to="pool.project",
                                verbose_name="project",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("patent", "Patent"),
                                    ("software", "Software copyright"),
                                    ("layout", "Layout design of an integrated circuit"),
                                    ("case", "Teaching case"),
                                    ("dataset", "Data set"),
                                    ("course", "Course material"),
                                    ("know_how", "Know-how"),
                                    ("other", "Other"),
                                ],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "number",
                            models.CharField(
                                blank=True,
                                help_text="As on the certificate; empty where none is.",
                                max_length=60,
                                verbose_name="registered number",
                            ),
                        ),
                        ("registered_on", models.DateField(blank=True, null=True, verbose_name="registered on")),
                        ("summary", models.TextField(blank=True, max_length=2000, verbose_name="summary")),
                        (
                            "is_open",
                            models.BooleanField(
                                default=True,
                                help_text="Otherwise only owners, contributors, the office and reviewers know of it.",
                                verbose_name="open to the community",
                            ),
                        ),
                        ("lapsed_on", models.DateField(editable=False, null=True, verbose_name="lapsed on")),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("recorded_at", models.DateTimeField(auto_now_add=True)),
                    ],
                    options={
                        "verbose_name": "asset",
                        "verbose_name_plural": "assets",
                        "ordering": ["-recorded_at", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        [
                                            "patent",
                                            "software",
                                            "layout",
                                            "case",
                                            "dataset",
                                            "course",
                                            "know_how",
                                            "other",
                                        ],
                                    )
                                ),
                                name="pool_asset_kind_known",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("number", ""), _negated=True),
                                fields=("kind", "number"),
                                name="pool_asset_number_once",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Ownership",
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
                            "asset",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="ownerships", to="pool.asset"
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="owned_assets",
                                to="community.organisation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "ownership",
                        "verbose_name_plural": "ownerships",
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="pool_ownership_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="pool_ownership_superseded_after_recorded",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True), ("valid_until__isnull", True)),
                                fields=("asset", "organisation"),
                                name="pool_owner_once",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="ShareVersion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "asset",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="share_versions",
                                to="pool.asset",
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField(verbose_name="version")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("asked", "Waits for contributors"),
                                    ("agreed", "Agreed by all"),
                                    ("declined", "Declined"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="asked",
                                max_length=9,
                                verbose_name="state",
                            ),
                        ),
                        ("valid_from", models.DateField(verbose_name="in force from")),
                        ("content", models.JSONField(editable=False)),
                        ("digest", models.CharField(editable=False, max_length=80)),
                        (
                            "proposed_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("proposed_at", models.DateTimeField(verbose_name="proposed at")),
                        ("settled_at", models.DateTimeField(editable=False, null=True)),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                    ],
                    options={
                        "verbose_name": "version of shares",
                        "verbose_name_plural": "versions of shares",
                        "ordering": ["asset", "-number"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["asked", "agreed", "declined", "withdrawn"])),
                                name="pool_version_state_known",
                            ),
                            models.UniqueConstraint(fields=("asset", "number"), name="pool_version_number_once"),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "asked")), fields=("asset",), name="pool_version_one_asked"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("settled_at__isnull", True), ("state", "asked")),
                                    models.Q(
                                        models.Q(("state", "asked"), _negated=True), ("settled_at__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="pool_version_settled_when_not_asked",
                            ),
                        ],
                        "indexes": [],
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
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shares",
                                to="pool.shareversion",
                            ),
                        ),
                        ("place", models.PositiveSmallIntegerField()),
                        (
                            "person",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shares_of_assets",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="shares_of_assets",
                                to="community.organisation",
                            ),
                        ),
                        ("numerator", models.BigIntegerField()),
                        ("denominator", models.BigIntegerField()),
                        ("points", models.PositiveIntegerField(null=True, verbose_name="points of contribution")),
                        ("contribution", models.CharField(max_length=300, verbose_name="contribution")),
                        ("salt", models.CharField(editable=False, max_length=32)),
                        ("agreed_at", models.DateTimeField(editable=False, null=True, verbose_name="agreed at")),
                        (
                            "agreed_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("agreed_digest", models.CharField(blank=True, editable=False, max_length=80)),
                        (
                            "confirmed_by",
                            models.CharField(
                                blank=True, editable=False, max_length=40, verbose_name="identity confirmed by"
                            ),
                        ),
                        ("event", models.BigIntegerField(editable=False, null=True)),
                    ],
                    options={
                        "verbose_name": "share of an asset",
                        "verbose_name_plural": "shares of an asset",
                        "ordering": ["version", "place"],
                        "constraints": [
                            models.UniqueConstraint(fields=("version", "place"), name="pool_share_place_once"),
                            models.UniqueConstraint(
                                condition=models.Q(("person__isnull", False)),
                                fields=("version", "person"),
                                name="pool_share_person_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("organisation__isnull", False)),
                                fields=("version", "organisation"),
                                name="pool_share_organisation_once",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("organisation__isnull", True), ("person__isnull", False)),
                                    models.Q(("organisation__isnull", False), ("person__isnull", True)),
                                    _connector="OR",
                                ),
                                name="pool_share_of_a_person_or_an_organisation",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("denominator__gt", 0),
                                    ("numerator__gt", 0),
                                    ("numerator__lte", models.F("denominator")),
                                ),
                                name="pool_share_is_a_part",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("agreed_at__isnull", True), ("agreed_digest", ""), ("event__isnull", True)
                                    ),
                                    models.Q(
                                        ("agreed_at__isnull", False),
                                        ("agreed_by__isnull", False),
                                        ("event__isnull", False),
                                        models.Q(("agreed_digest", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="pool_share_agreed_whole",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Licence",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "asset",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="licences", to="pool.asset"
                            ),
                        ),
                        (
                            "licensee",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="licences",
                                to="community.organisation",
                                verbose_name="licensee",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("exclusive", "Exclusive licence"),
                                    ("sole", "Sole licence"),
                                    ("ordinary", "Ordinary licence"),
                                ],
                                default="ordinary",
                                max_length=9,
                                verbose_name="kind",
                            ),
                        ),
                        ("fields", models.JSONField(blank=True, default=list, verbose_name="fields of use")),
                        ("first_day", models.DateField(verbose_name="first day")),
                        ("last_day", models.DateField(blank=True, null=True, verbose_name="last day")),
                        (
                            "fee",
                            models.DecimalField(decimal_places=2, default=0, max_digits=14, verbose_name="fee in yuan"),
                        ),
                        ("royalty", models.CharField(blank=True, max_length=200, verbose_name="royalty")),
                        (
                            "agreement",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="agreements.agreement",
                            ),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("offered", "Waits for the licensee"),
                                    ("granted", "Granted"),
                                    ("refused", "Refused"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="offered",
                                max_length=9,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "offered_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("offered_at", models.DateTimeField(editable=False)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("decided_at", models.DateTimeField(editable=False, null=True)),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                    ],
                    options={
                        "verbose_name": "licence",
                        "verbose_name_plural": "licences",
                        "ordering": ["-first_day", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("kind__in", ["exclusive", "sole", "ordinary"])),
                                name="pool_licence_kind_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["offered", "granted", "refused", "withdrawn"])),
                                name="pool_licence_state_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("last_day__isnull", True),
                                    ("last_day__gte", models.F("first_day")),
                                    _connector="OR",
                                ),
                                name="pool_licence_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("fee__gte", 0)), name="pool_licence_fee_not_negative"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("decided_by__isnull", True),
                                    models.Q(("decided_by", models.F("offered_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="pool_licence_decided_by_a_second_person",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Conversion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "asset",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="conversions", to="pool.asset"
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[("adoption", "Adoption"), ("licence", "Licence"), ("transfer", "Transfer")],
                                max_length=8,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "party",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="conversions",
                                to="community.organisation",
                                verbose_name="adopted by",
                            ),
                        ),
                        ("happened_on", models.DateField(verbose_name="day")),
                        (
                            "licence",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="conversion",
                                to="pool.licence",
                            ),
                        ),
                        ("evidence", models.TextField(max_length=2000, verbose_name="supporting evidence")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("claimed", "Waits for whoever adopted it"),
                                    ("confirmed", "Confirmed"),
                                    ("refused", "Refused"),
                                ],
                                default="claimed",
                                max_length=9,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "claimed_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("claimed_at", models.DateTimeField(editable=False)),
                        (
                            "decided_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("decided_at", models.DateTimeField(editable=False, null=True)),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                        ("withdrawn_at", models.DateTimeField(editable=False, null=True)),
                    ],
                    options={
                        "verbose_name": "conversion",
                        "verbose_name_plural": "conversions",
                        "ordering": ["-happened_on", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("kind__in", ["adoption", "licence", "transfer"])),
                                name="pool_conversion_kind_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["claimed", "confirmed", "refused"])),
                                name="pool_conversion_state_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("decided_at__isnull", True), ("state", "claimed")),
                                    models.Q(
                                        models.Q(("state", "claimed"), _negated=True), ("decided_at__isnull", False)
                                    ),
                                    _connector="OR",
                                ),
                                name="pool_conversion_decided_when_not_claimed",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("decided_by__isnull", True),
                                    models.Q(("decided_by", models.F("claimed_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="pool_conversion_decided_by_a_second_person",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("licence__isnull", True),
                                    ("withdrawn_at__isnull", True),
                                    models.Q(("state", "refused"), _negated=True),
                                ),
                                fields=("asset", "party", "kind", "happened_on"),
                                name="pool_conversion_claimed_once",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Income",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "asset",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="income", to="pool.asset"
                            ),
                        ),
                        (
                            "licence",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="income",
                                to="pool.licence",
                                verbose_name="licence",
                            ),
                        ),
                        (
                            "kind",
                            models.CharField(
                                choices=[
                                    ("fee", "Licence fee"),
                                    ("royalty", "Royalty"),
                                    ("price", "Price of a transfer"),
                                    ("other", "Other"),
                                ],
                                max_length=7,
                                verbose_name="kind",
                            ),
                        ),
                        ("fen", models.BigIntegerField(verbose_name="amount in fen")),
                        ("received_on", models.DateField(verbose_name="received on")),
                        ("document", models.CharField(max_length=120, verbose_name="voucher")),
                        (
                            "recorded_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("recorded_at", models.DateTimeField(editable=False)),
                        (
                            "reverses",
                            models.OneToOneField(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversal",
                                to="pool.income",
                            ),
                        ),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                    ],
                    options={
                        "verbose_name": "income",
                        "verbose_name_plural": "income",
                        "ordering": ["-received_on", "-pk"],
                        "default_permissions": ("view",),
                        "indexes": [models.Index(fields=["received_on"], name="pool_income_by_day")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("kind__in", ["fee", "royalty", "price", "other"])),
                                name="pool_income_kind_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("fen__gt", 0), ("reverses__isnull", True)),
                                    models.Q(("fen__lt", 0), ("reverses__isnull", False)),
                                    _connector="OR",
                                ),
                                name="pool_income_negative_when_it_reverses",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Distribution",
                    fields=[
                        (
                            "income",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="distribution",
                                serialize=False,
                                to="pool.income",
                            ),
                        ),
                        (
                            "version",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="distributions",
                                to="pool.shareversion",
                            ),
                        ),
                        (
                            "distributed_by",
                            models.ForeignKey(
                                editable=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("distributed_at", models.DateTimeField(editable=False)),
                    ],
                    options={
                        "verbose_name": "distribution",
                        "verbose_name_plural": "distributions",
                        "default_permissions": ("view",),
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Portion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "distribution",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="portions",
                                to="pool.distribution",
                            ),
                        ),
                        (
                            "share",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="portions", to="pool.share"
                            ),
                        ),
                        ("fen", models.BigIntegerField(verbose_name="amount in fen")),
                    ],
                    options={
                        "verbose_name": "portion",
                        "verbose_name_plural": "portions",
                        "ordering": ["distribution", "share__place"],
                        "default_permissions": ("view",),
                        "constraints": [
                            models.UniqueConstraint(fields=("distribution", "share"), name="pool_portion_once")
                        ],
                        "indexes": [],
                    },
                ),
            ],
        ),
    ]
