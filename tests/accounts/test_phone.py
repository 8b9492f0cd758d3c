"""A new phone number: a fresh code, a link in a mail to the owner, and the old one until then."""

import pytest
import time_machine
from django.core import mail
from django.test import Client

from portal.accounts.models import SecurityEvent, User
from tests.accounts import steps
from tests.accounts.fresh import REAUTH, confirm, enter
from tests.support.people import browser_of, make_user, sign_in

pytestmark = pytest.mark.django_db
PHONE, OLD, NEW_PHONE = "/accounts/phone/", "+442079460958", "+442079460999"
ENTERED = {"phone_country": "GB", "phone": "020 7946 0999"}


@pytest.fixture
def with_phone(client, enrolled, clock):
    """Fresh sign-in of somebody with a phone number."""
    _, device, _ = enrolled
    User.objects.update(phone=OLD)
    enter(client, device)
    return client


def phone_of(user):
    user.refresh_from_db()
    return str(user.phone)


def test_a_new_phone_number_needs_a_fresh_code_and_a_click_in_the_mail(with_phone, enrolled, clock):
    user, device, _ = enrolled
    clock.shift(600)
    answer = with_phone.post(PHONE, ENTERED)
    assert answer.url.startswith(REAUTH)
    assert not mail.outbox
    confirm(with_phone, device, answer.url)  # resumes the change
    assert (mail.outbox[-1].to, mail.outbox[-1].subject) == ([steps.EMAIL], "Confirm your new phone number")
    assert phone_of(user) == OLD
    assert "waiting for confirmation" in steps.text(with_phone.get(steps.SECURITY))
    link = steps.link("phone/confirm/")
    assert "+44 20 7946 0999" in steps.text(with_phone.get(link))
    assert phone_of(user) == OLD
    assert with_phone.post(link).url == steps.SECURITY
    assert phone_of(user) == NEW_PHONE
    assert (mail.outbox[-1].to, mail.outbox[-1].subject) == ([steps.EMAIL], "Your phone number was changed")
    assert with_phone.post(link).status_code == 410
    actions = list(SecurityEvent.objects.filter(user=user).order_by("id").values_list("action", flat=True))
    assert actions == ["phone.requested", "phone.changed"]
    assert "Phone number changed" in steps.text(with_phone.get(steps.SECURITY))


def test_the_link_is_for_who_is_signed_in_to_the_account(with_phone, enrolled):
    user, _, _ = enrolled
    with_phone.post(PHONE, ENTERED)
    link = steps.link("phone/confirm/")
    assert Client().post(link).url.startswith("/accounts/login/")
    other = browser_of(make_user())
    assert other.post(link).status_code == 410
    assert phone_of(user) == OLD


def test_a_phone_change_is_sent_again_and_cancelled(with_phone, enrolled):
    user, _, _ = enrolled
    with_phone.post(PHONE, ENTERED)
    first = steps.link("phone/confirm/")
    assert with_phone.post(PHONE, {"again": ""}).url == PHONE
    assert with_phone.post(first).status_code == 410
    assert with_phone.post(PHONE, {"cancel": ""}).url == PHONE
    assert with_phone.post(steps.link("phone/confirm/")).status_code == 410
    assert phone_of(user) == OLD
    assert "waiting for confirmation" not in steps.text(with_phone.get(PHONE))


def test_a_phone_link_expires(with_phone, enrolled, clock):
    user, _, _ = enrolled
    with_phone.post(PHONE, ENTERED)
    link = steps.link("phone/confirm/")
    with time_machine.travel(steps.NOON + 2 * 86400 + 60):
        sign_in(with_phone, user)
        assert with_phone.post(link).status_code == 410
    assert phone_of(user) == OLD


@pytest.mark.parametrize(("field", "value"), [("phone", "1"), ("phone", ""), ("phone_country", "??")])
def test_bad_phone_numbers(with_phone, field, value):
    answer = with_phone.post(PHONE, ENTERED | {field: value})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not mail.outbox
