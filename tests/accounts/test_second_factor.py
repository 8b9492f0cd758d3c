"""The second factor of a sign-in: each code works once, for its own device, in its own time."""

import time
from functools import partial
from threading import Barrier, BrokenBarrierError

import pytest
import time_machine
from django.core import mail
from django.test import Client

from portal.accounts import second_factor
from portal.accounts.models import AuthenticatorDevice
from tests.accounts import steps
from tests.accounts.test_sign_in import LOGIN, STAGE, assert_locked_out
from tests.support.crowd import at_once
from tests.support.people import make_user, totp

pytestmark = pytest.mark.django_db


NOON = 1_800_000_000


# -- second factor ------------------------------------------------------------------------------------------------


def test_password_alone_opens_nothing(client, enrolled):
    assert steps.login(client).url == STAGE
    assert_locked_out(client)


def test_code_opens_the_page_that_was_asked_for(client, enrolled):
    _, device, _ = enrolled
    steps.login(client, next="/accounts/sessions/")
    assert client.get(STAGE).status_code == 200
    assert steps.submit(client, totp(device)).url == "/accounts/sessions/"
    assert steps.signed_in(client)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "https:evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "http://localhost/projects/",
        "/\\evil.example",
        "/accounts/sessions/end/",
    ],
)
def test_next_leads_neither_off_the_site_nor_to_what_only_takes_forms(client, enrolled, target):
    _, device, _ = enrolled
    steps.login(client, next=target)
    assert steps.submit(client, totp(device)).url == "/projects/"
    assert client.post("/accounts/logout/", {"next": target}).url == LOGIN


def test_code_replay_is_refused_in_the_whole_window(enrolled):
    _, device, _ = enrolled
    with time_machine.travel(NOON, tick=False):
        token, first, second = totp(device), Client(), Client()
        steps.login(first)
        steps.login(second)
        assert steps.submit(first, token).status_code == 302
        answer = steps.submit(second, token)
        assert answer.status_code == 422
        assert "wrong or has already been used" in str(answer.context["form"].errors)
        assert_locked_out(second)
    with time_machine.travel(NOON + 31, tick=False):
        assert steps.submit(second, token).status_code == 422
        assert_locked_out(second)


def test_enrolment_code_cannot_be_used_again(user):
    first, second = Client(), Client()
    steps.login(first)
    device, _, _ = steps.enrol(first, user)
    steps.login(second)
    assert steps.submit(second, totp(device)).status_code == 422
    assert_locked_out(second)


def test_recovery_code_works_once_and_is_reported(enrolled):
    _, _, codes = enrolled
    first, second = Client(), Client()
    steps.login(first)
    steps.login(second)
    assert "Use a recovery code" in steps.text(first.get(STAGE))
    assert steps.submit(first, codes[0], recovery=True).status_code == 302
    assert steps.signed_in(first)
    assert mail.outbox[-1].subject == "A recovery code was used"
    assert "You have 9 left" in mail.outbox[-1].body
    assert steps.submit(second, codes[0], recovery=True).status_code == 422
    assert_locked_out(second)
    assert steps.signed_in(first)


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_one_code_sent_twice_at_once_opens_one_session():
    _, device, codes = steps.enrolled_person()
    for token, recovery in ((totp(device), False), (codes[0], True)):
        clients = [Client() for _ in range(4)]
        for client in clients:
            steps.login(client)
        answers = at_once([partial(steps.submit, client, token, recovery=recovery) for client in clients])
        assert sorted(answer.status_code for answer in answers) == [302, 422, 422, 422]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_checks_of_one_device_never_overlap(monkeypatch):
    """Both threads try to meet inside the check. The row lock keeps them apart; without it both would find the code
    unused."""
    user, device, _ = steps.enrolled_person()
    inside, verify = Barrier(2), AuthenticatorDevice.verify_token

    def meet_then_verify(self, token):
        try:
            inside.wait(timeout=1)
        except BrokenBarrierError:
            inside.reset()
        return verify(self, token)

    monkeypatch.setattr(AuthenticatorDevice, "verify_token", meet_then_verify)
    token = totp(device)

    results = at_once([partial(second_factor.check_authenticator, user=user, code=token)] * 2)
    assert sorted(type(each).__name__ for each in results) == ["Refused", "Verified"]


@pytest.mark.parametrize("token", ["", " ", "12345", "abcdef", "９９９９９９", "1" * 41, "\x00", "null", "-1", "1e5"])
def test_nonsense_is_an_error_beside_the_field(client, enrolled, token):
    steps.login(client)
    for recovery in (False, True):
        answer = steps.submit(client, token, recovery=recovery)
        assert answer.status_code == 422
        assert "code" in answer.context["form"].errors
    assert_locked_out(client)


def test_codes_of_another_persons_device_are_refused(client, enrolled):
    other = make_user()
    device, codes = second_factor.enrol_directly(user=other)
    steps.login(client)
    assert steps.submit(client, totp(device)).status_code == 422
    assert steps.submit(client, codes[0], recovery=True).status_code == 422
    assert_locked_out(client)


def test_code_of_an_unconfirmed_device_is_refused(client, enrolled):
    user, _, _ = enrolled
    pending = second_factor.pending_device(user=user, device_id=None)
    steps.login(client)
    assert steps.submit(client, totp(pending)).status_code == 422
    assert_locked_out(client)


def test_the_stage_times_out(client, enrolled):
    _, device, _ = enrolled
    steps.login(client)
    with time_machine.travel(time.time() + 901):
        assert steps.submit(client, totp(device)).url == LOGIN
        assert_locked_out(client)


def test_wrong_password_and_unknown_address_answer_alike(enrolled):
    known = steps.login(Client(), password="wrong wrong wrong")
    unknown = steps.login(Client(), email="nobody@customer.example", password="wrong wrong wrong")
    assert known.status_code == unknown.status_code == 422
    assert known.context["form"].errors == unknown.context["form"].errors
    assert known.context["form"].non_field_errors() == ["E-mail address or password is wrong."]


def test_the_app_that_somebody_else_is_about_to_set_up_is_nobody_elses(user):
    """Whatever id a session names, nobody is shown, or confirms, another person's secret."""
    other = make_user()
    theirs = second_factor.pending_device(user=other, device_id=None)
    mine = second_factor.pending_device(user=user, device_id=theirs.pk)
    assert (mine.user, mine.secret == theirs.secret) == (user, False)
    result = second_factor.confirm(user=user, device_id=theirs.pk, code=totp(theirs), replacing=False)
    assert isinstance(result, second_factor.Refused)
    theirs.refresh_from_db()
    assert (theirs.user, theirs.confirmed) == (other, False)
    assert second_factor.pending_device(user=user, device_id=mine.pk) == mine


def test_a_confirmed_app_is_not_set_up_again_by_its_id(enrolled):
    """Its secret was shown once."""
    user, device, _ = enrolled
    assert second_factor.pending_device(user=user, device_id=device.pk) != device
    result = second_factor.confirm(user=user, device_id=device.pk, code=totp(device), replacing=True)
    assert isinstance(result, second_factor.Refused)
    assert AuthenticatorDevice.objects.get(user=user, confirmed=True) == device
