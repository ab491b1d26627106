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
        ("agreements", "0002_triggers"),
        ("community", "0004_gates"),
        ("curriculum", "0002_triggers"),
        ("demand", "0005_computations"),
        ("mentors", "0002_limit_and_triggers"),
        ("positions", "0002_triggers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        ronghe.apps.ledger.operations.Together(
            operations=[
                migrations.CreateModel(
                    name="Placement",
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
                            "paper_number",
                            models.CharField(
                                blank=True, editable=False, max_length=60, verbose_name="number of the paper agreement"
                            ),
                        ),
                        (
                            "paper_signed_on",
                            models.DateField(editable=False, null=True, verbose_name="paper signed on"),
                        ),
                        ("work_zh", models.CharField(max_length=120, verbose_name="work (Chinese)")),
                        ("work_en", models.CharField(blank=True, max_length=160, verbose_name="work (English)")),
                        ("starts_on", models.DateField(verbose_name="first day")),
                        ("ends_on", models.DateField(verbose_name="last day")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("planned", "Planned"),
                                    ("running", "Running"),
                                    ("paused", "Paused"),
                                    ("stopped", "Stopped"),
                                    ("finished", "Finished"),
                                ],
                                default="planned",
                                editable=False,
                                max_length=8,
                                verbose_name="state",
                            ),
                        ),
                        ("reason", models.CharField(blank=True, editable=False, max_length=500, verbose_name="reason")),
                        ("planned_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        (
                            "agreement",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="placements",
                                to="agreements.agreement",
                                verbose_name="three-party agreement",
                            ),
                        ),
                        (
                            "assignment",
                            models.OneToOneField(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="placement",
                                to="positions.assignment",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="placements",
                                to=settings.AUTH_USER_MODEL,
                                verbose_name="student",
                            ),
                        ),
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
                        (
                            "position",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="placements",
                                to="positions.position",
                                verbose_name="position",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "placement",
                        "verbose_name_plural": "placements",
                        "ordering": ["-starts_on", "-pk"],
                        "indexes": [
                            models.Index(fields=["person", "state"], name="training_placements_of"),
                            models.Index(fields=["state", "starts_on"], name="training_placement_by_state"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("ends_on__gte", models.F("starts_on"))),
                                name="training_placement_days",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["planned", "running", "paused", "stopped", "finished"])
                                ),
                                name="training_placement_state_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "stopped"), _negated=True),
                                    models.Q(("reason", ""), _negated=True),
                                    ("person__isnull", True),
                                    _connector="OR",
                                ),
                                name="training_placement_stopped_with_reason",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("paper_number", ""), ("paper_signed_on__isnull", True)),
                                    models.Q(
                                        models.Q(("paper_number", ""), _negated=True),
                                        ("paper_signed_on__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="training_placement_paper_whole",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Incident",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        (
                            "severity",
                            models.PositiveSmallIntegerField(
                                choices=[(1, "Minor"), (2, "Serious"), (3, "Grave")], verbose_name="severity"
                            ),
                        ),
                        ("happened_on", models.DateField(verbose_name="happened on")),
                        ("what", models.TextField(max_length=2000, verbose_name="what happened")),
                        ("reported_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("answer_by", models.DateTimeField(verbose_name="to be answered by")),
                        (
                            "with_office",
                            models.BooleanField(default=False, editable=False, verbose_name="with the office"),
                        ),
                        ("escalated_at", models.DateTimeField(editable=False, null=True)),
                        ("answer", models.TextField(blank=True, max_length=2000, verbose_name="what is done about it")),
                        ("answered_at", models.DateTimeField(editable=False, null=True)),
                        ("outcome", models.TextField(blank=True, max_length=2000, verbose_name="how it ended")),
                        ("closed_at", models.DateTimeField(editable=False, null=True)),
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
                            "closed_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "reported_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "placement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="incidents",
                                to="training.placement",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "incident",
                        "verbose_name_plural": "incidents",
                        "ordering": ["-reported_at", "-pk"],
                        "indexes": [models.Index(fields=["closed_at", "answer_by"], name="training_incidents_open")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("severity__in", [1, 2, 3])), name="training_incident_severity_known"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("closed_at__isnull", True), ("answered_at__isnull", False), _connector="OR"
                                ),
                                name="training_incident_answered_before_closed",
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
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("week", models.DateField(verbose_name="week")),
                        (
                            "version",
                            models.PositiveSmallIntegerField(default=1, editable=False, verbose_name="version"),
                        ),
                        ("text", models.TextField(max_length=8000, verbose_name="what was done")),
                        ("text_digest", models.CharField(blank=True, editable=False, max_length=64)),
                        ("commit_url", models.URLField(blank=True, max_length=500, verbose_name="commit")),
                        ("hours", models.DecimalField(decimal_places=2, max_digits=5, verbose_name="hours")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("waiting", "Waits for confirmation"),
                                    ("asked", "Question to the student"),
                                    ("returned", "Returned"),
                                    ("confirmed", "Confirmed"),
                                    ("replaced", "Replaced by a newer version"),
                                ],
                                default="waiting",
                                max_length=9,
                                verbose_name="state",
                            ),
                        ),
                        ("handed_in_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("confirmed_at", models.DateTimeField(editable=False, null=True)),
                        (
                            "uncounted_at",
                            models.DateTimeField(
                                default=datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc),
                                editable=False,
                            ),
                        ),
                        (
                            "handed_in_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                blank=True,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="evidence",
                                to="curriculum.unit",
                                verbose_name="teaching unit",
                            ),
                        ),
                        (
                            "placement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="entries",
                                to="training.placement",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "evidence of a week",
                        "verbose_name_plural": "evidence of weeks",
                        "ordering": ["-week", "-version"],
                        "indexes": [
                            models.Index(fields=["placement", "week"], name="training_entries_of"),
                            models.Index(fields=["state", "week"], name="training_entries_by_state"),
                            models.Index(
                                condition=models.Q(("text_digest", ""), _negated=True),
                                fields=["text_digest"],
                                name="training_entries_by_text",
                            ),
                            models.Index(
                                condition=models.Q(("commit_url", ""), _negated=True),
                                fields=["commit_url"],
                                name="training_entries_by_commit",
                            ),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("state__in", ["waiting", "asked", "returned", "confirmed", "replaced"])
                                ),
                                name="training_entry_state_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("hours__gte", 0), ("hours__lte", 168)),
                                name="training_entry_hours_of_a_week",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("week__week_day", 2)), name="training_entry_week_begins_on_monday"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("state", "confirmed"), _negated=True),
                                    ("confirmed_at__isnull", False),
                                    _connector="OR",
                                ),
                                name="training_entry_confirmed_at",
                            ),
                            models.UniqueConstraint(
                                fields=("placement", "week", "version"), name="training_entry_version_once"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state", "confirmed")),
                                fields=("placement", "week"),
                                name="training_entry_counts_once_a_week",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("state__in", ["waiting", "asked"])),
                                fields=("placement", "week"),
                                name="training_entry_undecided_once_a_week",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="ConfirmationLink",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("week", models.DateField(verbose_name="week")),
                        ("made_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("expires_at", models.DateTimeField(verbose_name="valid until")),
                        ("revoked_at", models.DateTimeField(editable=False, null=True)),
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
                            "mentor",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "placement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="confirmation_links",
                                to="training.placement",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "confirmation link",
                        "verbose_name_plural": "confirmation links",
                        "ordering": ["-made_at"],
                        "default_permissions": (),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("expires_at__gt", models.F("made_at"))),
                                name="training_link_expires",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("revoked_at__isnull", True)),
                                fields=("placement", "week", "mentor"),
                                name="training_link_once_a_week",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Assessment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("attempt", models.PositiveSmallIntegerField(verbose_name="attempt")),
                        (
                            "opened_on",
                            models.DateField(
                                default=django.utils.timezone.localdate, editable=False, verbose_name="opened on"
                            ),
                        ),
                        ("settled_at", models.DateTimeField(editable=False, null=True)),
                        ("settled_on", models.DateField(editable=False, null=True, verbose_name="settled on")),
                        ("is_passed", models.BooleanField(editable=False, null=True, verbose_name="passed")),
                        (
                            "reason",
                            models.CharField(
                                blank=True, editable=False, max_length=500, verbose_name="reason of the office"
                            ),
                        ),
                        (
                            "opened_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "unit",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assessments",
                                to="curriculum.unit",
                            ),
                        ),
                        (
                            "placement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="assessments",
                                to="training.placement",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "assessment",
                        "verbose_name_plural": "assessments",
                        "ordering": ["-opened_on", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("is_passed__isnull", True),
                                        ("settled_at__isnull", True),
                                        ("settled_on__isnull", True),
                                    ),
                                    models.Q(
                                        ("is_passed__isnull", False),
                                        ("settled_at__isnull", False),
                                        ("settled_on__isnull", False),
                                    ),
                                    _connector="OR",
                                ),
                                name="training_assessment_settled_whole",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("attempt__gte", 1)), name="training_assessment_attempt_numbered"
                            ),
                            models.UniqueConstraint(
                                fields=("placement", "unit", "attempt"), name="training_assessment_attempt_once"
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("settled_at__isnull", True)),
                                fields=("placement", "unit"),
                                name="training_assessment_one_open",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("is_passed", True)),
                                fields=("placement", "unit"),
                                name="training_assessment_passed_once",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Absence",
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
                                    ("sick", "Sick"),
                                    ("leave", "Leave"),
                                    ("study", "Study at the university"),
                                    ("unexcused", "Without excuse"),
                                ],
                                max_length=10,
                                verbose_name="kind",
                            ),
                        ),
                        ("first_day", models.DateField(verbose_name="first day")),
                        ("last_day", models.DateField(verbose_name="last day")),
                        ("note", models.CharField(blank=True, max_length=300, verbose_name="note")),
                        ("reported_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        ("is_excused", models.BooleanField(editable=False, null=True)),
                        ("decided_at", models.DateTimeField(editable=False, null=True)),
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
                            "reported_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "placement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="absences",
                                to="training.placement",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "absence",
                        "verbose_name_plural": "absences",
                        "ordering": ["-first_day", "-pk"],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("kind__in", ["sick", "leave", "study", "unexcused"])),
                                name="training_absence_kind_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("last_day__gte", models.F("first_day"))),
                                name="training_absence_days",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(("decided_at__isnull", True), ("is_excused__isnull", True)),
                                    models.Q(("decided_at__isnull", False), ("is_excused__isnull", False)),
                                    _connector="OR",
                                ),
                                name="training_absence_decided_whole",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Rating",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        (
                            "side",
                            models.CharField(
                                choices=[("mentor", "Mentor"), ("teacher", "Teacher"), ("office", "Office")],
                                max_length=8,
                                verbose_name="side",
                            ),
                        ),
                        ("skill_level", models.PositiveSmallIntegerField(verbose_name="skill level")),
                        ("comment", models.CharField(blank=True, max_length=500, verbose_name="comment")),
                        ("rated_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        (
                            "assessment",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="ratings",
                                to="training.assessment",
                            ),
                        ),
                        (
                            "rated_by",
                            models.ForeignKey(
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.SET_NULL,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "skill",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="demand.skill"
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "rating",
                        "verbose_name_plural": "ratings",
                        "ordering": ["skill", "side"],
                        "default_permissions": (),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("side__in", ["mentor", "teacher", "office"])),
                                name="training_rating_side_known",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("skill_level__range", (0, 5))),
                                name="training_rating_level_in_scale",
                            ),
                            models.UniqueConstraint(
                                fields=("assessment", "side", "skill"), name="training_rating_once_a_side"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Relation",
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
                                    ("family", "Family"),
                                    ("business", "Business partners"),
                                    ("other", "Another reason"),
                                ],
                                max_length=10,
                                verbose_name="relation",
                            ),
                        ),
                        ("declared_by_uid", models.UUIDField(editable=False)),
                        (
                            "other",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="relations_of_others",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="relations",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "declared relation",
                        "verbose_name_plural": "declared relations",
                        "abstract": False,
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="training_relation_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="training_relation_superseded_after_recorded",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("person", models.F("other")), _negated=True),
                                name="training_relation_of_two",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True), ("valid_until__isnull", True)),
                                fields=("person", "other"),
                                name="training_relation_once",
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
                        ("about", models.CharField(max_length=80)),
                        ("sent_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                        (
                            "person",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="+",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "reminder",
                        "verbose_name_plural": "reminders",
                        "default_permissions": (),
                        "constraints": [
                            models.UniqueConstraint(fields=("about", "person"), name="training_reminded_once")
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Stay",
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
                        ("share", models.PositiveSmallIntegerField(default=100, verbose_name="share of the week in %")),
                        (
                            "state",
                            models.CharField(
                                choices=[
                                    ("planned", "Planned"),
                                    ("running", "Running"),
                                    ("paused", "Paused"),
                                    ("stopped", "Stopped"),
                                    ("finished", "Finished"),
                                ],
                                max_length=8,
                                verbose_name="state",
                            ),
                        ),
                        ("is_first", models.BooleanField(default=False, editable=False)),
                        ("without_agreement", models.BooleanField(default=False, editable=False)),
                        ("reason", models.CharField(blank=True, max_length=300, verbose_name="reason")),
                        (
                            "organisation",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stays",
                                to="community.organisation",
                                verbose_name="host",
                            ),
                        ),
                        (
                            "placement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="stays",
                                to="training.placement",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "stay",
                        "verbose_name_plural": "stays",
                        "ordering": ["valid_from", "pk"],
                        "abstract": False,
                        "indexes": [
                            models.Index(
                                fields=["organisation", "superseded_at", "valid_from"], name="training_stays_at"
                            ),
                            models.Index(fields=["placement", "superseded_at"], name="training_stays_of"),
                        ],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="training_stay_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="training_stay_superseded_after_recorded",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("share__range", (1, 100))), name="training_stay_share_of_a_week"
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("state__in", ["planned", "running", "paused"])),
                                name="training_stay_state_known",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True)),
                                fields=("placement", "organisation", "valid_from"),
                                name="training_stay_once_from_a_day",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Supervision",
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
                                choices=[("mentor", "Mentor"), ("teacher", "Teacher")],
                                max_length=8,
                                verbose_name="side",
                            ),
                        ),
                        (
                            "person",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="placements_supervised",
                                to=settings.AUTH_USER_MODEL,
                            ),
                        ),
                        (
                            "placement",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="supervisions",
                                to="training.placement",
                            ),
                        ),
                        (
                            "slot",
                            models.ForeignKey(
                                blank=True,
                                editable=False,
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="mentors.slot",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "supervision",
                        "verbose_name_plural": "supervisions",
                        "ordering": ["kind", "valid_from", "pk"],
                        "abstract": False,
                        "indexes": [models.Index(fields=["person", "superseded_at"], name="training_supervised_by")],
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("valid_until__isnull", True),
                                    ("valid_until__gt", models.F("valid_from")),
                                    _connector="OR",
                                ),
                                name="training_supervision_ends_after_it_starts",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("superseded_at__isnull", True),
                                    ("superseded_at__gte", models.F("recorded_at")),
                                    _connector="OR",
                                ),
                                name="training_supervision_superseded_after_recorded",
                            ),
                            models.CheckConstraint(
                                condition=models.Q(("kind__in", ["mentor", "teacher"])),
                                name="training_supervision_kind",
                            ),
                            models.UniqueConstraint(
                                condition=models.Q(("superseded_at__isnull", True)),
                                fields=("placement", "kind", "valid_from"),
                                name="training_supervision_once_from_a_day",
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Confirmation",
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
                                    ("confirmed", "Confirmed"),
                                    ("returned", "Returned"),
                                    ("asked", "Asked"),
                                    ("answered", "Answered"),
                                ],
                                max_length=9,
                            ),
                        ),
                        ("comment", models.TextField(blank=True, max_length=2000, verbose_name="comment")),
                        ("side", models.CharField(editable=False, max_length=8)),
                        ("decided_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
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
                        (
                            "link",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="+",
                                to="training.confirmationlink",
                            ),
                        ),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="confirmations",
                                to="training.entry",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "confirmation",
                        "verbose_name_plural": "confirmations",
                        "ordering": ["pk"],
                        "default_permissions": (),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("verdict__in", ["confirmed", "returned", "asked", "answered"])),
                                name="training_verdict_known",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Attachment",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("uid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                        ("filename", models.CharField(max_length=200, verbose_name="file")),
                        ("media_type", models.CharField(max_length=80)),
                        ("size", models.PositiveIntegerField(verbose_name="size in bytes")),
                        ("sha256", models.CharField(db_index=True, max_length=64)),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="attachments",
                                to="training.entry",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "attachment",
                        "verbose_name_plural": "attachments",
                        "ordering": ["pk"],
                        "constraints": [
                            models.UniqueConstraint(
                                fields=("entry", "sha256"), name="training_attachment_once_an_entry"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Mark",
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
                                    ("late", "Handed in late"),
                                    ("backdated", "Handed in more than four weeks after the week"),
                                    ("same_file", "The same file was handed in before"),
                                    ("same_text", "The same text was handed in before"),
                                    ("same_commit", "The same commit was handed in before"),
                                ],
                                max_length=11,
                            ),
                        ),
                        ("is_other_student", models.BooleanField(default=False)),
                        (
                            "entry",
                            models.ForeignKey(
                                on_delete=django.db.models.deletion.CASCADE, related_name="marks", to="training.entry"
                            ),
                        ),
                        (
                            "other",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.CASCADE,
                                related_name="marks_of_others",
                                to="training.entry",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "mark",
                        "verbose_name_plural": "marks",
                        "ordering": ["pk"],
                        "default_permissions": (),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    ("kind__in", ["late", "backdated", "same_file", "same_text", "same_commit"])
                                ),
                                name="training_mark_kind_known",
                            )
                        ],
                    },
                ),
            ],
        ),
    ]
