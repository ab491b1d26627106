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
    ]

    operations = [
        ronghe.apps.ledger.operations.Together(
            operations=[
                migrations.CreateModel(
                    name="Chain",
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
                        ("founded_on", models.DateField(verbose_name="founded on")),
                        ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed on")),
                        (
                            "region",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="chains",
                                to="community.region",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "chain",
                        "verbose_name_plural": "chains",
                        "ordering": ["name_zh"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("closed_on__isnull", True),
                                    ("closed_on__gt", models.F("founded_on")),
                                    _connector="OR",
                                ),
                                name="community_chain_closed_after_founded",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Organisation",
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("university", "University"),
                                    ("enterprise", "Enterprise"),
                                    ("chamber", "Chamber or association"),
                                    ("government", "Government department"),
                                ],
                                max_length=12,
                                verbose_name="kind",
                            ),
                        ),
                        (
                            "registration_number",
                            models.CharField(
                                blank=True,
                                max_length=18,
                                null=True,
                                unique=True,
                                verbose_name="unified social credit code",
                            ),
                        ),
                        ("website", models.URLField(blank=True, verbose_name="website")),
                        (
                            "registered_on",
                            models.DateField(default=django.utils.timezone.localdate, verbose_name="takes part since"),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="organisations",
                                to="community.region",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "organisation",
                        "verbose_name_plural": "organisations",
                        "ordering": ["name_zh"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("kind__in", ["university", "enterprise", "chamber", "government"])),
                                name="community_organisation_kind_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("registration_number__isnull", True),
                                    models.Q(("registration_number", ""), _negated=True),
                                    _connector="OR",
                                ),
                                name="community_organisation_number_or_none",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="AcademicYear",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "label",
                            models.CharField(
                                help_text="2026-2027", max_length=9, unique=True, verbose_name="academic year"
                            ),
                        ),
                        ("starts_on", models.DateField(verbose_name="starts on")),
                        ("ends_on", models.DateField(verbose_name="ends on")),
                    ],
                    options={
                        "verbose_name": "academic year",
                        "verbose_name_plural": "academic years",
                        "ordering": ["starts_on"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ends_on__gt", models.F("starts_on"))),
                                name="community_year_ends_later",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Cohort",
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
                        ("intake", models.PositiveIntegerField(default=0, verbose_name="intake")),
                        (
                            "academic_year",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cohorts",
                                to="community.academicyear",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="cohorts",
                                to="community.organisation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "cohort",
                        "verbose_name_plural": "cohorts",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation", "academic_year", "name_zh"), name="community_cohort_named_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ChainMembership",
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
                            "chain",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships",
                                to="community.chain",
                            ),
                        ),
                        (
                            "brought_in_by",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships_brought_in",
                                to="community.organisation",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships",
                                to="community.organisation",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "chain membership",
                        "verbose_name_plural": "chain memberships",
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["chain", "superseded_at", "valid_from"], name="community_c_chain_i_c24336_idx"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="community_chainmembership_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="community_chainmembership_superseded_after_recorded",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("tier__in", ["leader", "member", "university"])),
                                name="community_membership_tier_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("brought_in_by__isnull", True),
                                    models.Q(("brought_in_by", models.F("organisation")), _negated=True),
                                    _connector="OR",
                                ),
                                name="community_membership_not_brought_in_by_itself",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True)),
                                fields=("chain", "organisation", "valid_from"),
                                name="community_membership_once_from_a_day",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True), ("valid_until__isnull", True)),
                                fields=("chain", "organisation"),
                                name="community_membership_held_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True), ("tier", "leader"), ("valid_until__isnull", True)
                                ),
                                fields=("chain",),
                                name="community_chain_has_one_leader",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True), ("tier", "leader")),
                                fields=("chain", "valid_from"),
                                name="community_chain_one_leader_from_a_day",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Region",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name_zh", models.CharField(max_length=120, verbose_name="Chinese name")),
                        ("name_en", models.CharField(blank=True, max_length=160, verbose_name="English name")),
                        ("code", models.CharField(max_length=6, unique=True, verbose_name="division code")),
                        (
                            "parent",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="parts",
                                to="community.region",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "region",
                        "verbose_name_plural": "regions",
                        "ordering": ["code"],
                    },
                ),
                migrations.CreateModel(
                    name="Campus",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name_zh", models.CharField(max_length=120, verbose_name="Chinese name")),
                        ("name_en", models.CharField(blank=True, max_length=160, verbose_name="English name")),
                        ("address", models.CharField(blank=True, max_length=200, verbose_name="address")),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="campuses",
                                to="community.organisation",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="campuses",
                                to="community.region",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "campus",
                        "verbose_name_plural": "campuses",
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation", "name_zh"), name="community_campus_named_once"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Role",
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
                            "kind",
                            models.CharField(
                                choices=[
                                    ("office", "Community office"),
                                    ("enterprise_hr", "Enterprise HR"),
                                    ("mentor", "Enterprise mentor"),
                                    ("teacher", "Teacher"),
                                    ("student", "Student"),
                                    ("reviewer", "Government reviewer"),
                                ],
                                max_length=16,
                                verbose_name="role",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="roles",
                                to="community.organisation",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="roles",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "role",
                        "verbose_name_plural": "roles",
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["person", "superseded_at", "valid_from"], name="community_r_person__166a6b_idx"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="community_role_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="community_role_superseded_after_recorded",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    (
                                        "kind__in",
                                        ["office", "enterprise_hr", "mentor", "teacher", "student", "reviewer"],
                                    )
                                ),
                                name="community_role_kind_known",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True)),
                                fields=("person", "organisation", "kind", "valid_from"),
                                name="community_role_once_from_a_day",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True), ("valid_until__isnull", True)),
                                fields=("person", "organisation", "kind"),
                                name="community_role_held_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CohortMembership",
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
                        ("student_number", models.CharField(blank=True, max_length=30, verbose_name="student number")),
                        (
                            "cohort",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="memberships",
                                to="community.cohort",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="cohort_memberships",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "cohort membership",
                        "verbose_name_plural": "cohort memberships",
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["cohort", "superseded_at", "valid_from"], name="community_c_cohort__73f235_idx"
                            )
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="community_cohortmembership_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="community_cohortmembership_superseded_after_recorded",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True)),
                                fields=("cohort", "person", "valid_from"),
                                name="community_enrolment_once_from_a_day",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True), ("valid_until__isnull", True)),
                                fields=("cohort", "person"),
                                name="community_enrolment_held_once",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("valid_until__isnull", True),
                                    models.Q(("student_number", ""), _negated=True),
                                ),
                                fields=("cohort", "student_number"),
                                name="community_student_number_once_a_cohort",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
