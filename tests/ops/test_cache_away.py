"""The portal while its cache does not answer."""

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.urls import reverse
from redis.exceptions import RedisError

from portal import cache as portal_cache
from tests.factories import make_project, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def lose_cache(settings):
    def lose():
        settings.CACHES = {"default": settings.CACHES["default"] | {"LOCATION": "redis://127.0.0.1:1/0"}}
        with pytest.raises(RedisError):
            cache.get("anything")

    return lose


def test_who_is_signed_in_goes_on_working(client, lose_cache):
    project = make_project()
    sign_in(client, project.created_by)
    lose_cache()
    answer = client.get(reverse("dashboard", args=[project.pid]))
    assert (answer.status_code, answer.context["user"]) == (200, project.created_by)


def test_a_stranger_stays_one(client, lose_cache):
    project = make_project()
    client.cookies["sessionid"] = "x" * 32
    lose_cache()
    assert client.get(reverse("dashboard", args=[project.pid])).status_code == 302


def test_a_session_that_was_ended_does_not_come_back_with_the_cache(client, lose_cache):
    """Signing out fails visibly: the cache still holds the session and nobody can take it out."""
    project = make_project()
    sign_in(client, project.created_by)
    lose_cache()
    with pytest.raises(RedisError):
        client.post(reverse("account_logout"))
    assert not Session.objects.exists()


def test_a_server_that_gave_no_answer_is_not_asked_again_at_once(lose_cache, monkeypatch):
    lose_cache()
    asked = []
    client = cache._cache.get_client()
    monkeypatch.setattr(client.connection_pool, "get_connection", lambda *_, **__: asked.append(1))
    for act in (cache.get, cache.delete, cache.incr):
        with pytest.raises(RedisError):
            act("anything")
    assert asked == []


def test_and_is_asked_again_after_a_pause(settings, monkeypatch, lose_cache):
    address = settings.CACHES["default"]["LOCATION"]
    monkeypatch.setattr(portal_cache, "PAUSE", 0.0)
    lose_cache()
    client = cache._cache.get_client()
    client.connection_pool = type(client).from_url(address).connection_pool
    cache.set("anything", 7)
    assert cache.get("anything") == 7
