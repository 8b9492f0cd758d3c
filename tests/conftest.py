import os

import pytest
from django.db import connection
from django.test import TransactionTestCase

from sandbox.browser import CHROMIUM
from tests.money import _sandbox, gateway, ledger_oracle  # noqa: F401


def pytest_collection_modifyitems(config, items):
    """Without Chromium the browser tests are skipped, and the summary says so; in CI they fail instead."""
    if CHROMIUM is None and "CI" not in os.environ:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="needs Chromium (apt-get install chromium)"))


_teardown = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]


def _flush_without_triggers(self):
    """The ledger refuses TRUNCATE; between transactional tests the tables are emptied with triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
    try:
        _teardown(self)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = origin")


TransactionTestCase._fixture_teardown = _flush_without_triggers  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _fast_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _clean_cache():
    """Rate limits, replay marks and wake-ups of one test must not meet the next one's."""
    from django.core.cache import cache

    from portal.jobs import outbox

    cache.clear()
    outbox._seen.clear()
