"""Takes away the indexes that each event paid for and nothing read: fewer pages to write in every transaction."""

import django.db.models.deletion
from django.db import migrations, models

from ronghe.apps.ledger import triggers
from ronghe.apps.ledger.models import KeyOfEvent
from ronghe.apps.ledger.operations import RunOnDatabase


def lift(apps, schema_editor):
    triggers.remove(schema_editor.connection)


def install(apps, schema_editor):
    triggers.install(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_triggers")]

    operations = [
        # SQLite builds the table of payloads anew, and with the old one go its triggers.
        RunOnDatabase(lift, install),
        migrations.AlterField(
            "payload",
            "erased_by",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="erased",
                to="ledger.event",
            ),
        ),
        migrations.AddIndex(
            "payload",
            models.Index(
                condition=models.Q(("erased_by__isnull", False)),
                fields=["erased_by"],
                name="ledger_payload_by_erasure",
            ),
        ),
        migrations.AlterField(
            "payload",
            "event",
            KeyOfEvent(
                on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to="ledger.event"
            ),
        ),
        migrations.AlterField(
            "unsealed",
            "event",
            KeyOfEvent(
                on_delete=django.db.models.deletion.PROTECT, primary_key=True, serialize=False, to="ledger.event"
            ),
        ),
        RunOnDatabase(install, lift),
    ]
