"""The word *Rejected* for a file that its inspection turned down; stored values and columns keep their names."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("numbers", "0016_requirement_of_a_submission")]

    operations = [
        migrations.AlterField(
            "document",
            "inspection",
            models.CharField(
                choices=[
                    ("pending", "Being checked"),
                    ("passed", "Passed"),
                    ("refused", "Rejected"),
                    ("failed", "Could not be checked"),
                ],
                db_default="passed",
                default="passed",
                max_length=7,
            ),
        ),
        # The column keeps its name: what the database does is nothing.
        migrations.AlterField(
            "document",
            "refusal_code",
            models.CharField(blank=True, db_column="refusal_code", db_default="", default="", max_length=50),
        ),
        migrations.RenameField("document", "refusal_code", "rejection_code"),
    ]
