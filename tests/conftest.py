import os
import time

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase

from portal.core import roles
from portal.settings import role_of
from sandbox.browser import CHROMIUM
from tests.support import table_owner
from tests.support.cast import (  # noqa: F401
    by,
    customer,
    desk,
    other_project,
    owner,
    project,
    provisioner,
    reader,
    starting_credit,
    stranger,
    superuser,
)
from tests.support.money import gateway, ledger_integrity, sandbox_gateway, spoiled  # noqa: F401
from tests.support.table_owner import as_owner  # noqa: F401

# Seconds. Whatever waits for a lock is red after two minutes (pyproject.toml); these have more to do than others.
LIMITS = {"browser": 240, "slow": 240}
SLOW_FOLDERS = {"documents", "front", "gateway", "switch"}  # a process for each file; a whole portal


def pytest_collection_modifyitems(config, items):
    """Without Chromium the browser tests are skipped, and the summary says so; in CI they fail instead."""
    for item in items:
        if SLOW_FOLDERS & set(item.path.parts):
            item.add_marker("slow")
        for kind, seconds in LIMITS.items():
            if item.get_closest_marker(kind) and not item.get_closest_marker("timeout"):
                item.add_marker(pytest.mark.timeout(seconds))
        if CHROMIUM is None and "CI" not in os.environ and item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.skip(reason="needs Chromium (apt-get install chromium)"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix):
    """The owner makes the test's database and removes it; in between everybody is the application."""
    settings.DATABASE_OWNER = role_of(os.environ["TEST_DATABASE_OWNER_URL"])
    with roles.connected_as(connection, settings.DATABASE_OWNER):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup):
    with roles.connected_as(connection, role_of(os.environ["TEST_DATABASE_URL"])):
        table_owner.remember()
        yield
    table_owner.disconnect()


# Between transactional tests rows are deleted, which the application may not, and the ledger refuses anyway.
TransactionTestCase._fixture_teardown = lambda _: table_owner.restore()  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _fast_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def one_minute():
    """The clock stands in the middle of a minute and goes on from there: what is counted by the minute (our limits) is
    counted in the same one."""
    with time_machine.travel(time.time() // 60 * 60 + 20):
        yield


@pytest.fixture
def quiet_broker(monkeypatch):
    """Jobs stay where they are until a test runs them: nobody is woken."""
    from portal.jobs import outbox

    monkeypatch.setattr(outbox, "wake", lambda lane: None)


@pytest.fixture(autouse=True)
def _clean_cache():
    """Rate limits, replay marks, wake-ups and what a process remembers of the tables must not meet the next test's."""
    from django.core.cache import cache

    from numbers.inventory import stats
    from numbers.inventory.live.taken_numbers import TAKEN_NUMBERS_FEED
    from portal.core.cache import forget_outages
    from portal.jobs import outbox

    forget_outages()
    cache.clear()
    outbox.forget()
    stats.forget()
    TAKEN_NUMBERS_FEED.forget()
