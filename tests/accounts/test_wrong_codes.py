"""Limits on guessing the second factor."""

import pytest
from django.core import mail

from portal.accounts import devices
from portal.accounts.models import AuthenticatorDevice, SecurityEvent
from portal.jobs.outbox import run_due_jobs
from tests.accounts import steps
from tests.accounts.guessing import AWAY, CAP, HOME, at
from tests.accounts.test_sign_in import LOGIN, assert_locked_out
from tests.support.people import totp

pytestmark = pytest.mark.django_db


def wrong_codes(times, address=AWAY):
    client = at(address)
    steps.login(client)
    return [steps.submit(client, "000000") for _ in range(times)]


def is_throttled(answer):
    return answer.status_code == 422 and "Too many wrong codes" in str(answer.context["form"].errors)


def test_a_network_has_five_wrong_codes_whatever_the_session(enrolled, clock):
    _, device, codes = enrolled
    wrong_codes(3)
    wrong_codes(2)
    client = at(AWAY)
    steps.login(client)
    assert is_throttled(steps.submit(client, totp(device)))
    assert steps.submit(client, codes[0], recovery=True).status_code == 302, "recovery codes have a count of their own"


def test_wrong_codes_elsewhere_do_not_lock_the_owner_out(enrolled, clock):
    _, device, _ = enrolled
    wrong_codes(5)
    client = at(HOME)
    steps.login(client)
    assert steps.submit(client, totp(device)).status_code == 302


def test_wrong_codes_from_many_networks_leave_the_owner_ways_in(owner, enrolled, clock):
    _, device, codes = enrolled
    for host in range(1, 6):
        wrong_codes(5, f"203.0.113.{host}")
    stranger = at("203.0.113.99")
    steps.login(stranger)
    assert is_throttled(steps.submit(stranger, totp(device)))
    assert steps.submit(stranger, codes[0], recovery=True).status_code == 302  # a recovery code
    steps.login(owner)
    assert steps.submit(owner, totp(device)).status_code == 302  # a browser that is known
    clock.shift(CAP + 1)
    later = at("203.0.113.98")
    steps.login(later)
    assert steps.submit(later, totp(device)).status_code == 302  # a quarter of an hour


def test_a_password_that_led_to_a_hundred_wrong_codes_is_retired(owner, enrolled, clock):
    """Guessing goes on only as long as the password lives: 100 codes are a chance of 1 in 3,300, once."""
    user, device, _ = enrolled
    AuthenticatorDevice.objects.update(throttling_failure_count=devices.MOST_WRONG_CODES - 1)
    inside = at(HOME)
    steps.login(inside)
    steps.submit(inside, totp(device))
    AuthenticatorDevice.objects.update(throttling_failure_count=devices.MOST_WRONG_CODES - 1)
    assert steps.signed_in(inside)
    clock.shift(60)
    answer = wrong_codes(1)[0]
    assert "no longer works" in str(answer.context["form"].errors)
    assert not steps.signed_in(inside)
    assert steps.login(at(HOME)).status_code == 422
    run_due_jobs()
    assert [m.to for m in mail.outbox if m.subject == "Your password no longer works"] == [[steps.EMAIL]]
    assert SecurityEvent.objects.filter(user=user, action="password.retired", actor=None).exists()
    fresh = at(HOME)
    steps.reset_mail(fresh)
    fresh.post(fresh.get(steps.link("password/reset/key")).url, {"password1": "another long passphrase 7"})
    steps.login(fresh, password="another long passphrase 7")
    assert steps.submit(fresh, totp(device)).status_code == 302


def test_a_stranger_without_the_password_counts_nothing_against_it(enrolled, clock):
    _, device, _ = enrolled
    client = at(AWAY)
    steps.login(client, password="wrong wrong")
    assert steps.submit(client, "000000").url == LOGIN
    device.refresh_from_db()
    assert device.throttling_failure_count == 0


def test_the_owner_hears_that_somebody_knows_the_password_once_in_hours(enrolled, clock):
    def alarms():
        run_due_jobs()
        return [m for m in mail.outbox if m.subject.startswith("Someone entered your password")]

    wrong_codes(3)
    wrong_codes(1, "203.0.113.5")
    assert [m.to for m in alarms()] == [[steps.EMAIL]]
    assert AWAY in alarms()[0].body
    assert "/accounts/password/reset/" in alarms()[0].body
    clock.shift(4 * 3600)
    wrong_codes(1)
    assert len(alarms()) == 2


def test_the_owner_who_mistypes_in_a_known_browser_gets_no_alarm(owner):
    steps.login(owner)
    steps.submit(owner, "000000")
    run_due_jobs()
    assert not [m for m in mail.outbox if m.subject.startswith("Someone entered your password")]


# -- what ends a pending sign-in ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda user: user.set_password("another long passphrase 7"),
        lambda user: user.end_sessions(),
        lambda user: setattr(user, "is_active", False),
    ],
    ids=["new password", "sessions ended", "on hold"],
)
def test_a_pending_sign_in_ends_with_what_it_rests_on(client, enrolled, change):
    user, device, _ = enrolled
    steps.login(client)
    change(user)
    user.save()
    assert steps.submit(client, totp(device)).url == LOGIN
    assert client.get("/accounts/2fa/enrol/").url == LOGIN
    assert_locked_out(client)
