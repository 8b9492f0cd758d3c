"""Rules of accounts that no journey meets by itself: what ends, what is forgotten, and what is not enough."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate
from django.contrib.auth.models import Group
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.test import Client

from portal.accounts import known_browser, phone_changes, second_factor, sign_ups
from portal.accounts.models import AuthenticatorDevice, SecurityEvent, SignUp, User
from portal.accounts.staff_changes import change_email, reset_second_factor
from portal.jobs.outbox import run_due_jobs
from tests.accounts import steps
from tests.accounts.fresh import enter
from tests.accounts.test_sign_in import LOGIN, STAGE
from tests.support.crowd import Beside, wait_until_it_waits
from tests.support.people import browser_of, make_staff, make_user, sign_in, totp

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PERSON = sign_ups.Person("Ada Example", "Engines Ltd", "+442079460958")


def attempt(password="first long phrase 11", now=NOW):
    return sign_ups.record(email=steps.EMAIL, person=PERSON, password=password, now=now)


def activate(made, password="first long phrase 11", now=NOW):
    return sign_ups.activate(attempt=made, password=password, now=now, ip="192.0.2.7")


def test_an_account_is_found_by_its_address_in_any_case(user, rf):
    """Whoever asks: not each caller has it in small letters already."""
    assert authenticate(rf.post("/"), email=steps.EMAIL.upper(), password=steps.PASSWORD) == user


class TestSignUps:
    def test_terms_count_from_when_they_were_accepted(self):
        user = activate(attempt(), now=NOW + timedelta(hours=5))
        assert (user.terms_accepted_at, user.email) == (NOW, steps.EMAIL)

    def test_a_link_ends_with_its_time_to_the_second(self):
        made = attempt()
        key = sign_ups.new_key(made, NOW)
        made.refresh_from_db()
        assert sign_ups.of_key(key, made.expires_at - timedelta(seconds=1)) == made
        assert sign_ups.of_key(key, made.expires_at) is None
        assert sign_ups.of_key(key + "x", NOW) is None

    def test_the_password_of_an_attempt_that_has_expired_opens_nothing(self):
        old = attempt("an older long phrase 1", now=NOW - sign_ups.lifetime())
        made = attempt()
        assert activate(made, "an older long phrase 1") is None
        assert not User.objects.exists()
        SignUp.objects.filter(pk=old.pk).update(expires_at=NOW + timedelta(seconds=1))
        assert activate(made, "an older long phrase 1") is not None

    def test_a_password_is_compared_with_five_attempts_at_most(self):
        made = [attempt(f"long phrase number {n}") for n in range(6)]
        assert activate(made[-1], "long phrase number 0") is None
        assert activate(made[-1], "long phrase number 1") is not None

    def test_what_was_discarded_while_the_page_was_open_makes_no_account(self):
        made, other = attempt(), attempt("another long phrase 2")
        sign_ups.discard(attempt=other)
        assert activate(made) is None
        assert sign_ups.activate_anew(attempt=made, person=PERSON, password="a third phrase 33", now=NOW, ip="") is None
        assert not User.objects.exists()

    def test_an_attempt_makes_one_account_and_ends_the_others(self):
        made, other = attempt(), attempt("another long phrase 2")
        assert activate(made) is not None
        assert (activate(other, "another long phrase 2"), activate(made)) == (None, None)
        assert (User.objects.count(), SignUp.objects.count()) == (1, 0)


def test_who_activates_an_account_in_somebody_elses_browser_is_not_that_person(client):
    other = make_user()
    sign_in(client, other)
    assert steps.signed_in(client)
    steps.sign_up(Client())
    assert steps.activate(client).status_code == 302
    assert not steps.signed_in(client)
    assert client.session.get("_auth_user_id") != str(other.pk)


def held(user):
    return AuthenticatorDevice.objects.get(user=user).throttling_failure_count


def test_a_new_password_begins_without_the_wrong_codes_of_the_old_one(client, enrolled, clock):
    user, device, _ = enrolled
    enter(client, device)
    AuthenticatorDevice.objects.update(throttling_failure_count=50)
    client.post("/accounts/password/change/", {"oldpassword": steps.PASSWORD, "password1": "fresh long phrase 31"})
    assert held(user) == 0


def test_a_retired_password_leaves_no_wrong_codes_to_the_next_one(enrolled):
    user, _, _ = enrolled
    other, _, _ = steps.enrolled_person(email="bob@customer.example")
    AuthenticatorDevice.objects.update(throttling_failure_count=50)
    second_factor.retire_password(user=user)
    assert (held(user), held(other)) == (0, 50)


def test_an_app_that_was_never_confirmed_opens_nothing(user, clock):
    pending = second_factor.pending_device(user=user, device_id=None)
    assert second_factor.check_authenticator(user=user, code=totp(pending)) == second_factor.WRONG


def test_only_the_newest_pending_app_can_be_confirmed(user, clock):
    first = second_factor.pending_device(user=user, device_id=None)
    second = second_factor.pending_device(user=user, device_id=None)
    assert second_factor.pending_device(user=user, device_id=second.pk) == second
    assert AuthenticatorDevice.objects.get() == second
    assert confirmed(user, first) == second_factor.WRONG


def test_nobody_confirms_the_app_of_somebody_else(user, clock):
    theirs = second_factor.pending_device(user=make_user(), device_id=None)
    assert confirmed(user, theirs) == second_factor.WRONG
    assert not AuthenticatorDevice.objects.get().confirmed


def confirmed(user, device):
    return second_factor.confirm(user=user, device_id=device.pk, code=totp(device), replacing=False)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_an_app_that_is_just_being_confirmed_is_set_up_already():
    user = make_user()
    device = second_factor.pending_device(user=user, device_id=None)
    with transaction.atomic():
        assert isinstance(confirmed(user, device), second_factor.Verified)
        again = Beside(partial(confirmed, user, device))
        wait_until_it_waits(again)
    assert again.result().code == "enrolled"


def test_a_sign_in_that_waits_for_its_code_ends_with_the_second_factor(client, enrolled):
    user, _, _ = enrolled
    assert steps.login(client).url == STAGE
    reset_second_factor(user=user, by=make_user(is_superuser=True), ip="192.0.2.7")
    assert client.get("/accounts/2fa/enrol/").url == LOGIN


def test_staff_give_no_account_an_address_that_another_has_confirmed(user):
    other = make_user()
    EmailAddress.objects.create(user=other, email="second@customer.example", verified=True)
    with pytest.raises(ValidationError, match="already an account"):
        change_email(user=user, email="second@customer.example", by=other, ip="192.0.2.7", reason="Wanted")
    user.refresh_from_db()
    assert user.email == steps.EMAIL


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_phone_number_is_confirmed_once_by_a_double_click():
    user = make_user()
    change = phone_changes.request(user=user, phone="+442079460999", now=NOW, ip="192.0.2.7")
    click = partial(phone_changes.confirm, change=change, ip="192.0.2.7")
    with transaction.atomic():
        assert click()
        again = Beside(click)
        wait_until_it_waits(again)
    assert again.result() is False
    assert SecurityEvent.objects.filter(user=user, action="phone.changed").count() == 1


def test_a_suspended_account_gets_no_link_to_a_new_password(client, user):
    User.objects.filter(pk=user.pk).update(is_active=False)
    steps.reset_mail(client)
    run_due_jobs()
    assert [message.to for message in mail.outbox] == [[steps.EMAIL]]
    assert "password/reset/key" not in mail.outbox[0].body


def test_who_loses_the_second_factor_loses_the_recovery_codes_too(enrolled):
    user, _, codes = enrolled
    second_factor.reset(user=user)
    assert not second_factor.is_enrolled(user)
    assert second_factor.check_recovery_code(user=user, code=codes[0]) == second_factor.WRONG_RECOVERY


def test_the_mark_of_a_browser_travels_by_https_alone(user, rf, settings):
    for settings.HTTPS in (True, False):
        answer = HttpResponse()
        known_browser.remember(rf.get("/"), answer, user)
        assert bool(answer.cookies[known_browser.cookie_name()]["secure"]) is settings.HTTPS


def test_who_leaves_a_team_is_signed_out(client, superuser):
    clerk = make_staff()
    clerk.groups.add(*Group.objects.filter(name__in=["Billing", "Provisioning"]))
    theirs = browser_of(clerk)
    sign_in(client, superuser)
    both = list(clerk.groups.values_list("pk", flat=True))
    client.post(f"/admin/accounts/user/{clerk.pk}/change/", {"is_active": "on", "is_staff": "on", "groups": both})
    assert steps.signed_in(theirs), "nothing was taken away"
    client.post(f"/admin/accounts/user/{clerk.pk}/change/", {"is_active": "on", "is_staff": "on", "groups": both[:1]})
    assert not steps.signed_in(theirs)


def test_sign_ups_that_wait_for_an_address_end_when_staff_give_it_to_an_account():
    boss, user = make_staff(), make_user()
    made, elsewhere = attempt(), sign_ups.record(email="x@customer.example", person=PERSON, password="x", now=NOW)
    change_email(user=user, email=steps.EMAIL, by=boss, ip="192.0.2.7", reason="Lost the mailbox")
    assert list(SignUp.objects.all()) == [elsewhere]
    assert activate(made) is None
