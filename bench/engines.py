"""The engines of a measurement: of its own, with fsync, and gone afterwards."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sandbox.servers import Postgres, Valkey


@contextmanager
def engines(folder: Path) -> Iterator[tuple[str, str]]:
    """Addresses of database and broker, both under ``folder``, which is emptied before and after."""
    shutil.rmtree(folder, ignore_errors=True)
    postgres, valkey = Postgres(folder / "pg"), Valkey(folder / "valkey")
    try:
        postgres.start()
        valkey.start()
        yield postgres.url, valkey.url
    finally:
        postgres.stop()
        valkey.stop()
        shutil.rmtree(folder, ignore_errors=True)


def configure(database: str, broker: str, **settings: str) -> None:
    """This process becomes a portal on them, with ``settings`` of its own."""
    os.environ.update({
        "DJANGO_SETTINGS_MODULE": "portal.settings", "PORTAL_ENV_FILE": os.devnull, "DEBUG": "0",
        "SECRET_KEY": "bench-only-secret-key-0123456789abcdefghijklmnopqrstuvwxyz",
        "ENCRYPTION_KEYS": "YmVuY2gta2V5LWJlbmNoLWtleS1iZW5jaC1rZXktMDA=", "ALLOWED_HOSTS": "localhost",
        "STRIPE_SECRET_KEY": "sk_sandbox_bench", "DATABASE_URL": database, "REDIS_URL": broker,
        "LOG_LEVEL": "WARNING", "STATIC_MANIFEST": "0",
    } | settings)
    import portal  # noqa: F401, I001  first: it gives `numbers` its path
    import django

    django.setup()
