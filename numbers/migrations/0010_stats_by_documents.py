"""The counts table is kept apart by whether documents are required; its next refresh fills it so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("numbers", "0009_document_inspection")]

    operations = [
        migrations.RemoveConstraint(model_name="numberstat", name="one_stat_row"),
        migrations.AddConstraint(
            model_name="numberstat",
            constraint=models.UniqueConstraint(
                models.F("country"),
                models.F("region"),
                models.F("type"),
                models.F("sms"),
                models.F("voice"),
                models.F("docs_required"),
                name="one_stat_row",
            ),
        ),
    ]
