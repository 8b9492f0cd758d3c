"""Ways around the second factor that must stay closed: resets, lost stages, forged sessions."""

import re

import pytest
from django.core import mail
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY

from portal.accounts import second_factor
from portal.accounts.adapter import AccountAdapter
from portal.accounts.models import User
from tests.accounts import steps
from tests.accounts.test_sign_in import ENROL, LOGIN, STAGE, assert_locked_out
from tests.support.people import make_user, totp

pytestmark = pytest.mark.django_db


def reset_password(client, new="another long passphrase 7", **extra):
    steps.reset_mail(client, **extra)
    answer = client.get(steps.link("password/reset/key"))
    return client.post(answer.url, {"password1": new})


def test_activation_that_signs_in_stops_at_the_second_factor(client, settings):
    settings.ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
    steps.sign_up(client)
    assert steps.activate(client).url == STAGE
    assert_locked_out(client)


def test_password_reset_does_not_sign_in(client, enrolled):
    assert reset_password(client).url == "/accounts/password/reset/key/done/"
    assert_locked_out(client)
    assert steps.login(client, password="another long passphrase 7").url == STAGE
    assert_locked_out(client)


def test_password_reset_that_signs_in_stops_at_the_second_factor(client, enrolled, settings):
    settings.ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
    _, device, _ = enrolled
    assert reset_password(client).url == STAGE
    assert_locked_out(client)
    assert steps.submit(client, totp(device)).status_code == 302
    assert steps.signed_in(client)


def test_password_reset_does_not_add_a_device(client, enrolled):
    reset_password(client)
    steps.login(client, password="another long passphrase 7")
    assert client.get(ENROL).url == STAGE


def test_password_reset_does_not_skip_activation(client, settings):
    settings.ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
    user = make_user(email=steps.EMAIL)
    user.emailaddress_set.update(verified=False)
    reset_password(client)
    assert_locked_out(client)


def test_lost_stage_fails_closed(client, enrolled, monkeypatch):
    monkeypatch.setattr(AccountAdapter, "get_login_stages", lambda self: super(AccountAdapter, self).get_login_stages())
    assert steps.login(client).status_code == 403
    assert_locked_out(client)


def test_forced_session_is_thrown_out(client, enrolled):
    user, _, _ = enrolled
    client.force_login(user)
    assert_locked_out(client)


def test_forged_device_in_the_session_is_refused(client, enrolled):
    user, _, _ = enrolled
    other, _ = second_factor.enrol_directly(user=make_user())
    client.force_login(user)
    for forged in (other.persistent_id, "accounts.authenticatordevice/999999", "accounts.gone/1", "x"):
        session = client.session
        session[DEVICE_ID_SESSION_KEY] = forged
        session.save()
        assert client.get(steps.SECURITY).status_code == 302
        client.force_login(user)


def test_deleting_the_device_ends_the_session(client, enrolled):
    _, device, _ = enrolled
    steps.login(client)
    steps.submit(client, totp(device))
    assert steps.signed_in(client)
    device.delete()
    assert_locked_out(client)


def test_session_key_changes_at_each_step(client, enrolled):
    _, device, _ = enrolled
    session = client.session
    session["x"] = 1
    session.save()
    client.cookies["sessionid"] = session.session_key
    keys = [session.session_key]
    steps.login(client)
    keys.append(client.cookies["sessionid"].value)
    steps.submit(client, totp(device))
    keys.append(client.cookies["sessionid"].value)
    assert len(set(keys)) == 3
    for old in keys[:2]:
        thief = Client()
        thief.cookies["sessionid"] = old
        assert not steps.signed_in(thief)
        assert thief.get(STAGE).url == LOGIN


def test_session_ends_with_the_browser(client, enrolled):
    _, device, _ = enrolled
    steps.login(client)
    steps.submit(client, totp(device))
    cookie = client.cookies["sessionid"]
    assert not cookie["max-age"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"


def test_closed_account_cannot_sign_in(client, enrolled):
    User.objects.update(is_active=False)
    answer = steps.login(client)
    assert answer.url == "/accounts/inactive/" or answer.status_code == 422
    assert client.get("/accounts/inactive/").status_code == 200
    assert_locked_out(client)


def test_account_closed_during_the_second_factor_gets_no_session(client, enrolled):
    _, device, _ = enrolled
    steps.login(client)
    User.objects.update(is_active=False)
    steps.submit(client, totp(device))
    assert not steps.signed_in(client)


def test_sign_out_is_by_post(client, enrolled):
    _, device, _ = enrolled
    steps.login(client)
    steps.submit(client, totp(device))
    assert client.get("/accounts/logout/").status_code == 200
    assert steps.signed_in(client)
    client.post("/accounts/logout/")
    assert_locked_out(client)


def test_account_of_the_command_line_is_activated_by_mail_too(client, db):
    User.objects.create_superuser("boss@staff.example", steps.PASSWORD)
    assert steps.login(client, email="boss@staff.example").url == "/accounts/confirm-email/"
    assert re.search(r"/accounts/confirm-email/\S+", mail.outbox[-1].body)
