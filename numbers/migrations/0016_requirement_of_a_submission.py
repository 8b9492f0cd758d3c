"""The models say ``requirement`` and ``requested_by``; the columns keep their names, so the database does nothing."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F

NAME = "one_submission_per_line_and_document"


class Migration(migrations.Migration):
    dependencies = [("numbers", "0015_state_words")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveConstraint("submission", NAME),
                migrations.RenameField("submission", "line", "requirement"),
                migrations.AlterField(
                    "submission",
                    "requirement",
                    models.ForeignKey(
                        db_column="line_id",
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="submissions",
                        to="numbers.orderrequirement",
                    ),
                ),
                migrations.AddConstraint(
                    "submission", models.UniqueConstraint(F("requirement"), F("document"), name=NAME)
                ),
                migrations.RenameField("orderrequirement", "asked_by", "requested_by"),
                migrations.AlterField(
                    "orderrequirement",
                    "requested_by",
                    models.ForeignKey(
                        db_column="asked_by_id",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
