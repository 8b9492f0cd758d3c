"""The security log: everything that changes how one gets into an account leaves its line, with who did it and where."""

import pytest
from django.test import Client

from portal.accounts.models import AuthenticatorDevice, SecurityEvent
from tests.accounts import steps
from tests.accounts.fresh import CODES, REPLACE, confirm, enter
from tests.support.people import sign_in

pytestmark = pytest.mark.django_db
NEW = "fresh long phrase 31"
HERE = {"REMOTE_ADDR": "192.0.2.7"}


def log(user, **only):
    """(action, by whom, from where), oldest first."""
    events = SecurityEvent.objects.filter(user__email=getattr(user, "email", user), **only).order_by("id")
    return [(event.action, event.actor_kind, event.ip) for event in events]


@pytest.fixture
def here():
    return Client(**HERE)


@pytest.fixture
def fresh(here, enrolled, clock):
    """Signed in just now."""
    enter(here, enrolled[1])
    clock.shift(40)
    return here


def mine(action):
    return (action, "person", HERE["REMOTE_ADDR"])


def test_the_beginning_of_an_account(here):
    steps.sign_up(here)
    steps.activate(here)
    assert log(steps.EMAIL) == [mine("account.activated")]


def test_an_account_that_was_activated_with_everything_entered_anew(here):
    steps.sign_up(here)
    steps.activate_anew(here)
    assert log(steps.EMAIL) == [mine("account.activated")]


def test_the_first_app(here, user):
    steps.login(here)
    steps.enrol(here, user)
    assert log(user) == [mine("second_factor_set_up")]


def test_another_app(fresh, enrolled):
    fresh.get(REPLACE)
    assert fresh.post(REPLACE, {"code": "000000"}).status_code == 422
    assert log(enrolled[0]) == []
    confirm(fresh, AuthenticatorDevice.objects.get(confirmed=False), REPLACE)
    assert log(enrolled[0]) == [mine("second_factor_replaced")]


def test_other_recovery_codes(fresh, enrolled):
    fresh.get(CODES)
    assert log(enrolled[0]) == []
    fresh.post(CODES, {"saved": "on"})
    assert log(enrolled[0]) == [mine("recovery_codes_replaced")]


def test_a_sign_in_with_a_recovery_code(here, enrolled):
    user, _, codes = enrolled
    steps.login(here)
    steps.submit(here, "aaaaa-aaaaa", recovery=True)
    assert log(user) == []
    steps.submit(here, codes[0], recovery=True)
    assert log(user) == [mine("recovery_code_used")]


def test_another_password(fresh, enrolled):
    change = {"oldpassword": steps.PASSWORD, "password1": NEW}
    fresh.post("/accounts/password/change/", change | {"oldpassword": "wrong"})
    assert log(enrolled[0]) == []
    fresh.post("/accounts/password/change/", change)
    assert log(enrolled[0]) == [mine("password.changed")]


def test_a_password_by_mail(here, enrolled):
    steps.reset_mail(here)
    url = here.get(steps.link("password/reset/key")).url
    assert log(enrolled[0]) == []
    here.post(url, {"password1": NEW})
    assert log(enrolled[0]) == [mine("password.reset")]


def test_another_address(fresh, enrolled):
    user = enrolled[0]
    fresh.post("/accounts/email/", {"action_add": "", "email": "new@customer.example"})
    assert log(user) == []
    fresh.post(steps.link("confirm-email/"))
    user.refresh_from_db()
    assert log(user) == [mine("email.changed")]
    assert SecurityEvent.objects.get(user=user).data == {"before": steps.EMAIL, "after": "new@customer.example"}


def test_another_phone_number_that_is_given_up(fresh, enrolled):
    fresh.post("/accounts/phone/", {"phone_country": "GB", "phone": "020 7946 0999"})
    for _ in range(2):
        fresh.post("/accounts/phone/", {"cancel": ""})
    assert log(enrolled[0]) == [mine("phone.requested"), mine("phone.withdrawn")]


def test_what_staff_did(here, enrolled):
    boss, _, _ = steps.enrolled_person(email="boss@staff.example", is_staff=True, is_superuser=True)
    user, _, _ = enrolled
    sign_in(here, boss)
    here.post("/admin/accounts/user/", {"action": "reset_second_factor", "_selected_action": [user.pk]})
    here.post(f"/admin/accounts/user/{user.pk}/change/", {"reason": "Asked for it"})
    here.post(f"/admin/accounts/user/{user.pk}/change/", {"is_active": "on", "reason": "Paid"})
    there = HERE["REMOTE_ADDR"]
    assert log(user) == [
        ("second_factor_reset", "staff", there),
        ("staff.closed", "staff", there),
        ("staff.opened", "staff", there),
    ]
    assert set(SecurityEvent.objects.filter(user=user).values_list("actor", flat=True)) == {boss.pk}
