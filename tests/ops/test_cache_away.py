"""The portal while Valkey is dead, full, or takes connections and never answers."""

import os
import signal
import time

import pytest
import redis
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache, caches
from django.test import Client
from django.urls import reverse
from redis.exceptions import RedisError

from portal.accounts import second_factor
from portal.accounts.models import User
from portal.core import cache as portal_cache
from portal.core import rate_limit
from portal.jobs.outbox import run_due_jobs
from sandbox.servers import Valkey
from tests.accounts.steps import link, login, sign_up_data, signed_in, solve, submit
from tests.ops import outages
from tests.support.people import PASSWORD, make_user, sign_in, totp
from tests.support.projects import make_project

pytestmark = pytest.mark.django_db
HOW = ["dead", "full", "frozen"]


@pytest.fixture
def valkey(tmp_path, settings):
    server = Valkey(tmp_path / "valkey").start()
    outages.lose_cache(settings, server.url)
    yield server
    if server.process.poll() is None:
        server.process.send_signal(signal.SIGCONT)
    server.stop()
    portal_cache.forget_outages()


def fail(valkey, how):
    if how == "dead":
        valkey.stop()
    elif how == "frozen":
        os.kill(valkey.process.pid, signal.SIGSTOP)
    else:
        with redis.Redis.from_url(valkey.url) as client:
            client.config_set("maxmemory-policy", "noeviction")
            client.config_set("maxmemory", 1)
    with pytest.raises(RedisError):
        caches["shared"].set("anything", 1)


@pytest.fixture(params=HOW)
def lost(request, valkey):
    return lambda: fail(valkey, request.param)


@pytest.fixture
def ada():
    user = make_user(email="ada@customer.example")
    return user, second_factor.enrol_directly(user=user)[0]


def test_who_is_signed_in_goes_on_working(client, lost):
    project = make_project()
    sign_in(client, project.created_by)
    lost()
    answer = client.get(reverse("dashboard", args=[project.pid]))
    assert (answer.status_code, answer.context["user"]) == (200, project.created_by)


def test_a_stranger_stays_one(client, lost):
    project = make_project()
    client.cookies["sessionid"] = "x" * 32
    lost()
    assert client.get(reverse("dashboard", args=[project.pid])).status_code == 302


def test_signing_in_and_out(client, ada, lost):
    _, device = ada
    lost()
    assert login(client).status_code == 302
    submit(client, totp(device))
    assert signed_in(client)
    key = client.session.session_key
    assert client.post(reverse("account_logout")).status_code == 302
    assert not Session.objects.filter(session_key=key).exists()
    client.cookies["sessionid"] = key
    assert not signed_in(client)


def test_a_session_that_was_ended_does_not_come_back_with_the_cache(client, valkey):
    project = make_project()
    sign_in(client, project.created_by)
    page, key = reverse("dashboard", args=[project.pid]), client.session.session_key
    assert client.get(page).status_code == 200
    fail(valkey, "frozen")
    client.post(reverse("account_logout"))
    os.kill(valkey.process.pid, signal.SIGCONT)
    portal_cache.forget_outages()
    client.cookies["sessionid"] = key
    assert client.get(page).status_code == 302


def test_a_new_password(client, ada, lost, django_capture_on_commit_callbacks):
    user, _ = ada
    lost()
    assert client.post(reverse("account_reset_password"), {"email": user.email}).status_code == 302
    while run_due_jobs():
        pass
    address = client.get(link("password/reset/key/", mail.outbox[-1])).url
    new = {"password1": "another " + PASSWORD}
    assert client.post(address, new).status_code == 302
    user.refresh_from_db()
    assert user.check_password(new["password1"])


def test_guessing_passwords_stays_limited(client, ada, lost):
    lost()
    for _ in range(5):
        assert "is wrong" in login(client, password="guessed").content.decode()
    answer = login(client, password=PASSWORD)
    assert answer.status_code in (422, 429)
    assert "oo many" in answer.content.decode()


@pytest.mark.usefixtures("one_minute")
def test_so_do_the_calls_of_programs(lost):
    lost()
    rate_limit.hit("anything", "somebody", per_minute=1)
    with pytest.raises(rate_limit.TooManyRequestsError):
        rate_limit.hit("anything", "somebody", per_minute=1)
    with pytest.raises(rate_limit.TooManyRequestsError):
        rate_limit.check("anything", "somebody", per_minute=1)
    rate_limit.hit("anything", "somebody-else", per_minute=1)


@pytest.mark.usefixtures("one_minute")
def test_limits_that_were_spent_before_the_cache_was_full_stay_spent(valkey):
    rate_limit.hit("anything", "somebody", per_minute=1)
    fail(valkey, "full")
    with pytest.raises(rate_limit.TooManyRequestsError):
        rate_limit.check("anything", "somebody", per_minute=1)


def test_a_captcha_that_nobody_can_mark_as_used_lets_nobody_in(client, lost):
    solved = solve(client)
    lost()
    answer = client.post(reverse("account_signup"), sign_up_data(captcha=solved))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Please try again in a moment" in answer.content.decode()
    assert not User.objects.exists()


def test_a_frozen_server_costs_its_time_out_once(client, valkey, caplog):
    project = make_project()
    sign_in(client, project.created_by)
    fail(valkey, "frozen")  # which has waited once
    caplog.clear()
    began = time.monotonic()
    for _ in range(3):
        client.get(reverse("dashboard", args=[project.pid]))
        Client().post(reverse("account_login"), {"login": "a@b.example", "password": "x"})
    rate_limit.hit("anything", "somebody", per_minute=1)
    assert not [record for record in caplog.records if record.message == "cache.away"]
    assert time.monotonic() - began < portal_cache.PAUSE


def test_and_is_asked_again_after_a_pause(valkey, monkeypatch):
    fail(valkey, "frozen")
    os.kill(valkey.process.pid, signal.SIGCONT)
    with pytest.raises(RedisError):
        caches["shared"].get("anything")
    monkeypatch.setattr(portal_cache, "PAUSE", 0.0)
    portal_cache.forget_outages()
    cache.set("anything", 7)
    assert cache.get("anything") == caches["shared"].get("anything") == 7


def test_the_server_counts_again_when_it_takes_writes(valkey):
    fail(valkey, "full")
    cache.set("anything", 1)
    assert (cache.get("anything"), caches["shared"].get("anything")) == (1, None)
    assert cache.add("used-code", 1, 60)
    assert cache.add("calls", 0, 60)
    assert cache.incr("calls") == 1
    with redis.Redis.from_url(valkey.url) as client:
        client.config_set("maxmemory", 0)
    cache.set("anything", 2)
    assert cache.get("anything") == caches["shared"].get("anything") == 2
    assert not cache.add("used-code", 1, 60), "it was used while the server took nothing"
    assert not cache.add("calls", 0, 60)
    assert cache.incr("calls") == 2
    assert cache.delete("used-code")
    assert cache.get("used-code") is None
