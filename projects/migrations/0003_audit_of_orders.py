import django.db.models.fields.json
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("projects", "0002_drop_redundant_indexes"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(
                django.db.models.fields.json.KeyTextTransform("order", "data"),
                models.OrderBy(models.F("id"), descending=True),
                condition=models.Q(("data__order__isnull", False)),
                name="audit_order",
            ),
        ),
    ]
