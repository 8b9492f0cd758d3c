"""``/healthz``: the process answers. ``/readyz``: the portal can do its work, with its database, Valkey and workers.

Answered before sessions, hosts and logins: a load balancer asks by address, often, and must learn nothing
else.
"""

import logging
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import cast

import redis
from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from redis.backoff import NoBackoff
from redis.retry import Retry

from portal.core.postgres.base import DatabaseWrapper
from portal.jobs import canary

log = logging.getLogger(__name__)
CACHE_SECONDS = 1.0
REST = 4  # times what the checks took, in which nothing is asked again
SECONDS = 1  # that a part may take to answer
CANARY_AGE = timedelta(minutes=2)  # beat sends one every thirty seconds


class HealthMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.answer: dict[str, str] = {}
        self.next_check = float("-inf")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return JsonResponse({"status": "ok"})
        if request.path == "/readyz":
            return self.ready()
        return self.get_response(request)

    def ready(self) -> HttpResponse:
        """Asked at most once a second, however many probes come, and for a fifth of the time at most."""
        began = time.monotonic()
        if began >= self.next_check:
            self.answer = outcomes()
            ended = time.monotonic()
            self.next_check = ended + max(CACHE_SECONDS, REST * (ended - began))
        ok = all(outcome == "ok" for outcome in self.answer.values())
        body = {"status": "ok" if ok else "unavailable", "checks": self.answer}
        return JsonResponse(body, status=200 if ok else 503)


def outcomes() -> dict[str, str]:
    """``ok`` or ``failed`` by part; ``unknown`` where the database would have to be asked, and does not answer."""
    found: dict[str, str] = {}
    for name, check in CHECKS.items():
        known = found.get("database", "ok") == "ok" or name not in IN_DATABASE
        found[name] = _outcome(name, check) if known else "unknown"
    return found


def _outcome(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as error:  # the answer says which part failed; why is for the log only
        log.warning("health.not_ready", extra={"check": name, "error": type(error).__name__})
        return "failed"
    return "ok"


@contextmanager
def _impatient() -> Iterator[CursorWrapper]:
    """In a transaction that leaves nothing behind; neither a lock nor a server that hangs is waited for long."""
    ours = cast(DatabaseWrapper, connection)
    with ours.patience(2 * SECONDS), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = '{SECONDS}s'")
        yield cursor
        transaction.set_rollback(True)


def _database() -> None:
    with _impatient() as cursor:
        cursor.execute("SELECT 1")


# A megabyte that the server puts on its disk and forgets. Rows alone would not tell that the disk is full: they go on
# for as long as a table has room in the files that it has.
_SPILL = """
    WITH wide AS MATERIALIZED (SELECT repeat('x', 8000) AS words FROM generate_series(1, 128))
    SELECT count(words) FROM wide"""


def _writes() -> None:
    """A session that nobody gets, since everything that people do begins with one, and a place on the disk."""
    with _impatient() as cursor:
        cursor.execute("SET LOCAL work_mem = '64kB'")
        cursor.execute(_SPILL)
        cursor.execute(
            "INSERT INTO django_session (session_key, session_data, expire_date) VALUES (%s, '', now())",
            [f"readyz-{uuid.uuid4().hex}"],
        )


def _valkey(url: str) -> None:
    """It must take something: one that is full still answers."""
    with redis.Redis.from_url(
        url, socket_timeout=SECONDS, socket_connect_timeout=SECONDS, retry=Retry(NoBackoff(), 0)
    ) as client:
        client.set(f"{settings.CACHES['default']['KEY_PREFIX']}:readyz", 1, ex=60)


def _broker() -> None:
    _valkey(settings.CELERY_BROKER_URL)


def _cache() -> None:
    if settings.REDIS_URL != settings.CELERY_BROKER_URL:  # or else the broker is it
        _valkey(settings.REDIS_URL)


migrated = False


def _migrations() -> None:
    """Once applied they stay applied for this release's processes, so the question is asked until the first
    yes."""
    global migrated
    if not migrated:
        with _impatient():
            executor = MigrationExecutor(connection)
            if executor.migration_plan(executor.loader.graph.leaf_nodes()):
                raise RuntimeError("There are unapplied migrations.")
        migrated = True


def _worker() -> None:
    with _impatient():
        finished = canary.finished_at()
    if finished is None or timezone.now() - finished > CANARY_AGE:
        raise RuntimeError("No worker has finished a canary job lately.")


CHECKS: dict[str, Callable[[], None]] = {
    "database": _database,
    "writes": _writes,
    "migrations": _migrations,
    "worker": _worker,
    "broker": _broker,
    "cache": _cache,
}
IN_DATABASE = {"writes", "migrations", "worker"}
