"""Account & security: fresh authentication, changes of password, address and second factor, sessions."""

import pytest
from django.core import mail
from django.test import Client

from portal.accounts.models import AuthenticatorDevice
from tests.accounts import steps
from tests.accounts.fresh import CODES, REAUTH, REPLACE, confirm, enter
from tests.support.people import totp

pytestmark = pytest.mark.django_db


# -- fresh authentication -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [CODES, REPLACE])
def test_sensitive_pages_ask_for_a_fresh_code(ada, enrolled, clock, url):
    _, device, _ = enrolled
    for ask in (ada.get, ada.post):
        answer = ask(url)
        assert answer.url.startswith(REAUTH)
    answer = confirm(ada, device, f"{REAUTH}?next={url}")
    assert answer.status_code in (302, 422)  # the empty form is made again
    assert ada.get(url).status_code == 200
    clock.shift(301)
    assert ada.get(url).url.startswith(REAUTH)


def test_a_sign_in_counts_as_fresh(client, enrolled, clock):
    _, device, _ = enrolled
    enter(client, device)
    assert client.get(CODES).status_code == 200
    clock.shift(301)
    assert client.get(CODES).status_code == 302


def test_the_password_is_not_an_accepted_method(ada):
    answer = ada.post(f"/accounts/reauthenticate/?next={CODES}", {"password": steps.PASSWORD})
    assert answer.url.startswith(REAUTH)
    assert ada.get(CODES).url.startswith(REAUTH)


def test_a_used_code_is_not_fresh(client, enrolled, clock):
    _, device, _ = enrolled
    enter(client, device)
    token = totp(device)
    clock.shift(20)
    assert client.post(f"{REAUTH}?next={CODES}", {"code": token}).status_code == 422


def test_a_recovery_code_is_fresh_too(ada, enrolled):
    _, _, codes = enrolled
    assert ada.post(f"{REAUTH}?recovery=1&next={CODES}", {"code": codes[0]}).url == CODES
    assert ada.get(CODES).status_code == 200


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/x", "javascript:alert(1)"])
def test_confirming_never_leads_off_the_site(ada, enrolled, target):
    _, device, _ = enrolled
    assert confirm(ada, device, f"{REAUTH}?next={target}").url == "/projects/"


# -- recovery codes and authenticator -----------------------------------------------------------------------------


def test_new_recovery_codes_replace_the_old_when_they_are_saved(client, enrolled, clock):
    user, device, old = enrolled
    enter(client, device)
    fresh = steps.shown_codes(client.get(CODES))
    assert len(fresh) == 10
    assert not set(fresh) & set(old)
    assert client.post(CODES).status_code == 422
    assert user.recoverycodedevice_set.get().verify_token(old[0])
    assert client.post(CODES, {"saved": "on"}).url == steps.SECURITY
    assert not user.recoverycodedevice_set.get().verify_token(old[1])
    clock.shift(5)
    assert user.recoverycodedevice_set.get().verify_token(fresh[0])
    assert mail.outbox[-1].subject == "Your recovery codes were replaced"


def test_a_new_app_replaces_the_old_and_ends_its_other_sessions(client, enrolled, clock):
    user, device, _ = enrolled
    other = Client()
    enter(other, device)
    clock.shift(40)
    enter(client, device)
    page = client.get(REPLACE)
    pending = AuthenticatorDevice.objects.get(confirmed=False)
    assert steps.shown_secret(page) == pending.base32
    assert client.post(REPLACE, {"code": "000000"}).status_code == 422
    assert steps.signed_in(other)
    clock.shift(5)
    assert client.post(REPLACE, {"code": totp(pending)}).url == steps.SECURITY
    assert steps.signed_in(client)
    assert not steps.signed_in(other)
    assert AuthenticatorDevice.objects.get(user=user) == pending
    assert mail.outbox[-1].subject == "Your authenticator app was replaced"
