from django.db import migrations, models
from django.db.models import F, Q

OPEN = ["ordered", "documents_requested", "in_review"]
CLOSED = ["approved", "rejected", "cancelled", "expired"]


class Migration(migrations.Migration):
    dependencies = [("numbers", "0002_search")]

    operations = [
        migrations.AlterField("lease", "bought_by", models.CharField(blank=True, max_length=254)),
        migrations.RemoveConstraint("order", "one_open_order_per_number"),
        migrations.AddConstraint(
            "order",
            models.UniqueConstraint(F("number"), name="one_open_order_per_number", condition=Q(status__in=OPEN)),
        ),
        migrations.AddConstraint(
            "order",
            models.CheckConstraint(
                condition=Q(status__in=[*OPEN, *CLOSED]),
                name="order_status",
            ),
        ),
        migrations.AddConstraint(
            "order",
            models.CheckConstraint(
                condition=Q(status__in=OPEN, closed_at__isnull=True) | Q(status__in=CLOSED, closed_at__isnull=False),
                name="order_end",
            ),
        ),
    ]
