import json
import os
import signal
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
import redis
from django.contrib.sessions.models import Session
from django.db import connection, connections
from django.http import HttpResponse
from django.utils import timezone

from portal.edge import health
from portal.jobs import canary
from portal.jobs.outbox import run_due_jobs
from sandbox.servers import Valkey
from tests.ops import outages
from tests.support import table_owner
from tests.support.crowd import Beside

PARTS = ("database", "writes", "migrations", "worker", "broker", "cache")


@pytest.fixture
def probe(client, monkeypatch):
    """/readyz, asked afresh each time."""
    monkeypatch.setattr(health, "CACHE_SECONDS", 0)
    monkeypatch.setattr(health, "REST", 0)
    monkeypatch.setattr(health, "migrated", False)
    return lambda: client.get("/readyz")


def test_live_without_database_host_or_session(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        answer = client.get("/healthz", headers={"host": "10.0.0.7:8000"})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"


@pytest.fixture
def works(db):
    """A worker has just finished a canary job."""
    canary.send(now=timezone.now())
    run_due_jobs()


def test_ready_when_all_parts_are(probe, works, caplog):
    caplog.set_level("INFO", "portal.access")
    answer = probe()
    assert answer.status_code == 200
    assert answer.json()["checks"] == dict.fromkeys(PARTS, "ok")
    assert not Session.objects.filter(session_key__startswith="readyz").exists(), "what was written is gone"
    assert not caplog.records, "nobody reads of a probe that found all well"


def test_a_look_that_took_long_is_followed_by_a_rest(monkeypatch):
    now, looks = [0.0], []

    def slow():
        looks.append(now[0])
        now[0] += 2

    monkeypatch.setattr(health, "CHECKS", {"cache": slow})
    monkeypatch.setattr(health, "time", SimpleNamespace(monotonic=lambda: now[0]))
    middleware = health.HealthMiddleware(HttpResponse)
    for later in (0, 0, 7.9, 0.2):
        now[0] += later
        middleware.ready()
    assert len(looks) == 2


def test_not_ready_without_the_broker_and_says_no_more_than_that(probe, works, settings, caplog):
    caplog.set_level("INFO", "portal.access")
    settings.CELERY_BROKER_URL = "redis://:s3cret@127.0.0.1:1/0"
    answer = probe()
    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "checks": dict.fromkeys(PARTS, "ok") | {"broker": "failed"}}
    assert [record.status for record in caplog.records if record.name == "portal.access"] == [503]


def test_not_ready_without_a_cache_of_its_own(probe, works, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert probe().json()["checks"] == dict.fromkeys(PARTS, "ok") | {"cache": "failed"}


def test_not_ready_while_valkey_is_full_or_frozen_and_says_so_in_time(probe, works, settings, tmp_path):
    valkey = Valkey(tmp_path / "valkey").start()
    settings.CELERY_BROKER_URL = settings.REDIS_URL = valkey.url
    assert probe().status_code == 200
    with redis.Redis.from_url(valkey.url) as client:
        client.config_set("maxmemory-policy", "noeviction")
        client.config_set("maxmemory", 1)
    assert probe().json()["checks"]["broker"] == "failed"
    os.kill(valkey.process.pid, signal.SIGSTOP)
    began = time.monotonic()
    assert probe().json()["checks"] == dict.fromkeys(PARTS, "ok") | {"broker": "failed"}
    assert time.monotonic() - began < 3 * health.SECONDS
    os.kill(valkey.process.pid, signal.SIGCONT)
    valkey.stop()


@pytest.mark.django_db(transaction=True)
def test_not_ready_while_the_database_takes_no_writes(probe, works):
    with outages.read_only():
        answer = probe()
    assert (answer.status_code, answer.json()["checks"]) == (503, dict.fromkeys(PARTS, "ok") | {"writes": "failed"})
    assert not Session.objects.exists()


def test_not_ready_while_the_disk_is_full_though_a_row_would_still_find_room(probe, works):
    with outages.no_room_to_sort():
        assert probe().json()["checks"] == dict.fromkeys(PARTS, "ok") | {"writes": "failed"}
    assert probe().status_code == 200


@pytest.mark.django_db(transaction=True)
def test_not_ready_while_the_database_hangs_and_says_so_in_time(probe, works):
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = cursor.fetchone()[0]
    with outages.frozen(backend):
        began = time.monotonic()
        answer = probe()
        assert time.monotonic() - began < 5 * health.SECONDS
    assert answer.json()["checks"] == {
        "database": "failed",
        "writes": "unknown",
        "migrations": "unknown",
        "worker": "unknown",
        "broker": "ok",
        "cache": "ok",
    }


def test_not_ready_when_no_worker_has_done_anything_for_two_minutes(probe, works, time_machine):
    assert probe().status_code == 200
    time_machine.move_to(timezone.now() + timedelta(seconds=115))
    assert probe().status_code == 200
    time_machine.move_to(timezone.now() + timedelta(seconds=10))
    assert probe().json()["checks"] == dict.fromkeys(PARTS, "ok") | {"worker": "failed"}


def test_not_ready_before_a_worker_has_done_anything(probe, db):
    assert probe().json()["checks"]["worker"] == "failed"


def test_not_ready_without_the_database():
    def in_a_thread():  # with a database connection of its own
        connections["default"].settings_dict = connection.settings_dict | {"HOST": "/nowhere"}
        return health.HealthMiddleware(lambda request: HttpResponse()).ready()

    answer = Beside(in_a_thread, connected=False).result()
    assert answer.status_code == 503
    assert json.loads(answer.content)["checks"]["database"] == "failed"
    assert b"nowhere" not in answer.content


def test_not_ready_while_a_migration_is_missing(probe, works):
    newest = (
        "UPDATE django_migrations SET app = %s WHERE name = (SELECT max(name) FROM django_migrations WHERE app = %s)"
    )
    table_owner.execute(newest, ["later", "billing"])
    try:
        assert probe().json()["checks"]["migrations"] == "failed"
    finally:
        table_owner.execute(newest, ["billing", "later"])
    assert probe().status_code == 200


def test_many_probes_are_one_question(client, db, monkeypatch):
    asked = []
    monkeypatch.setattr(health, "CHECKS", {"database": lambda: asked.append(1)})
    middleware = health.HealthMiddleware(lambda request: None)
    for _ in range(5):
        middleware.ready()
    assert len(asked) == 1
