"""The engines of a measurement: of its own, with fsync, and gone afterwards."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.servers import Postgres, Valkey


@contextmanager
def engines(folder: Path) -> Iterator[tuple[Postgres, str]]:
    """The database and the address of the broker, both under ``folder``, which is emptied before and after."""
    shutil.rmtree(folder, ignore_errors=True)
    postgres, valkey = Postgres(folder / "pg"), Valkey(folder / "valkey")
    try:
        postgres.start()
        valkey.start()
        yield postgres, valkey.url
    finally:
        postgres.stop()
        valkey.stop()
        shutil.rmtree(folder, ignore_errors=True)


def configure(database: Postgres, broker: str, **settings: str) -> None:
    """This process becomes a portal on them, with ``settings`` of its own; `migrate` is done."""
    os.environ.update(
        {
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "PORTAL_ENV_FILE": os.devnull,
            "DEBUG": "0",
            "SECRET_KEY": "bench-only-secret-key-0123456789abcdefghijklmnopqrstuvwxyz",
            "ENCRYPTION_KEYS": "YmVuY2gta2V5LWJlbmNoLWtleS1iZW5jaC1rZXktMDA=",
            "ALLOWED_HOSTS": "localhost",
            "STRIPE_SECRET_KEY": "sk_sandbox_bench",
            "DATABASE_URL": database.url,
            "REDIS_URL": broker,
            "LOG_LEVEL": "WARNING",
            "STATIC_MANIFEST": "0",
        }
        | settings
    )
    import portal  # noqa: F401, I001  first: it gives `numbers` its path
    import django

    django.setup()
    from django.conf import settings as django_settings
    from django.core.management import call_command

    from portal.settings import role_of

    # Not in the environment: what a measurement starts is the application, as this process is afterwards.
    django_settings.DATABASE_OWNER = role_of(database.owner_url)
    call_command("migrate", verbosity=0)


@contextmanager
def as_owner() -> Iterator[None]:
    """For the block this process owns the tables; afterwards the application has its rights on what was made."""
    from django.conf import settings
    from django.db import connection

    from portal.core import roles

    with roles.connected_as(connection, settings.DATABASE_OWNER):
        yield
        roles.grant(connection, settings.DATABASE_ROLE)


def analyze() -> None:
    """What the server does by itself, some time after so many new rows."""
    from django.db import connection

    with as_owner(), connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
