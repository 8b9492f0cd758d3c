"""Loaded by pytest before the settings (``-p tests.engines``).

The whole suite runs on real engines: the controller starts PostgreSQL and Valkey, the workers share them."""

import os
import shutil
import tempfile
from pathlib import Path

import pytest

TEST_ENV = {
    "DEBUG": "0",
    "PORTAL_ENV_FILE": os.devnull,
    "SECRET_KEY": "test-only-secret-key-0123456789abcdefghijklmnopqrstuvwxyz",
    "ENCRYPTION_KEYS": "scptvI1WqSnL2pk9FFwyA3TLYe7DutIlmD8wLXbMKOE=",
    "ALLOWED_HOSTS": "testserver,127.0.0.1,localhost",
    "SITE_URL": "http://testserver",
    "STATIC_MANIFEST": "0",
    "ALTCHA_MAX_NUMBER": "1000",
    "STRIPE_SECRET_KEY": "",  # the `gateway` fixture sets one
    "STRIPE_WEBHOOK_SECRETS": "whsec_test_current,whsec_test_previous",
    "EMAIL_DELIVERY_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
    "LOG_LEVEL": "WARNING",
    "WEBHOOK_PRIVATE_TARGETS": "0",
    "SESSION_HOURS": "87600",  # tests travel in time and stay signed in
}
_servers: list = []


def start_engines() -> None:
    os.environ.update({key: os.environ.get(f"TEST_{key}", value) for key, value in TEST_ENV.items()})
    if "TEST_DATABASE_URL" in os.environ:  # a worker of pytest-xdist, or a developer's own servers
        os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"]
        os.environ["REDIS_URL"] = os.environ["TEST_REDIS_URL"]
        os.environ["DOCUMENT_ROOT"] = os.environ["TEST_DOCUMENT_ROOT"]
    else:
        from sandbox.servers import Postgres, Valkey

        folder = Path(tempfile.mkdtemp(prefix="portal-test-"))
        # Without autovacuum: what the planner knows of a small table must not depend on when it came by.
        postgres = Postgres(folder / "pg", fsync=False, settings={"autovacuum": "off"}).start()
        valkey = Valkey(folder / "valkey").start()
        _servers.extend([postgres, valkey, folder])
        os.environ["DOCUMENT_ROOT"] = os.environ["TEST_DOCUMENT_ROOT"] = str(folder / "documents")
        # The owner of the tests' databases makes them, and empties them with the triggers off.
        postgres.administer(
            "ALTER ROLE portal_owner CREATEDB",
            "GRANT SET ON PARAMETER session_replication_role TO portal_owner",
            "GRANT CONNECT ON DATABASE postgres TO portal_owner",
        )
        os.environ["DATABASE_URL"] = os.environ["TEST_DATABASE_URL"] = postgres.url
        os.environ["TEST_DATABASE_OWNER_URL"] = postgres.owner_url  # not DATABASE_OWNER_URL: no child may inherit it
        os.environ["REDIS_URL"] = os.environ["TEST_REDIS_URL"] = valkey.url
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    os.environ["CACHE_PREFIX"] = os.environ["CELERY_QUEUE"] = f"test-{worker}"
    # Emptying the cache empties the whole logical database (of 16), so each worker has its own.
    number = int(worker.removeprefix("gw")) % 15 + 1 if worker.startswith("gw") else 0
    os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].rpartition('/')[0]}/{number}"


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
start_engines()
import portal  # noqa: E402, F401  gives `numbers` its path before pytest imports anything of it


def pytest_unconfigure(config: pytest.Config) -> None:
    if _servers:
        postgres, valkey, folder = _servers
        postgres.stop()
        valkey.stop()
        shutil.rmtree(folder, ignore_errors=True)
