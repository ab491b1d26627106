import django.core.validators
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
        ("agreements", "0002_triggers"),
        ("community", "0004_gates"),
        ("curriculum", "0002_triggers"),
        ("demand", "0005_computations"),
        ("jobs", "0002_uploads"),
    ]

    operations = [
        ronghe.apps.ledger.operations.Together(
            operations=[
                migrations.CreateModel(
                    name="OrderClass",
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
                        (
                            "summary",
                            models.TextField(blank=True, max_length=2000, verbose_name="what the class is for"),
                        ),
                        (
                            "size",
                            models.PositiveIntegerField(
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(5000),
                                ],
                                verbose_name="students",
                            ),
                        ),
                        ("seats_promised", models.PositiveIntegerField(verbose_name="seats that the firm promises")),
                        (
                            "jobs_promised",
                            models.PositiveIntegerField(default=0, verbose_name="jobs that the firm promises"),
                        ),
                        ("starts_on", models.DateField(verbose_name="first day")),
                        ("ends_on", models.DateField(verbose_name="last day")),
                        ("answer_by", models.DateField(verbose_name="students answer by")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("submitted", "Waiting for approval"),
                                    ("open", "Open"),
                                    ("finished", "Finished"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="draft",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=500, verbose_name="word of the office")),
                        ("opened_on", models.DateField(editable=False, null=True, verbose_name="opened on")),
                        ("ended_on", models.DateField(editable=False, null=True, verbose_name="closed on")),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        (
                            "agreement",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="order_classes",
                                to="agreements.agreement",
                                verbose_name="talent-supply agreement",
                            ),
                        ),
                        (
                            "chain",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="order_classes",
                                to="community.chain",
                                verbose_name="chain",
                            ),
                        ),
                        (
                            "drafted_by",
                            models.ForeignKey(
                                editable=False,
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
                                related_name="order_classes",
                                to="community.organisation",
                                verbose_name="enterprise",
                            ),
                        ),
                        (
                            "university",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="community.organisation",
                                verbose_name="university",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "order class",
                        "verbose_name_plural": "order classes",
                        "ordering": ["-starts_on", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["draft", "submitted", "open", "finished", "withdrawn"])
                                ),
                                name="positions_order_state_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("size__range", (1, 5000))), name="positions_order_has_students"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                                name="positions_order_ends_after_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("answer_by__lte", models.F("ends_on"))),
                                name="positions_order_answered_before_it_ends",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ClassMember",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("offered", "Offered"),
                                    ("accepted", "Accepted"),
                                    ("declined", "Declined"),
                                    ("lapsed", "Not answered in time"),
                                    ("left", "Left the class"),
                                ],
                                default="offered",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "offered_at",
                            models.DateTimeField(
                                default=django.utils.timezone.now, editable=False, verbose_name="offered at"
                            ),
                        ),
                        ("answer_by", models.DateField(verbose_name="answer by")),
                        ("answered_at", models.DateTimeField(editable=False, null=True, verbose_name="answered at")),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                        ("job_offered_on", models.DateField(editable=False, null=True, verbose_name="job offered on")),
                        (
                            "job_accepted_on",
                            models.DateField(editable=False, null=True, verbose_name="job accepted on"),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="class_memberships",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "order_class",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="members",
                                to="positions.orderclass",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "member of an order class",
                        "verbose_name_plural": "members of order classes",
                        "ordering": ["order_class", "offered_at", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("order_class", "person"), name="positions_member_once_a_class"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["offered", "accepted", "declined", "lapsed", "left"])
                                ),
                                name="positions_member_state_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("job_accepted_on__isnull", True),
                                    ("job_offered_on__isnull", False),
                                    _connector="OR",
                                ),
                                name="positions_job_accepted_after_offer",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Position",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("revision", models.PositiveIntegerField(default=1, editable=False)),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("title_zh", models.CharField(max_length=120, verbose_name="Chinese title")),
                        ("title_en", models.CharField(blank=True, max_length=160, verbose_name="English title")),
                        ("tasks", models.TextField(max_length=4000, verbose_name="what a student does there")),
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
                        (
                            "seats",
                            models.PositiveIntegerField(
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(5000),
                                ],
                                verbose_name="seats",
                            ),
                        ),
                        ("starts_on", models.DateField(verbose_name="first day")),
                        ("ends_on", models.DateField(verbose_name="last day")),
                        (
                            "pay",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=9,
                                null=True,
                                validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                                verbose_name="pay in yuan a month",
                            ),
                        ),
                        (
                            "post_pay",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                max_digits=9,
                                null=True,
                                validators=[django.core.validators.MinValueValidator(Decimal("0"))],
                                verbose_name="pay of staff in the same post, yuan a month",
                            ),
                        ),
                        (
                            "post_staff",
                            models.PositiveIntegerField(blank=True, null=True, verbose_name="staff in the same post"),
                        ),
                        (
                            "least_mentors",
                            models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="mentors at least"),
                        ),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("draft", "Draft"),
                                    ("submitted", "Waiting for approval"),
                                    ("open", "Open"),
                                    ("closed", "Closed"),
                                    ("withdrawn", "Withdrawn"),
                                ],
                                default="draft",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("note", models.CharField(blank=True, max_length=500, verbose_name="word of the office")),
                        ("submitted_at", models.DateTimeField(editable=False, null=True, verbose_name="submitted at")),
                        ("opened_on", models.DateField(editable=False, null=True, verbose_name="opened on")),
                        ("ended_on", models.DateField(editable=False, null=True, verbose_name="closed on")),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        (
                            "agreement",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="positions",
                                to="agreements.agreement",
                                verbose_name="agreement",
                            ),
                        ),
                        (
                            "campus",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="positions",
                                to="community.campus",
                                verbose_name="campus",
                            ),
                        ),
                        (
                            "chain",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="positions",
                                to="community.chain",
                                verbose_name="chain",
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
                            "drafted_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "order_class",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="positions",
                                to="positions.orderclass",
                                verbose_name="order class",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="positions",
                                to="community.organisation",
                                verbose_name="enterprise",
                            ),
                        ),
                        (
                            "region",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="positions",
                                to="community.region",
                                verbose_name="city",
                            ),
                        ),
                        (
                            "requirements",
                            models.ManyToManyField(
                                blank=True,
                                related_name="positions",
                                to="demand.requirement",
                                verbose_name="requirements it answers",
                            ),
                        ),
                        (
                            "units",
                            models.ManyToManyField(
                                blank=True,
                                related_name="positions",
                                to="curriculum.unit",
                                verbose_name="teaching units it practises",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "position",
                        "verbose_name_plural": "positions",
                        "ordering": ["-created_at", "-pk"],
                        "indexes": [
                            models.Index(fields=["state", "starts_on"], name="positions_by_state"),
                            models.Index(fields=["organisation", "state"], name="positions_of_firm"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["draft", "submitted", "open", "closed", "withdrawn"])
                                ),
                                name="positions_position_state_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("seats__range", (1, 5000))), name="positions_position_has_seats"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                                name="positions_position_ends_after_start",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("pay__isnull", True), ("pay__gte", 0), _connector="OR"),
                                name="positions_position_pay_not_negative",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("post_pay__isnull", True), ("post_pay__gte", 0), _connector="OR"),
                                name="positions_position_post_pay_not_negative",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("opened_on__isnull", True), ("state__in", ["draft", "submitted"])),
                                    models.Q(("opened_on__isnull", False), ("state__in", ["open", "closed"])),
                                    ("state", "withdrawn"),
                                    _connector="OR",
                                ),
                                name="positions_position_opened_on_a_day",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Offer",
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
                        ("offered_on", models.DateField(verbose_name="offered on")),
                        ("seats", models.PositiveIntegerField(verbose_name="seats")),
                        ("starts_on", models.DateField(verbose_name="first day")),
                        ("ends_on", models.DateField(verbose_name="last day")),
                        (
                            "pay",
                            models.DecimalField(
                                decimal_places=2, max_digits=9, null=True, verbose_name="pay in yuan a month"
                            ),
                        ),
                        (
                            "post_pay",
                            models.DecimalField(
                                decimal_places=2,
                                max_digits=9,
                                null=True,
                                verbose_name="pay of staff in the same post, yuan a month",
                            ),
                        ),
                        ("post_staff", models.PositiveIntegerField(null=True, verbose_name="staff in the same post")),
                        (
                            "chain",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="offers",
                                to="community.chain",
                            ),
                        ),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="offers",
                                to="community.organisation",
                            ),
                        ),
                        (
                            "position",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="offers",
                                to="positions.position",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "offer of a position",
                        "verbose_name_plural": "offers of positions",
                        "indexes": [
                            models.Index(
                                fields=["superseded_at", "chain", "offered_on"], name="positions_offer_of_chain"
                            ),
                            models.Index(
                                fields=["superseded_at", "organisation", "offered_on"], name="positions_offer_of_firm"
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="positions_offer_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="positions_offer_superseded_after_recorded",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("seats__gte", 1)), name="positions_offer_has_seats"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True), ("valid_until__isnull", True)),
                                fields=("position",),
                                name="positions_offer_one_open_a_position",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True)),
                                fields=("position", "valid_from"),
                                name="positions_offer_once_from_a_day",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PositionSkill",
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
                        ("is_required", models.BooleanField(default=False, verbose_name="required")),
                        (
                            "position",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="skills",
                                to="positions.position",
                            ),
                        ),
                        (
                            "skill",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="position_skills",
                                to="demand.skill",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "skill of a position",
                        "verbose_name_plural": "skills of positions",
                        "ordering": ["-is_required", "-skill_level", "pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("position", "skill"), name="positions_skill_once_a_position"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("skill_level__range", (1, 5))),
                                name="positions_skill_level_in_scale",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Round",
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
                        ("opens_on", models.DateField(verbose_name="preferences from")),
                        ("closes_on", models.DateField(verbose_name="preferences until")),
                        ("starts_on", models.DateField(verbose_name="first day")),
                        ("ends_on", models.DateField(verbose_name="last day")),
                        (
                            "mode",
                            models.CharField(
                                choices=[("stable", "Stable"), ("maximal", "Best within all quotas")],
                                default="stable",
                                max_length=8,
                                verbose_name="what the result is to be",
                            ),
                        ),
                        (
                            "beyond",
                            models.CharField(
                                choices=[
                                    ("refused", "Only listed positions"),
                                    ("last", "Any position, those not listed last"),
                                ],
                                default="refused",
                                max_length=8,
                                verbose_name="positions that are not listed",
                            ),
                        ),
                        (
                            "most_wishes",
                            models.PositiveSmallIntegerField(
                                default=12,
                                validators=[
                                    django.core.validators.MinValueValidator(1),
                                    django.core.validators.MaxValueValidator(100),
                                ],
                                verbose_name="wishes at most",
                            ),
                        ),
                        (
                            "same_field",
                            models.BooleanField(default=True, verbose_name="only positions of the student's field"),
                        ),
                        ("seed", models.PositiveIntegerField(default=1, verbose_name="seed of the lots")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("collecting", "Collecting preferences"),
                                    ("computing", "Computing"),
                                    ("proposed", "Proposed"),
                                    ("published", "Published"),
                                    ("cancelled", "Called off"),
                                ],
                                default="collecting",
                                max_length=10,
                                verbose_name="state",
                            ),
                        ),
                        ("published_at", models.DateTimeField(editable=False, null=True)),
                        ("appeals_until", models.DateField(editable=False, null=True, verbose_name="appeals until")),
                        ("created_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        (
                            "cohorts",
                            models.ManyToManyField(
                                related_name="rounds", to="community.cohort", verbose_name="cohorts"
                            ),
                        ),
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
                            "published_run",
                            models.OneToOneField(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="published_of",
                                to="positions.run",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "matching round",
                        "verbose_name_plural": "matching rounds",
                        "ordering": ["-created_at", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["collecting", "computing", "proposed", "published", "cancelled"])
                                ),
                                name="positions_round_state_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("mode__in", ["stable", "maximal"])),
                                name="positions_round_mode_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("beyond__in", ["refused", "last"])),
                                name="positions_round_beyond_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("closes_on__gte", models.F("opens_on")), ("ends_on__gte", models.F("starts_on"))
                                ),
                                name="positions_round_days_in_order",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("published_at__isnull", False),
                                        ("published_run__isnull", False),
                                        ("state", "published"),
                                    ),
                                    models.Q(
                                        models.Q(("state", "published"), _negated=True),
                                        ("published_at__isnull", True),
                                        ("published_run__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="positions_round_published_with_a_run",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Quota",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name", models.CharField(max_length=120, verbose_name="name")),
                        ("students", models.CharField(blank=True, max_length=80, verbose_name="of which students")),
                        ("positions", models.CharField(blank=True, max_length=80, verbose_name="to which positions")),
                        ("least", models.PositiveIntegerField(default=0, verbose_name="at least")),
                        ("most", models.PositiveIntegerField(blank=True, null=True, verbose_name="at most")),
                        (
                            "least_share",
                            models.DecimalField(
                                blank=True,
                                decimal_places=3,
                                help_text="0.3 is 30%.",
                                max_digits=4,
                                null=True,
                                verbose_name="least share",
                            ),
                        ),
                        (
                            "share_of",
                            models.CharField(
                                choices=[
                                    ("placements", "those placed there"),
                                    ("students", "the students of the group"),
                                    ("seats", "the seats there"),
                                ],
                                default="placements",
                                max_length=10,
                                verbose_name="share of",
                            ),
                        ),
                        (
                            "round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="quotas", to="positions.round"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "quota",
                        "verbose_name_plural": "quotas",
                        "ordering": ["pk"],
                        "constraints": [
                            models.UniqueConstraint(fields=("round", "name"), name="positions_quota_named_once"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("least_share__isnull", True), ("least_share__range", (0, 1)), _connector="OR"
                                ),
                                name="positions_quota_share_is_a_share",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("most__isnull", True), ("most__gte", models.F("least")), _connector="OR"
                                ),
                                name="positions_quota_most_above_least",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Priority",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("place", models.PositiveSmallIntegerField(default=1, verbose_name="place")),
                        ("reason", models.CharField(max_length=300, verbose_name="reason")),
                        ("given_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        (
                            "given_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "position",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="priorities",
                                to="positions.position",
                            ),
                        ),
                        (
                            "round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="priorities",
                                to="positions.round",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "priority of a firm",
                        "verbose_name_plural": "priorities of firms",
                        "ordering": ["round", "position", "place"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("round", "position", "person"), name="positions_priority_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True),
                                name="positions_priority_has_a_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Preference",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("rank", models.PositiveSmallIntegerField(verbose_name="rank")),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="preferences",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "position",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="preferences",
                                to="positions.position",
                            ),
                        ),
                        (
                            "round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="preferences",
                                to="positions.round",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "preference",
                        "verbose_name_plural": "preferences",
                        "ordering": ["round", "person", "rank"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("round", "person", "position"), name="positions_wished_once"
                            ),
                            models.UniqueConstraint(
                                fields=("round", "person", "rank"), name="positions_one_wish_a_rank"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("rank__gte", 1)), name="positions_rank_from_one"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Participation",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("revision", models.PositiveIntegerField(default=1, editable=False)),
                        (
                            "consented_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="agreed to take part at"),
                        ),
                        ("submitted_at", models.DateTimeField(editable=False, null=True, verbose_name="handed in at")),
                        ("excused", models.CharField(blank=True, max_length=300, verbose_name="left out because")),
                        (
                            "cohort",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="community.cohort"
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="matching_participations",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="participations",
                                to="positions.round",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "student in a round",
                        "verbose_name_plural": "students in rounds",
                        "ordering": ["round", "pk"],
                        "constraints": [
                            models.UniqueConstraint(fields=("round", "person"), name="positions_student_once_a_round")
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
                            "kind",
                            models.CharField(
                                choices=[("locked", "Fixed"), ("forbidden", "Ruled out")],
                                max_length=10,
                                verbose_name="decision",
                            ),
                        ),
                        ("reason", models.CharField(max_length=300, verbose_name="reason")),
                        ("decided_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
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
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "position",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="positions.position"
                            ),
                        ),
                        (
                            "round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="decisions",
                                to="positions.round",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "decision on a pair",
                        "verbose_name_plural": "decisions on pairs",
                        "ordering": ["-decided_at", "-pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("round", "person", "position"), name="positions_one_decision_a_pair"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("kind", "locked")),
                                fields=("round", "person"),
                                name="positions_fixed_in_one_position",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("reason", ""), _negated=True),
                                name="positions_decision_has_a_reason",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="RoundPosition",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("seats", models.PositiveIntegerField(verbose_name="seats in this round")),
                        ("least", models.PositiveIntegerField(default=0, verbose_name="to be filled at least")),
                        ("cohort", models.PositiveIntegerField(default=0, verbose_name="opens from so many students")),
                        (
                            "position",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="rounds",
                                to="positions.position",
                            ),
                        ),
                        (
                            "round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="round_positions",
                                to="positions.round",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "position in a round",
                        "verbose_name_plural": "positions in rounds",
                        "ordering": ["round", "pk"],
                        "constraints": [
                            models.UniqueConstraint(fields=("round", "position"), name="positions_once_a_round"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("cohort__lte", models.F("seats")), ("least__lte", models.F("seats"))
                                ),
                                name="positions_round_asks_within_seats",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Run",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("number", models.PositiveIntegerField(verbose_name="run")),
                        (
                            "mode",
                            models.CharField(
                                choices=[("stable", "Stable"), ("maximal", "Best within all quotas")],
                                max_length=8,
                                verbose_name="mode",
                            ),
                        ),
                        ("started_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("computed_at", models.DateTimeField(editable=False, null=True)),
                        ("standing", models.CharField(blank=True, editable=False, max_length=20)),
                        ("digest", models.CharField(blank=True, editable=False, max_length=80)),
                        ("figures", models.JSONField(default=dict, editable=False)),
                        ("refusal", models.JSONField(default=dict, editable=False)),
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
                            "round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="runs", to="positions.round"
                            ),
                        ),
                        (
                            "started_by",
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
                        "verbose_name": "run",
                        "verbose_name_plural": "runs",
                        "ordering": ["round", "-number"],
                        "constraints": [
                            models.UniqueConstraint(fields=("round", "number"), name="positions_run_numbered_once"),
                            models.CheckConstraint(
                                condition=models.Q(("mode__in", ["stable", "maximal"])), name="positions_run_mode_known"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Assignment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("rank", models.PositiveSmallIntegerField(null=True, verbose_name="rank")),
                        ("fit", models.FloatField(null=True, verbose_name="skill fit")),
                        ("is_fixed", models.BooleanField(default=False, verbose_name="fixed by the office")),
                        ("why", models.JSONField(default=list)),
                        (
                            "cohort",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="community.cohort"
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="assignments",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "position",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assignments",
                                to="positions.position",
                            ),
                        ),
                        (
                            "round",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assignments",
                                to="positions.round",
                            ),
                        ),
                        (
                            "run",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assignments",
                                to="positions.run",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "assignment",
                        "verbose_name_plural": "assignments",
                        "ordering": ["run", "pk"],
                        "indexes": [models.Index(fields=["person", "run"], name="positions_assignment_of_person")],
                        "constraints": [
                            models.UniqueConstraint(fields=("run", "person"), name="positions_assigned_once_a_run"),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("position__isnull", False), ("rank__isnull", True), _connector="OR"
                                ),
                                name="positions_rank_of_a_position",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="StudentSkill",
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
                        ("evidence", models.CharField(max_length=300, verbose_name="what shows it")),
                        ("declared_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("confirmed_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "confirmed_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="skills",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "skill",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="student_skills",
                                to="demand.skill",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "skill of a student",
                        "verbose_name_plural": "skills of students",
                        "ordering": ["person", "-skill_level", "pk"],
                        "constraints": [
                            models.UniqueConstraint(fields=("person", "skill"), name="positions_skill_once_a_student"),
                            models.CheckConstraint(
                                condition=models.Q(("skill_level__range", (1, 5))),
                                name="positions_student_skill_level_in_scale",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("confirmed_by__isnull", True),
                                    models.Q(("confirmed_by", models.F("person")), _negated=True),
                                    _connector="OR",
                                ),
                                name="positions_skill_confirmed_by_another",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Task",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("place", models.PositiveSmallIntegerField(default=1, verbose_name="place")),
                        ("title_zh", models.CharField(max_length=160, verbose_name="Chinese title")),
                        ("title_en", models.CharField(blank=True, max_length=200, verbose_name="English title")),
                        (
                            "operation",
                            models.TextField(
                                max_length=2000, verbose_name="which operation of the firm it is taken from"
                            ),
                        ),
                        (
                            "criteria",
                            models.TextField(max_length=2000, verbose_name="accepted when (one criterion a line)"),
                        ),
                        ("retired_on", models.DateField(editable=False, null=True, verbose_name="retired on")),
                        (
                            "order_class",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="order_tasks",
                                to="positions.orderclass",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "task of an order class",
                        "verbose_name_plural": "tasks of order classes",
                        "ordering": ["place", "pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("criteria", ""), _negated=True),
                                name="positions_task_says_when_it_is_accepted",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Appeal",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("text", models.TextField(max_length=2000, verbose_name="what is wrong and what you ask for")),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("open", "Waiting for an answer"),
                                    ("upheld", "Upheld"),
                                    ("dismissed", "Dismissed"),
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
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "assignment",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="appeal",
                                to="positions.assignment",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "appeal",
                        "verbose_name_plural": "appeals",
                        "ordering": ["-made_at", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["open", "upheld", "dismissed"])),
                                name="positions_appeal_state_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("answered_at__isnull", True), ("state", "open")),
                                    models.Q(
                                        models.Q(("state", "open"), _negated=True),
                                        ("answered_at__isnull", False),
                                        models.Q(("answer", ""), _negated=True),
                                    ),
                                    _connector="OR",
                                ),
                                name="positions_appeal_answered_in_words",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ChainRule",
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
                            "asks_for_agreement",
                            models.BooleanField(verbose_name="positions only under a signed talent-supply agreement"),
                        ),
                        (
                            "clause",
                            models.CharField(
                                help_text="Where it was decided: document and paragraph.",
                                max_length=300,
                                verbose_name="clause",
                            ),
                        ),
                        (
                            "chain",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="position_rules",
                                to="community.chain",
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
                        "verbose_name": "rule of a chain on positions",
                        "verbose_name_plural": "rules of chains on positions",
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="positions_chainrule_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="positions_chainrule_superseded_after_recorded",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True), ("valid_until__isnull", True)),
                                fields=("chain",),
                                name="positions_rule_one_open_a_chain",
                            ),
                        ],
                    },
                ),
            ],
        ),
    ]
