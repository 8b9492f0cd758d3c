"""Where calls may not be sent, as data that staff keep; the ranges it begins with are satellite and personal numbers."""

import django.utils.timezone
from django.db import migrations, models

SATELLITE, PERSONAL = "satellite phones", "personal numbers"
RANGES = {
    SATELLITE: "+870 +881 +1600 +61147 +62868 +7954 +861349 +861740",
    "international networks": "+882 +883",
    "international premium-rate numbers": "+979",
    "international shared-cost numbers": "+808",
    "disaster-relief numbers": "+888",
    # Not in it: Japan, whose personal numbers begin as mobile ones do. A personal number follows its holder anywhere, and the caller pays for wherever that is.
    PERSONAL: (
        "+878 +1500 +1521 +1522 +1523 +1524 +1525 +1526 +1527 +1528 +1529 +1532 +1533 +1544 +1566 +1577 +1588 +1622 +1633 "
        "+1700 +3070 +3470 +351884 +353700 +355700 +35770 +370700 +370705 +37270 +38574 +38575 +39178 +39199 +41878 +420700 +420701 +4470 "
        "+4675 +47880 +49700 +51802 +51804 +52500 +6470 +67070 +7808 +8250 +85281 +85282 +85283 +88699 +90592 +92122 +96270"),
}  # fmt: skip


def seed(apps, schema_editor):
    model = apps.get_model("numbers", "BarredRange")
    model.objects.bulk_create(
        [model(prefix=prefix, reason=reason) for reason, prefixes in RANGES.items() for prefix in prefixes.split()],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("numbers", "0010_stats_by_documents"),
    ]

    operations = [
        migrations.CreateModel(
            name="BarredRange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "prefix",
                    models.CharField(
                        db_collation="C",
                        help_text="With + and country code, at least two digits.",
                        max_length=16,
                        unique=True,
                        verbose_name="numbers that begin with",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        help_text="Ends the sentence “Calls cannot be sent to …”, which customers read; for example: satellite phones.",
                        max_length=80,
                        verbose_name="what they are",
                    ),
                ),
                ("added_by", models.CharField(blank=True, editable=False, max_length=254)),
                ("added_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
            ],
            options={
                "ordering": ["prefix"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("prefix__regex", "^\\+[1-9][0-9]{1,14}$")), name="barred_range_prefix"
                    )
                ],
            },
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
