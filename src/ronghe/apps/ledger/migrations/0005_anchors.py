"""Makes room for anchors on a chain and for time stamps, which are never changed."""

import django.db.models.deletion
from django.db import migrations, models

from ronghe.apps.ledger import anchor_triggers, freezing
from ronghe.apps.ledger.operations import RunOnDatabase


def install(apps, schema_editor):
    freezing.create(schema_editor.connection, anchor_triggers.triggers())


def remove(apps, schema_editor):
    freezing.drop(schema_editor.connection, anchor_triggers.triggers())


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0004_cosignatures"),
    ]

    operations = [
        migrations.CreateModel(
            name="Timestamp",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("authority", models.CharField(max_length=300, verbose_name="time-stamping authority")),
                ("stamped_at", models.DateTimeField(verbose_name="stamped at")),
                ("answer", models.BinaryField(verbose_name="answer of the authority")),
                (
                    "checkpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="timestamps",
                        to="ledger.checkpoint",
                        verbose_name="checkpoint",
                    ),
                ),
            ],
            options={
                "verbose_name": "time stamp",
                "verbose_name_plural": "time stamps",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Anchor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("chain", models.BigIntegerField(verbose_name="number of the chain")),
                ("contract", models.CharField(max_length=42, verbose_name="contract")),
                ("block", models.CharField(max_length=66, verbose_name="block")),
                ("block_number", models.BigIntegerField(verbose_name="number of the block")),
                ("block_time", models.DateTimeField(verbose_name="time of the block")),
                ("transaction", models.CharField(max_length=66, verbose_name="transaction")),
                ("proof", models.TextField(verbose_name="proof")),
                (
                    "checkpoint",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="anchors",
                        to="ledger.checkpoint",
                        verbose_name="checkpoint",
                    ),
                ),
            ],
            options={
                "verbose_name": "anchor",
                "verbose_name_plural": "anchors",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("checkpoint", "chain", "contract", "block"), name="ledger_anchor_once"
                    )
                ],
            },
        ),
        RunOnDatabase(install, remove),
    ]
