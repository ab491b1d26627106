import django.db.models.deletion
import django.utils.timezone
import ronghe.apps.ledger.operations
import uuid
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("community", "0002_regions"),
        ("curriculum", "0002_triggers"),
    ]

    operations = [
        ronghe.apps.ledger.operations.Together(
            operations=[
                migrations.CreateModel(
                    name="Transaction",
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
                                    ("deposit", "Deposit"),
                                    ("transfer_in", "Transfer from another institution"),
                                    ("transfer_out", "Transfer to another institution"),
                                    ("redemption", "Redemption"),
                                    ("expiry", "Expiry"),
                                    ("reversal", "Reversal"),
                                ],
                                max_length=12,
                                verbose_name="kind",
                            ),
                        ),
                        ("happened_on", models.DateField(verbose_name="day")),
                        ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                        ("statement", models.CharField(blank=True, max_length=64, verbose_name="statement")),
                        (
                            "achievement",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="transactions",
                                to="credits.achievement",
                            ),
                        ),
                        (
                            "actor",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "reverses",
                            models.OneToOneField(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="reversal",
                                to="credits.transaction",
                            ),
                        ),
                        (
                            "rule",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="deposits",
                                to="credits.conversionrule",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "transaction",
                        "verbose_name_plural": "transactions",
                        "default_permissions": ("view",),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        ["deposit", "transfer_in", "transfer_out", "redemption", "expiry", "reversal"],
                                    )
                                ),
                                name="credits_transaction_kind_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "reversal"), ("reverses__isnull", False)),
                                    models.Q(models.Q(("kind", "reversal"), _negated=True), ("reverses__isnull", True)),
                                    _connector="OR",
                                ),
                                name="credits_transaction_reverses_when_it_is_a_reversal",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("kind", "deposit"), _negated=True),
                                    models.Q(("achievement__isnull", False), ("rule__isnull", False)),
                                    _connector="OR",
                                ),
                                name="credits_deposit_rests_on_rule_and_achievement",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("kind", "transfer_in")),
                                fields=("statement",),
                                name="credits_statement_taken_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Account",
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
                                    ("student", "Student"),
                                    ("programme", "Programme"),
                                    ("enterprise", "Enterprise"),
                                    ("issuer", "Issuer"),
                                    ("outside", "Another institution"),
                                    ("lapsed", "Lapsed credits"),
                                ],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        ("institution", models.CharField(blank=True, max_length=200, verbose_name="institution")),
                        ("opened_at", models.DateTimeField(auto_now_add=True, verbose_name="opened at")),
                        (
                            "organisation",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="credit_accounts",
                                to="community.organisation",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="credit_accounts",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "programme",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="credit_account",
                                to="curriculum.programme",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "account",
                        "verbose_name_plural": "accounts",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kind__in", ["student", "programme", "enterprise", "issuer", "outside", "lapsed"])
                                ),
                                name="credits_account_kind_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("institution", ""),
                                        ("kind", "student"),
                                        ("organisation", None),
                                        ("programme", None),
                                    ),
                                    models.Q(
                                        ("institution", ""),
                                        ("kind", "programme"),
                                        ("organisation", None),
                                        ("person", None),
                                        ("programme__isnull", False),
                                    ),
                                    models.Q(
                                        ("institution", ""),
                                        ("kind__in", ["enterprise", "issuer"]),
                                        ("organisation__isnull", False),
                                        ("person", None),
                                        ("programme", None),
                                    ),
                                    models.Q(
                                        ("kind", "outside"),
                                        ("organisation", None),
                                        ("person", None),
                                        ("programme", None),
                                        models.Q(("institution", ""), _negated=True),
                                    ),
                                    models.Q(
                                        ("institution", ""),
                                        ("kind", "lapsed"),
                                        ("organisation", None),
                                        ("person", None),
                                        ("programme", None),
                                    ),
                                    _connector="OR",
                                ),
                                name="credits_account_has_the_owner_of_its_kind",
                            ),
                            models.UniqueConstraint(fields=("person",), name="credits_account_once_a_student"),
                            models.UniqueConstraint(
                                fields=("organisation", "kind"), name="credits_account_once_an_organisation"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("kind", "outside")),
                                fields=("institution",),
                                name="credits_account_once_an_institution",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("kind", "lapsed")),
                                fields=("kind",),
                                name="credits_account_of_lapsed_credits_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Achievement",
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
                            "source",
                            models.CharField(
                                choices=[
                                    ("hours", "Practice hours"),
                                    ("units", "Teaching units"),
                                    ("certificate", "Certificate"),
                                    ("simulation", "Simulation"),
                                    ("prior", "Prior learning"),
                                ],
                                max_length=11,
                                verbose_name="source",
                            ),
                        ),
                        ("key", models.CharField(editable=False, max_length=200, unique=True)),
                        ("covers", models.JSONField(blank=True, default=list, editable=False)),
                        ("quantity", models.DecimalField(decimal_places=2, max_digits=8, verbose_name="quantity")),
                        ("first_day", models.DateField(verbose_name="first day")),
                        ("last_day", models.DateField(verbose_name="last day")),
                        ("evidence", models.TextField(blank=True, max_length=2000, verbose_name="evidence")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("claimed", "Waits for confirmation"),
                                    ("confirmed", "Confirmed"),
                                    ("refused", "Refused"),
                                ],
                                default="claimed",
                                max_length=9,
                            ),
                        ),
                        ("decided_at", models.DateTimeField(editable=False, null=True)),
                        ("reason", models.CharField(blank=True, editable=False, max_length=300, verbose_name="reason")),
                        ("recorded_at", models.DateTimeField(auto_now_add=True)),
                        (
                            "claimed_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "decided_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "host",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="hosted_achievements",
                                to="community.organisation",
                                verbose_name="enterprise where it was earned",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="achievements",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "achievement",
                        "verbose_name_plural": "achievements",
                        "ordering": ["-last_day", "-pk"],
                        "indexes": [models.Index(fields=["person", "state"], name="credits_achievements_of")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("source__in", ["hours", "units", "certificate", "simulation", "prior"])
                                ),
                                name="credits_achievement_source_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("quantity__gt", 0)), name="credits_achievement_quantity_positive"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("last_day__gte", models.F("first_day"))),
                                name="credits_achievement_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("claimed_by__isnull", True),
                                    ("decided_by__isnull", True),
                                    models.Q(("decided_by", models.F("claimed_by")), _negated=True),
                                    _connector="OR",
                                ),
                                name="credits_achievement_decided_by_a_second_person",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("person__isnull", True),
                                    ("decided_by__isnull", True),
                                    models.Q(("decided_by", models.F("person")), _negated=True),
                                    _connector="OR",
                                ),
                                name="credits_achievement_not_decided_by_the_student",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ConversionRule",
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
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False)),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("hours", "Practice hours"),
                                    ("units", "Teaching units"),
                                    ("certificate", "Certificate"),
                                    ("simulation", "Simulation"),
                                    ("prior", "Prior learning"),
                                ],
                                max_length=11,
                                verbose_name="source",
                            ),
                        ),
                        (
                            "per",
                            models.DecimalField(
                                decimal_places=2,
                                help_text="Hours, units, certificates or runs.",
                                max_digits=8,
                                verbose_name="quantity",
                            ),
                        ),
                        ("credits", models.DecimalField(decimal_places=2, max_digits=6, verbose_name="credits")),
                        (
                            "step",
                            models.DecimalField(
                                decimal_places=2,
                                default=Decimal("0.5"),
                                help_text="Rounded down to it.",
                                max_digits=4,
                                verbose_name="smallest step",
                            ),
                        ),
                        (
                            "most_a_year",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                help_text="Credits; empty: no cap.",
                                max_digits=6,
                                null=True,
                                verbose_name="at most a year",
                            ),
                        ),
                        ("is_practice", models.BooleanField(default=False, verbose_name="practice credits")),
                        (
                            "months_valid",
                            models.PositiveSmallIntegerField(
                                blank=True,
                                help_text="Empty: they do not.",
                                null=True,
                                verbose_name="months until the credits lapse",
                            ),
                        ),
                        (
                            "clause",
                            models.CharField(
                                help_text="Where it was decided: document and paragraph.",
                                max_length=300,
                                verbose_name="clause",
                            ),
                        ),
                        ("proposed_by_uid", models.UUIDField(editable=False)),
                        ("published_by_uid", models.UUIDField(editable=False, null=True)),
                        ("published_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "programme",
                            models.ForeignKey(
                                blank=True,
                                help_text="Empty: every programme that has no rule of its own.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="conversion_rules",
                                to="curriculum.programme",
                                verbose_name="programme",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "conversion rule",
                        "verbose_name_plural": "conversion rules",
                        "ordering": ["source", "valid_from"],
                        "abstract": False,
                        "indexes": [models.Index(fields=["uid", "superseded_at"], name="credits_rule_versions")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="credits_conversionrule_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="credits_conversionrule_superseded_after_recorded",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("source__in", ["hours", "units", "certificate", "simulation", "prior"])
                                ),
                                name="credits_rule_source_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("credits__gt", 0), ("per__gt", 0), ("step__gt", 0)),
                                name="credits_rule_amounts_positive",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("most_a_year__isnull", True), ("most_a_year__gt", 0), _connector="OR"
                                ),
                                name="credits_rule_cap_positive",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("published_at__isnull", True), ("published_by_uid__isnull", True)),
                                    models.Q(
                                        ("published_at__isnull", False),
                                        models.Q(("published_by_uid", models.F("proposed_by_uid")), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="credits_rule_published_by_a_second_person",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Entry",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("hundredths", models.BigIntegerField(verbose_name="hundredths of a credit")),
                        (
                            "destination",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="received",
                                to="credits.account",
                            ),
                        ),
                        (
                            "source",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="given",
                                to="credits.account",
                            ),
                        ),
                        (
                            "transaction",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
                                to="credits.transaction",
                            ),
                        ),
                        (
                            "lot",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="entries", to="credits.lot"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "entry",
                        "verbose_name_plural": "entries",
                        "default_permissions": ("view",),
                        "indexes": [
                            models.Index(fields=["source", "id"], name="credits_entries_given"),
                            models.Index(fields=["destination", "id"], name="credits_entries_received"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("hundredths__gt", 0)), name="credits_entry_amount_positive"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("source", models.F("destination")), _negated=True),
                                name="credits_entry_between_two_accounts",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Closing",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("balance", models.BigIntegerField(verbose_name="balance in hundredths of a credit")),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="closings",
                                to="credits.account",
                            ),
                        ),
                        (
                            "through",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to="credits.entry",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "closing",
                        "verbose_name_plural": "closings",
                        "default_permissions": (),
                        "constraints": [
                            models.UniqueConstraint(fields=("account", "through"), name="credits_closing_once_an_entry")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Lot",
                    fields=[
                        (
                            "transaction",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                related_name="lot",
                                serialize=False,
                                to="credits.transaction",
                            ),
                        ),
                        ("hundredths", models.BigIntegerField(verbose_name="hundredths of a credit")),
                        ("is_practice", models.BooleanField(verbose_name="practice credits")),
                        ("earned_on", models.DateField(verbose_name="earned on")),
                        ("lapses_on", models.DateField(null=True, verbose_name="lapses on")),
                        (
                            "account",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="lots", to="credits.account"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "lot of credits",
                        "verbose_name_plural": "lots of credits",
                        "default_permissions": ("view",),
                        "indexes": [
                            models.Index(fields=["account", "earned_on"], name="credits_lots_of_account"),
                            models.Index(
                                condition=models.Q(("lapses_on__isnull", False)),
                                fields=["lapses_on"],
                                name="credits_lots_that_lapse",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("hundredths__gt", 0)), name="credits_lot_amount_positive"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Counted",
                    fields=[
                        ("fact", models.CharField(max_length=200, primary_key=True, serialize=False)),
                        (
                            "transaction",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="counted",
                                to="credits.transaction",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "counted fact",
                        "verbose_name_plural": "counted facts",
                        "default_permissions": (),
                    },
                ),
                migrations.CreateModel(
                    name="ProgrammeTarget",
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
                            "credits",
                            models.DecimalField(decimal_places=2, max_digits=6, verbose_name="credits to earn"),
                        ),
                        (
                            "practice_share",
                            models.DecimalField(
                                decimal_places=3,
                                default=Decimal("0.3"),
                                max_digits=4,
                                verbose_name="practice credit share",
                            ),
                        ),
                        (
                            "programme",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="credit_targets",
                                to="curriculum.programme",
                            ),
                        ),
                        (
                            "set_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "target of a programme",
                        "verbose_name_plural": "targets of programmes",
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="credits_programmetarget_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="credits_programmetarget_superseded_after_recorded",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("credits__gt", 0)), name="credits_target_positive"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("practice_share__range", (Decimal("0"), Decimal("1")))),
                                name="credits_target_share_is_a_share",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True), ("valid_until__isnull", True)),
                                fields=("programme",),
                                name="credits_target_one_open_a_programme",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
