import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
import ronghe.apps.ledger.operations
import ronghe.apps.sites.models.places
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
                    name="Site",
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
                            "campus",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sites",
                                to="community.campus",
                                verbose_name="campus",
                            ),
                        ),
                        (
                            "zone",
                            models.CharField(
                                default="Asia/Shanghai",
                                help_text="Opening hours and bookings are written in the time of the place.",
                                max_length=40,
                                validators=[ronghe.apps.sites.models.places.known_zone],
                                verbose_name="time zone",
                            ),
                        ),
                        (
                            "grid_minutes",
                            models.PositiveSmallIntegerField(
                                default=30,
                                validators=[
                                    django.core.validators.MinValueValidator(5),
                                    django.core.validators.MaxValueValidator(240),
                                ],
                                verbose_name="bookings in steps of (minutes)",
                            ),
                        ),
                        (
                            "longest_minutes",
                            models.PositiveSmallIntegerField(default=480, verbose_name="longest booking (minutes)"),
                        ),
                        (
                            "days_ahead",
                            models.PositiveSmallIntegerField(default=60, verbose_name="bookable so many days ahead"),
                        ),
                        (
                            "cancel_hours",
                            models.PositiveSmallIntegerField(
                                default=24,
                                help_text="Later cancellations count in the weekly quota as if the machine had been used.",
                                verbose_name="free cancellation until so many hours before",
                            ),
                        ),
                        (
                            "answer_hours",
                            models.PositiveSmallIntegerField(
                                default=12,
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="hours to answer an offer of the waiting list",
                            ),
                        ),
                        (
                            "no_shows_allowed",
                            models.PositiveSmallIntegerField(
                                default=2,
                                help_text="Who stayed away more often books through the site.",
                                verbose_name="no-shows allowed in 30 days",
                            ),
                        ),
                        ("keeps_holidays", models.BooleanField(default=True, verbose_name="closed on public holidays")),
                        ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed for good on")),
                    ],
                    options={
                        "verbose_name": "site",
                        "verbose_name_plural": "sites",
                        "ordering": ["name_zh"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("campus", "name_zh"), name="sites_site_named_once_a_campus"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("grid_minutes__range", (5, 240))), name="sites_site_grid_in_range"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("longest_minutes__gte", models.F("grid_minutes"))),
                                name="sites_site_longest_at_least_a_step",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("answer_hours__gte", 1)), name="sites_site_time_to_answer"
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="TravelTime",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "origin",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="ways_out",
                                to="community.campus",
                                verbose_name="start of the way",
                            ),
                        ),
                        (
                            "destination",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="ways_in",
                                to="community.campus",
                                verbose_name="to",
                            ),
                        ),
                        (
                            "minutes",
                            models.PositiveSmallIntegerField(
                                validators=[django.core.validators.MaxValueValidator(1440)], verbose_name="minutes"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "travel time",
                        "verbose_name_plural": "travel times",
                        "constraints": [
                            models.UniqueConstraint(fields=("origin", "destination"), name="sites_travel_once_a_pair"),
                            models.CheckConstraint(
                                condition=models.Q(("origin", models.F("destination")), _negated=True),
                                name="sites_travel_to_another_campus",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("minutes__lte", 1440)), name="sites_travel_within_a_day"
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="MachineFamily",
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
                        ("code", models.SlugField(max_length=40, unique=True, verbose_name="code")),
                        (
                            "needs_authorisation",
                            models.BooleanField(default=True, verbose_name="only after instruction"),
                        ),
                        (
                            "instruction_months",
                            models.PositiveSmallIntegerField(
                                default=24,
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="months an instruction lasts",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "machine family",
                        "verbose_name_plural": "machine families",
                        "ordering": ["code"],
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Machine",
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
                            "site",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="machines",
                                to="sites.site",
                                verbose_name="site",
                            ),
                        ),
                        (
                            "family",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="machines",
                                to="sites.machinefamily",
                                verbose_name="machine family",
                            ),
                        ),
                        ("code", models.CharField(max_length=40, verbose_name="asset number")),
                        (
                            "places",
                            models.PositiveSmallIntegerField(
                                default=1,
                                help_text="Working together on it.",
                                validators=[django.core.validators.MinValueValidator(1)],
                                verbose_name="people at a time",
                            ),
                        ),
                        ("in_use_from", models.DateField(verbose_name="in use from")),
                        ("in_use_until", models.DateField(blank=True, null=True, verbose_name="in use until")),
                    ],
                    options={
                        "verbose_name": "machine",
                        "verbose_name_plural": "machines",
                        "ordering": ["site", "code"],
                        "constraints": [
                            models.UniqueConstraint(fields=("site", "code"), name="sites_machine_code_once_a_site"),
                            models.CheckConstraint(
                                condition=models.Q(("places__gte", 1)), name="sites_machine_has_a_place"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("in_use_until__isnull", True),
                                    ("in_use_until__gt", models.F("in_use_from")),
                                    _connector="OR",
                                ),
                                name="sites_machine_leaves_after_it_comes",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="MachineTerms",
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
                            "machine",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="terms", to="sites.machine"
                            ),
                        ),
                        (
                            "cost_per_hour",
                            models.DecimalField(decimal_places=2, max_digits=9, verbose_name="cost per hour (yuan)"),
                        ),
                        (
                            "declared_hours",
                            models.DecimalField(
                                blank=True,
                                decimal_places=2,
                                help_text="Where a window such as 22 hours a day is declared; empty: only the opening hours count.",
                                max_digits=4,
                                null=True,
                                verbose_name="declared hours a day",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "terms of a machine",
                        "verbose_name_plural": "terms of machines",
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="sites_machineterms_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="sites_machineterms_superseded_after_recorded",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("cost_per_hour__gte", 0)), name="sites_terms_cost_not_negative"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("declared_hours__isnull", True),
                                    models.Q(("declared_hours__gt", 0), ("declared_hours__lte", 24)),
                                    _connector="OR",
                                ),
                                name="sites_terms_declared_within_a_day",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True), ("valid_until__isnull", True)),
                                fields=("machine",),
                                name="sites_terms_one_open_a_machine",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True)),
                                fields=("machine", "valid_from"),
                                name="sites_terms_once_from_a_day",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="OpeningHours",
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
                            "site",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="opening_hours",
                                to="sites.site",
                            ),
                        ),
                        (
                            "machine",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="opening_hours",
                                to="sites.machine",
                            ),
                        ),
                        (
                            "weekday",
                            models.PositiveSmallIntegerField(
                                validators=[django.core.validators.MaxValueValidator(6)], verbose_name="weekday"
                            ),
                        ),
                        ("opens", models.PositiveSmallIntegerField(verbose_name="opens (minute of the day)")),
                        (
                            "closes",
                            models.PositiveSmallIntegerField(
                                verbose_name="closes (minute, beyond 1440 on the next day)"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "opening hours",
                        "verbose_name_plural": "opening hours",
                        "ordering": ["weekday", "opens"],
                        "abstract": False,
                        "indexes": [models.Index(fields=["site", "superseded_at"], name="sites_hours_of_site")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="sites_openinghours_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="sites_openinghours_superseded_after_recorded",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("weekday__lte", 6)), name="sites_hours_weekday_known"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("closes__gt", models.F("opens")),
                                    (
                                        "closes__lte",
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("opens"), "+", models.Value(1440)
                                        ),
                                    ),
                                    ("opens__gte", 0),
                                    ("opens__lt", 1440),
                                ),
                                name="sites_hours_end_within_a_day",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="CalendarException",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="exceptions", to="sites.site"
                            ),
                        ),
                        (
                            "machine",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="exceptions",
                                to="sites.machine",
                            ),
                        ),
                        ("day", models.DateField(verbose_name="day")),
                        (
                            "opens",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="opens (minute of the day)"
                            ),
                        ),
                        (
                            "closes",
                            models.PositiveSmallIntegerField(
                                blank=True, null=True, verbose_name="closes (minute, beyond 1440 on the next day)"
                            ),
                        ),
                        ("reason", models.CharField(max_length=200, verbose_name="reason")),
                        ("recorded_at", models.DateTimeField(auto_now_add=True)),
                        ("withdrawn_at", models.DateTimeField(editable=False, null=True)),
                    ],
                    options={
                        "verbose_name": "exception of the calendar",
                        "verbose_name_plural": "exceptions of the calendar",
                        "ordering": ["day", "opens"],
                        "indexes": [models.Index(fields=["site", "day"], name="sites_exceptions_of_site")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("closes__isnull", True), ("opens__isnull", True)),
                                    models.Q(
                                        ("opens__isnull", False),
                                        ("closes__gt", models.F("opens")),
                                        (
                                            "closes__lte",
                                            django.db.models.expressions.CombinedExpression(
                                                models.F("opens"), "+", models.Value(1440)
                                            ),
                                        ),
                                        ("opens__gte", 0),
                                        ("opens__lt", 1440),
                                    ),
                                    _connector="OR",
                                ),
                                name="sites_exception_closed_or_a_span",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="PublicHoliday",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("name_zh", models.CharField(max_length=120, verbose_name="Chinese name")),
                        ("name_en", models.CharField(blank=True, max_length=160, verbose_name="English name")),
                        ("day", models.DateField(unique=True, verbose_name="day")),
                        ("is_working_day", models.BooleanField(default=False, verbose_name="works in exchange")),
                        ("source", models.CharField(max_length=200, verbose_name="source")),
                    ],
                    options={
                        "verbose_name": "public holiday",
                        "verbose_name_plural": "public holidays",
                        "ordering": ["day"],
                        "indexes": [],
                        "constraints": [],
                    },
                ),
                migrations.CreateModel(
                    name="Maintenance",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "machine",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="maintenance",
                                to="sites.machine",
                            ),
                        ),
                        ("starts_at", models.DateTimeField(verbose_name="from")),
                        ("ends_at", models.DateTimeField(verbose_name="until")),
                        ("is_breakdown", models.BooleanField(default=False, verbose_name="broke down")),
                        ("reason", models.CharField(max_length=200, verbose_name="what is done")),
                        (
                            "planned_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("recorded_at", models.DateTimeField(auto_now_add=True)),
                        ("called_off_at", models.DateTimeField(editable=False, null=True)),
                    ],
                    options={
                        "verbose_name": "maintenance",
                        "verbose_name_plural": "maintenance",
                        "ordering": ["starts_at"],
                        "indexes": [models.Index(fields=["machine", "ends_at"], name="sites_maintenance_of")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                                name="sites_maintenance_ends_after_it_starts",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Booking",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "machine",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="bookings", to="sites.machine"
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="bookings",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("starts_at", models.DateTimeField(verbose_name="from")),
                        ("ends_at", models.DateTimeField(verbose_name="until")),
                        ("purpose", models.CharField(blank=True, max_length=200, verbose_name="what for")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("offered", "Offered from the waiting list"),
                                    ("booked", "Booked"),
                                    ("attended", "Checked in"),
                                    ("missed", "Did not come"),
                                    ("cancelled", "Cancelled"),
                                ],
                                default="booked",
                                max_length=9,
                                verbose_name="state",
                            ),
                        ),
                        (
                            "source",
                            models.CharField(
                                choices=[
                                    ("own", "By the person"),
                                    ("plan", "By a plan"),
                                    ("log", "From the machine's log"),
                                ],
                                max_length=4,
                                verbose_name="how it came about",
                            ),
                        ),
                        ("plan", models.CharField(blank=True, editable=False, max_length=80)),
                        (
                            "booked_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("recorded_at", models.DateTimeField(auto_now_add=True)),
                        ("answer_by", models.DateTimeField(editable=False, null=True, verbose_name="answer until")),
                        (
                            "checked_in_at",
                            models.DateTimeField(editable=False, null=True, verbose_name="checked in at"),
                        ),
                        (
                            "checked_in_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("released_at", models.DateTimeField(editable=False, null=True)),
                        ("reason", models.CharField(blank=True, editable=False, max_length=200, verbose_name="reason")),
                        (
                            "was_late",
                            models.BooleanField(default=False, editable=False, verbose_name="cancelled too late"),
                        ),
                    ],
                    options={
                        "verbose_name": "booking",
                        "verbose_name_plural": "bookings",
                        "ordering": ["starts_at"],
                        "indexes": [
                            models.Index(fields=["machine", "ends_at"], name="sites_bookings_of_machine"),
                            models.Index(fields=["person", "ends_at"], name="sites_bookings_of_person"),
                            models.Index(
                                condition=models.Q(("plan", ""), _negated=True),
                                fields=["plan"],
                                name="sites_bookings_of_plan",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["offered", "booked", "attended", "missed", "cancelled"])
                                ),
                                name="sites_booking_state_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("source__in", ["own", "plan", "log"])),
                                name="sites_booking_source_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                                name="sites_booking_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("answer_by__isnull", False), ("state", "offered")),
                                    models.Q(("state", "offered"), _negated=True),
                                    _connector="OR",
                                ),
                                name="sites_offer_has_a_deadline",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("released_at__isnull", False), ("state__in", ["missed", "cancelled"])),
                                    models.Q(
                                        models.Q(("state__in", ["missed", "cancelled"]), _negated=True),
                                        ("released_at__isnull", True),
                                    ),
                                    _connector="OR",
                                ),
                                name="sites_booking_released_when_it_holds_no_more",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("checked_in_at__isnull", False), ("state", "attended")),
                                    models.Q(
                                        models.Q(("state", "attended"), _negated=True), ("checked_in_at__isnull", True)
                                    ),
                                    _connector="OR",
                                ),
                                name="sites_booking_checked_in_when_attended",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("person__isnull", True),
                                    ("checked_in_by__isnull", True),
                                    models.Q(("checked_in_by", models.F("person")), _negated=True),
                                    _connector="OR",
                                ),
                                name="sites_booking_checked_in_by_another",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Companion",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "booking",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="companions",
                                to="sites.booking",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="shared_bookings",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "companion of a booking",
                        "verbose_name_plural": "companions of bookings",
                        "constraints": [
                            models.UniqueConstraint(fields=("booking", "person"), name="sites_companion_once_a_booking")
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Waiting",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "machine",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="waiting", to="sites.machine"
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="waiting_for_machines",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("starts_at", models.DateTimeField(verbose_name="from")),
                        ("ends_at", models.DateTimeField(verbose_name="until")),
                        ("purpose", models.CharField(blank=True, max_length=200, verbose_name="what for")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waits"),
                                    ("offered", "Has an offer"),
                                    ("taken", "Offer taken"),
                                    ("lapsed", "Offer lapsed"),
                                    ("left", "Left the list"),
                                ],
                                default="waiting",
                                max_length=7,
                                verbose_name="state",
                            ),
                        ),
                        ("joined_at", models.DateTimeField(verbose_name="waits since")),
                        (
                            "offer",
                            models.OneToOneField(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="waiting",
                                to="sites.booking",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "place on a waiting list",
                        "verbose_name_plural": "places on waiting lists",
                        "ordering": ["joined_at", "pk"],
                        "indexes": [
                            models.Index(fields=["machine", "state", "joined_at"], name="sites_waiting_for_machine")
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["waiting", "offered", "taken", "lapsed", "left"])),
                                name="sites_waiting_state_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                                name="sites_waiting_ends_after_it_starts",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["waiting", "offered"])),
                                fields=("machine", "person", "starts_at"),
                                name="sites_waiting_once_for_a_time",
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
                            "site",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="quotas",
                                to="sites.site",
                                verbose_name="site",
                            ),
                        ),
                        (
                            "family",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="quotas",
                                to="sites.machinefamily",
                                verbose_name="machine family",
                            ),
                        ),
                        (
                            "cohort",
                            models.ForeignKey(
                                blank=True,
                                help_text="With a cohort its students share the hours; without, each person has them.",
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="machine_quotas",
                                to="community.cohort",
                                verbose_name="cohort",
                            ),
                        ),
                        (
                            "hours",
                            models.DecimalField(
                                decimal_places=2,
                                max_digits=6,
                                validators=[django.core.validators.MinValueValidator(0)],
                                verbose_name="hours a week",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "quota",
                        "verbose_name_plural": "quotas",
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="sites_quota_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="sites_quota_superseded_after_recorded",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("hours__gte", 0)), name="sites_quota_not_negative"
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Authorisation",
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
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="machine_authorisations",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "family",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="authorisations",
                                to="sites.machinefamily",
                            ),
                        ),
                        (
                            "granted_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        ("basis", models.CharField(blank=True, max_length=200, verbose_name="what shows it")),
                    ],
                    options={
                        "verbose_name": "authorisation",
                        "verbose_name_plural": "authorisations",
                        "abstract": False,
                        "indexes": [models.Index(fields=["person", "superseded_at"], name="sites_authorisations_of")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="sites_authorisation_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="sites_authorisation_superseded_after_recorded",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("granted_by__isnull", True),
                                    models.Q(("granted_by", models.F("person")), _negated=True),
                                    _connector="OR",
                                ),
                                name="sites_authorisation_granted_by_another",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("valid_until__isnull", False)),
                                name="sites_authorisation_has_an_end",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="TeachingTerm",
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
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="teaching_terms",
                                to="community.organisation",
                            ),
                        ),
                        (
                            "academic_year",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="teaching_terms",
                                to="community.academicyear",
                                verbose_name="academic year",
                            ),
                        ),
                        ("starts_on", models.DateField(verbose_name="Monday of the first week")),
                        ("weeks", models.PositiveSmallIntegerField(default=18, verbose_name="weeks")),
                        (
                            "zone",
                            models.CharField(
                                default="Asia/Shanghai",
                                max_length=40,
                                validators=[ronghe.apps.sites.models.places.known_zone],
                                verbose_name="time zone",
                            ),
                        ),
                        (
                            "keeps_holidays",
                            models.BooleanField(default=True, verbose_name="no classes on public holidays"),
                        ),
                    ],
                    options={
                        "verbose_name": "term",
                        "verbose_name_plural": "terms of teaching",
                        "ordering": ["-starts_on"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("organisation", "starts_on"), name="sites_term_starts_once"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("weeks__range", (1, 53))), name="sites_term_weeks_in_range"
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="SectionTime",
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
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="section_times",
                                to="community.organisation",
                            ),
                        ),
                        ("number", models.PositiveSmallIntegerField(verbose_name="section")),
                        ("begins", models.PositiveSmallIntegerField(verbose_name="begins (minute of the day)")),
                        ("ends", models.PositiveSmallIntegerField(verbose_name="ends (minute of the day)")),
                    ],
                    options={
                        "verbose_name": "section of the day",
                        "verbose_name_plural": "sections of the day",
                        "ordering": ["number"],
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="sites_sectiontime_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="sites_sectiontime_superseded_after_recorded",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("ends__gt", models.F("begins")), ("ends__lte", 1440), ("number__gte", 1)
                                ),
                                name="sites_section_is_a_span",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True), ("valid_until__isnull", True)),
                                fields=("organisation", "number"),
                                name="sites_section_once",
                            ),
                        ],
                        "indexes": [],
                    },
                ),
                migrations.CreateModel(
                    name="Session",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "term",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sessions",
                                to="sites.teachingterm",
                            ),
                        ),
                        (
                            "cohort",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sessions",
                                to="community.cohort",
                            ),
                        ),
                        ("course", models.CharField(max_length=160, verbose_name="course")),
                        ("room", models.CharField(blank=True, max_length=80, verbose_name="room")),
                        (
                            "campus",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="sessions",
                                to="community.campus",
                            ),
                        ),
                        ("starts_at", models.DateTimeField(verbose_name="from")),
                        ("ends_at", models.DateTimeField(verbose_name="until")),
                        ("recorded_at", models.DateTimeField()),
                        ("withdrawn_at", models.DateTimeField(editable=False, null=True)),
                    ],
                    options={
                        "verbose_name": "class session",
                        "verbose_name_plural": "class sessions",
                        "ordering": ["starts_at"],
                        "indexes": [models.Index(fields=["cohort", "starts_at"], name="sites_sessions_of_cohort")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                                name="sites_session_ends_after_it_starts",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("withdrawn_at__isnull", True)),
                                fields=("cohort", "course", "starts_at"),
                                name="sites_session_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Overlap",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="study_work_overlaps",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "session",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="overlaps", to="sites.session"
                            ),
                        ),
                        ("source", models.CharField(max_length=40)),
                        ("reference", models.CharField(max_length=80)),
                        ("label", models.CharField(max_length=200, verbose_name="work")),
                        (
                            "booking",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="overlaps",
                                to="sites.booking",
                            ),
                        ),
                        ("week", models.DateField(verbose_name="week of")),
                        ("starts_at", models.DateTimeField(verbose_name="from")),
                        ("ends_at", models.DateTimeField(verbose_name="until")),
                        (
                            "travel_minutes",
                            models.PositiveSmallIntegerField(default=0, verbose_name="minutes of travel in it"),
                        ),
                        ("noted_at", models.DateTimeField()),
                        ("gone_at", models.DateTimeField(editable=False, null=True)),
                    ],
                    options={
                        "verbose_name": "study–work overlap",
                        "verbose_name_plural": "study–work overlaps",
                        "ordering": ["starts_at"],
                        "indexes": [
                            models.Index(fields=["person", "starts_at"], name="sites_overlaps_of_person"),
                            models.Index(
                                condition=models.Q(("gone_at__isnull", True)),
                                fields=["week"],
                                name="sites_overlaps_of_week",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                                name="sites_overlap_ends_after_it_starts",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("gone_at__isnull", True)),
                                fields=("person", "session", "source", "reference", "week"),
                                name="sites_overlap_noted_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Feed",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "owner",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="calendar_feeds",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "machine",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="feeds",
                                to="sites.machine",
                            ),
                        ),
                        (
                            "site",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="feeds",
                                to="sites.site",
                            ),
                        ),
                        ("key_digest", models.CharField(editable=False, max_length=64, unique=True)),
                        ("language", models.CharField(editable=False, max_length=10)),
                        ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="made at")),
                        ("last_read_on", models.DateField(editable=False, null=True, verbose_name="last read on")),
                        ("revoked_at", models.DateTimeField(editable=False, null=True)),
                    ],
                    options={
                        "verbose_name": "calendar feed",
                        "verbose_name_plural": "calendar feeds",
                        "ordering": ["-made_at"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("machine__isnull", True), ("site__isnull", True), _connector="OR"),
                                name="sites_feed_of_one_thing",
                            )
                        ],
                        "indexes": [],
                    },
                ),
            ],
        ),
    ]
