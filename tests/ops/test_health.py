import json
import threading

import pytest
from django.db import connection, connections
from django.http import HttpResponse

from portal import health
from tests import table_owner


@pytest.fixture
def probe(client, monkeypatch):
    """/readyz, asked afresh each time."""
    monkeypatch.setattr(health, "CACHE_SECONDS", 0)
    monkeypatch.setattr(health, "_migrated", False)
    return lambda: client.get("/readyz")


def test_live_without_database_host_or_session(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        answer = client.get("/healthz", headers={"host": "10.0.0.7:8000"})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"


def test_ready_when_all_parts_are(probe, db):
    answer = probe()
    assert answer.status_code == 200
    assert answer.json()["checks"] == {"database": "ok", "broker": "ok", "migrations": "ok"}


def test_not_ready_without_the_broker_and_says_no_more_than_that(probe, db, settings):
    settings.CELERY_BROKER_URL = "redis://:s3cret@127.0.0.1:1/0"
    answer = probe()
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "unavailable", "checks": {"database": "ok", "broker": "failed", "migrations": "ok"}}


def test_not_ready_without_the_database():
    answers = []

    def in_a_thread():
        connections["default"].settings_dict = connection.settings_dict | {"HOST": "/nowhere"}
        answers.append(health.HealthMiddleware(lambda request: HttpResponse()).ready())

    thread = threading.Thread(target=in_a_thread)  # with a database connection of its own
    thread.start()
    thread.join()
    assert answers[0].status_code == 503
    assert json.loads(answers[0].content)["checks"]["database"] == "failed"
    assert b"nowhere" not in answers[0].content


def test_not_ready_while_a_migration_is_missing(probe, db):
    newest = ("UPDATE django_migrations SET app = %s "
              "WHERE name = (SELECT max(name) FROM django_migrations WHERE app = %s)")
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
