from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("numbers", "0006_documents_and_renewals"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="order",
            index=models.Index(
                models.OrderBy(models.F("decided_at"), descending=True),
                condition=models.Q(("decided_at__isnull", False)),
                name="order_decided",
            ),
        ),
    ]
