import django.db.models.deletion
import ronghe.apps.ledger.operations
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        ronghe.apps.ledger.operations.Together(
            operations=[
                migrations.CreateModel(
                    name="Event",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("type", models.CharField(max_length=100, verbose_name="type")),
                        ("subject", models.CharField(max_length=200, verbose_name="subject")),
                        ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                        ("digest", models.BinaryField(max_length=32, verbose_name="salted digest of the payload")),
                        ("authentication", models.BinaryField(max_length=32, verbose_name="authentication")),
                    ],
                    options={
                        "verbose_name": "event",
                        "verbose_name_plural": "events",
                        "default_permissions": ("view",),
                        "indexes": [
                            models.Index(fields=["subject", "id"], name="ledger_event_by_subject"),
                            models.Index(fields=["type", "id"], name="ledger_event_by_type"),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Leaf",
                    fields=[
                        ("index", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="index")),
                        ("hash", models.BinaryField(max_length=32, verbose_name="leaf hash")),
                        ("authentication", models.BinaryField(max_length=32, verbose_name="authentication")),
                        ("event", models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, to="ledger.event")),
                    ],
                    options={
                        "verbose_name": "leaf",
                        "verbose_name_plural": "leaves",
                        "default_permissions": (),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("index__gte", 0)), name="ledger_leaf_index_not_negative"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Mention",
                    fields=[
                        (
                            "id",
                            models.BigAutoField(
                                auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                            ),
                        ),
                        ("person", models.UUIDField(verbose_name="person")),
                        (
                            "role",
                            models.CharField(
                                choices=[("about", "about this person"), ("actor", "done by this person")],
                                max_length=5,
                                verbose_name="role",
                            ),
                        ),
                        (
                            "event",
                            models.ForeignKey(
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="mentions",
                                to="ledger.event",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "mention",
                        "verbose_name_plural": "mentions",
                        "default_permissions": (),
                        "indexes": [models.Index(fields=["person", "role", "event"], name="ledger_mention_by_person")],
                        "constraints": [
                            models.UniqueConstraint(fields=("event", "person", "role"), name="ledger_mention_once"),
                            models.CheckConstraint(
                                condition=models.Q(("role__in", ["about", "actor"])), name="ledger_mention_role_known"
                            ),
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Subtree",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "level", "number", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("level", models.SmallIntegerField(verbose_name="level")),
                        ("number", models.BigIntegerField(verbose_name="number")),
                        ("hash", models.BinaryField(max_length=32, verbose_name="hash")),
                    ],
                    options={
                        "verbose_name": "subtree",
                        "verbose_name_plural": "subtrees",
                        "default_permissions": (),
                    },
                ),
                migrations.CreateModel(
                    name="Checkpoint",
                    fields=[
                        ("size", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="size")),
                        ("root", models.BinaryField(max_length=32, verbose_name="root")),
                        ("note", models.TextField(verbose_name="signed note")),
                        ("signed_at", models.DateTimeField(verbose_name="signed at")),
                    ],
                    options={
                        "verbose_name": "checkpoint",
                        "verbose_name_plural": "checkpoints",
                        "default_permissions": (),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(("size__gt", 0)), name="ledger_checkpoint_size_positive"
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Payload",
                    fields=[
                        (
                            "event",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                serialize=False,
                                to="ledger.event",
                            ),
                        ),
                        ("salt", models.BinaryField(max_length=32, null=True)),
                        ("content", models.TextField(null=True)),
                        (
                            "erased_by",
                            models.ForeignKey(
                                null=True,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="erased",
                                to="ledger.event",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "payload",
                        "verbose_name_plural": "payloads",
                        "default_permissions": (),
                        "constraints": [
                            models.CheckConstraint(
                                condition=models.Q(
                                    models.Q(
                                        ("content__isnull", False), ("erased_by__isnull", True), ("salt__isnull", False)
                                    ),
                                    models.Q(
                                        ("content__isnull", True), ("erased_by__isnull", False), ("salt__isnull", True)
                                    ),
                                    _connector="OR",
                                ),
                                name="ledger_payload_whole_or_erased",
                            )
                        ],
                    },
                ),
                migrations.CreateModel(
                    name="Unsealed",
                    fields=[
                        (
                            "event",
                            models.OneToOneField(
                                on_delete=django.db.models.deletion.PROTECT,
                                primary_key=True,
                                serialize=False,
                                to="ledger.event",
                            ),
                        ),
                    ],
                    options={
                        "verbose_name": "unsealed event",
                        "verbose_name_plural": "unsealed events",
                        "default_permissions": (),
                    },
                ),
            ],
        ),
    ]
