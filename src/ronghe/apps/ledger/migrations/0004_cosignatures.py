"""Makes room for the witnesses' signatures, which are never changed, and for how each witness last answered."""

import django.db.models.deletion
from django.db import migrations, models

from ronghe.apps.ledger import freezing, witnesses
from ronghe.apps.ledger.operations import RunOnDatabase


def install(apps, schema_editor):
    freezing.create(schema_editor.connection, witnesses.triggers())


def remove(apps, schema_editor):
    freezing.drop(schema_editor.connection, witnesses.triggers())


class Migration(migrations.Migration):
    dependencies = [("ledger", "0003_fewer_indexes")]

    operations = [
        migrations.CreateModel(
            name="WitnessContact",
            fields=[
                ("witness", models.CharField(max_length=200, primary_key=True, serialize=False, verbose_name="witness")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("signed", "signed"),
                            ("unreachable", "cannot be reached"),
                            ("refused", "refused to sign"),
                            ("conflict", "holds another history"),
                        ],
                        max_length=11,
                        verbose_name="state",
                    ),
                ),
                ("detail", models.TextField(blank=True, verbose_name="what it said")),
                ("asked_at", models.DateTimeField(verbose_name="asked at")),
            ],
            options={
                "verbose_name": "contact with a witness",
                "verbose_name_plural": "contacts with witnesses",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["signed", "unreachable", "refused", "conflict"])),
                        name="ledger_witness_contact_state_known",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Cosignature",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("witness", models.CharField(max_length=200, verbose_name="witness")),
                ("line", models.TextField(verbose_name="signature line")),
                ("signed_at", models.DateTimeField(verbose_name="signed at")),
                (
                    "checkpoint",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cosignatures",
                        to="ledger.checkpoint",
                        verbose_name="checkpoint",
                    ),
                ),
            ],
            options={
                "verbose_name": "cosignature",
                "verbose_name_plural": "cosignatures",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("checkpoint", "witness"), name="ledger_cosignature_once")
                ],
            },
        ),
        RunOnDatabase(install, remove),
    ]
