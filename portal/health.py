"""``/healthz``: the process answers. ``/readyz``: it can do its work (database, broker, migrations).

Answered before sessions, hosts and logins: a load balancer asks by address, often, and must learn nothing
else.
"""

import logging
import time
from collections.abc import Callable

import redis
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)
CACHE_SECONDS = 1.0


class HealthMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.answer: dict[str, str] = {}
        self.checked_at = float("-inf")

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path == "/healthz":
            return JsonResponse({"status": "ok"})
        if request.path == "/readyz":
            return self.ready()
        return self.get_response(request)

    def ready(self) -> HttpResponse:
        """Asked at most once a second, however many probes come."""
        if time.monotonic() - self.checked_at >= CACHE_SECONDS:
            self.answer = {name: _outcome(name, check) for name, check in CHECKS.items()}
            self.checked_at = time.monotonic()
        ok = all(outcome == "ok" for outcome in self.answer.values())
        body = {"status": "ok" if ok else "unavailable", "checks": self.answer}
        return JsonResponse(body, status=200 if ok else 503)


def _outcome(name: str, check: Callable[[], None]) -> str:
    try:
        check()
    except Exception as error:  # the answer says which part failed; why is for the log only
        log.warning("health.not_ready", extra={"check": name, "error": type(error).__name__})
        return "failed"
    return "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _broker() -> None:
    once = Retry(NoBackoff(), 0)
    with redis.Redis.from_url(
        settings.CELERY_BROKER_URL, socket_timeout=1, socket_connect_timeout=1, retry=once
    ) as client:
        client.ping()


_migrated = False


def _migrations() -> None:
    """Once applied they stay applied for this release's processes, so the question is asked until the first
    yes."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            raise RuntimeError("There are unapplied migrations.")
        _migrated = True


CHECKS: dict[str, Callable[[], None]] = {"database": _database, "broker": _broker, "migrations": _migrations}
