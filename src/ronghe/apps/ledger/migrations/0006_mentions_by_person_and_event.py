"""Orders the index of mentions by event within a person, so that an event touches fewer of its pages."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0005_anchors")]

    operations = [
        migrations.RemoveIndex("mention", "ledger_mention_by_person"),
        migrations.AddIndex(
            "mention", models.Index(fields=["person", "event", "role"], name="ledger_mention_by_person")
        ),
    ]
