"""Secrets of switches get a table of their own, so that a former one can be accepted while it is being rotated."""

from typing import Any

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models
from django.db.migrations.state import StateApps


def copy(apps: StateApps, editor: Any) -> None:
    secret = apps.get_model("numbers", "SwitchSecret")
    for switch in apps.get_model("numbers", "SwitchCredential").objects.all():
        secret.objects.create(
            credential=switch,
            digest=switch.secret_digest,
            created_at=switch.created_at,
            last_used_at=switch.last_used_at,
        )


class Migration(migrations.Migration):
    dependencies = [("numbers", "0025_routing_imports")]

    operations = [
        migrations.CreateModel(
            name="SwitchSecret",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("digest", models.CharField(max_length=64, unique=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("last_used_at", models.DateTimeField(null=True)),
                ("accepted_until", models.DateTimeField(null=True)),
                (
                    "credential",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="secrets",
                        to="numbers.switchcredential",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("credential"),
                        condition=models.Q(("accepted_until__isnull", True)),
                        name="one_current_secret_per_switch",
                    )
                ],
            },
        ),
        migrations.RunPython(copy, migrations.RunPython.noop),
        # The columns stay until the release that reads them is gone.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RemoveField(model_name="switchcredential", name="last_used_at"),
                migrations.RemoveField(model_name="switchcredential", name="secret_digest"),
            ],
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE numbers_switchcredential ALTER COLUMN secret_digest DROP NOT NULL",
                    migrations.RunSQL.noop,
                ),
            ],
        ),
        migrations.AlterField(
            model_name="switchcredential",
            name="switch_id",
            field=models.SlugField(
                error_messages={
                    "invalid": "Use letters without accents, digits, - and _ only.",
                    "unique": "There is a switch of this name already, perhaps a revoked one. If you have just added "
                    "it and did not see its secret, rotate the secret on its page.",
                },
                max_length=40,
                unique=True,
            ),
        ),
    ]
