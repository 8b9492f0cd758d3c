"""Accounts that nobody activated: whose address they carry has not agreed to them. Who wants one signs up again."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def end(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    users = apps.get_model("accounts", "User").objects.using(schema_editor.connection.alias)
    addresses = apps.get_model("account", "EmailAddress").objects.using(schema_editor.connection.alias)
    confirmed = addresses.filter(verified=True).values("user_id")
    # From the form (terms), never signed in; so nothing of theirs can stand anywhere else.
    waiting = (
        users.filter(last_login=None, is_staff=False, is_superuser=False)
        .exclude(terms_version="")
        .exclude(pk__in=confirmed)
    )
    ids = list(waiting.values_list("pk", flat=True))
    addresses.filter(user_id__in=ids).delete()
    users.filter(pk__in=ids).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_sign_ups_and_events"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(end, migrations.RunPython.noop)]
