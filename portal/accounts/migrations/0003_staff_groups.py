from django.db import migrations

GROUPS = ("Provisioning", "Billing")


def make_groups(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    for name in GROUPS:
        group.objects.using(schema_editor.connection.alias).get_or_create(name=name)


class Migration(migrations.Migration):
    """The groups; what they may see is granted by portal.accounts.staff when all permissions exist."""

    dependencies = [("accounts", "0002_second_factor"), ("auth", "0012_alter_user_first_name_max_length")]
    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
