"""Password, then the second factor: first sign-in enrols, each code works once, nothing goes around the stage."""

import time

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import get_resolver
from django_otp import DEVICE_ID_SESSION_KEY

from portal.accounts import second_factor
from portal.accounts.devices import RecoveryCode
from portal.accounts.models import AuthenticatorDevice, RecoveryCodeDevice
from tests.accounts import steps
from tests.support.people import totp

pytestmark = pytest.mark.django_db
LOGIN, STAGE, ENROL, CODES = "/accounts/login/", "/accounts/2fa/", "/accounts/2fa/enrol/", "/accounts/2fa/codes/"
GUARDED = [
    "/projects/",
    "/projects/new/",
    "/projects/pid_x/",
    "/projects/pid_x/keys/",
    "/projects/pid_x/credits/",
    "/projects/pid_x/numbers/",
    "/admin/",
    "/admin/accounts/user/",
    "/accounts/",
    "/accounts/security/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/sessions/",
    "/accounts/reauthenticate/",
    "/accounts/phone/",
    "/accounts/phone/confirm/x/",
    "/accounts/2fa/reauthenticate/",
    "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/replace/",
]


def assert_locked_out(client):
    for url in GUARDED:
        for ask in (client.get, client.post):
            answer = ask(url)
            if answer.status_code == 302 and answer.url.startswith("/admin/login/"):  # admin's own redirect first
                answer = client.get(answer.url)
            assert answer.status_code in (302, 404), (url, answer.status_code)
            if answer.status_code == 302:
                assert answer.url.startswith(LOGIN), (url, answer.url)
    assert "_auth_user_id" not in client.session


# -- default deny -------------------------------------------------------------------------------------------------


def names_of_open_views():
    """Every view that may be reached without a sign-in, by its address."""

    def walk(patterns, prefix=""):
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if hasattr(pattern, "url_patterns"):
                yield from walk(pattern.url_patterns, route)
            elif not getattr(pattern.callback, "login_required", True):
                yield route

    return {route for route in walk(get_resolver().url_patterns) if route.startswith("accounts/")}


def test_only_these_account_pages_are_open():
    assert names_of_open_views() == {
        "accounts/login/",
        "accounts/logout/",
        "accounts/inactive/",
        "accounts/signup/",
        "accounts/signup/challenge/",
        "accounts/confirm-email/",
        "accounts/confirm-email/resend/",
        r"accounts/^confirm-email/(?P<key>[-:\w]+)/$",
        "accounts/password/reset/",
        "accounts/password/reset/done/",
        "accounts/password/reset/key/done/",
        r"accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        "accounts/activate/<str:key>/",
        "accounts/2fa/",
        "accounts/2fa/enrol/",
        "accounts/2fa/codes/",
    }


@pytest.mark.parametrize(
    "path",
    [
        "password/set/",
        "login/code/",
        "login/code/confirm/",
        "phone/verify/",
        "2fa/totp/",
        "3rdparty/",
        "signup/passkey/",
        "password/reset/confirm/",
    ],
)
def test_flows_that_the_portal_does_not_use_are_closed(client, path):
    assert client.get(f"/accounts/{path}").status_code in (302, 404)
    assert client.post(f"/accounts/{path}").status_code in (302, 404)
    assert "_auth_user_id" not in client.session


def test_a_stranger_reaches_nothing(client):
    assert_locked_out(client)


# -- enrolment ----------------------------------------------------------------------------------------------------


def test_first_sign_in_forces_enrolment(client, user):
    assert steps.login(client, next="/accounts/sessions/?x=1").url == STAGE
    assert_locked_out(client)
    assert client.get(STAGE).url == ENROL
    assert client.post(STAGE, {"code": "123456"}).url == ENROL
    assert client.get(CODES).url == STAGE  # cannot skip to the end
    assert client.post(CODES, {"saved": "on"}).url == STAGE
    page = client.get(ENROL)
    assert "data:image/svg+xml;base64," in page.content.decode()
    assert steps.shown_secret(page) == AuthenticatorDevice.objects.get().base32
    assert 'autocomplete="one-time-code"' in page.content.decode()
    assert client.post(ENROL, {"code": "000000"}).status_code == 422
    assert not AuthenticatorDevice.objects.filter(confirmed=True).exists()
    device = AuthenticatorDevice.objects.get()
    with time_machine.travel(time.time() + 5):
        assert client.post(ENROL, {"code": totp(device)}).url == CODES
        assert_locked_out(client)
        assert client.get(ENROL).url == CODES
        codes = steps.shown_codes(client.get(CODES))
        assert len(set(codes)) == 10
        assert steps.shown_codes(client.get(CODES)) == codes  # a reload shows the same
        assert client.post(CODES).status_code == 422  # must say that they are saved
        assert not RecoveryCodeDevice.objects.exists()
        answer = client.post(CODES, {"saved": "on"})
    assert answer.url == "/accounts/sessions/?x=1"
    assert steps.signed_in(client)
    assert client.session[DEVICE_ID_SESSION_KEY] == device.persistent_id
    assert RecoveryCode.objects.count() == 10
    for given in codes:
        assert given not in str(client.session.items())
    assert mail.outbox[-1].subject == "Your second factor is set up"


def test_codes_wait_encrypted_in_the_session(client, user):
    steps.login(client)
    client.get(ENROL)
    client.post(ENROL, {"code": totp(AuthenticatorDevice.objects.get())})
    codes = steps.shown_codes(client.get(CODES))
    stored = str(dict(client.session.items()))
    assert not [given for given in codes if given in stored]


def test_enrolment_left_before_the_codes_were_saved_goes_on_there(user):
    first, second = Client(), Client()
    steps.login(first)
    first.get(ENROL)
    device = AuthenticatorDevice.objects.get()
    first.post(ENROL, {"code": totp(device)})
    steps.login(second)
    with time_machine.travel(time.time() + 40):
        assert steps.submit(second, totp(device)).url == CODES
        assert_locked_out(second)
        assert len(steps.shown_codes(second.get(CODES))) == 10
        second.post(CODES, {"saved": "on"})
        assert steps.signed_in(second)


def test_stolen_password_cannot_add_a_device(client, enrolled):
    user, _, _ = enrolled
    steps.login(client)
    assert client.get(ENROL).url == STAGE
    assert client.post(ENROL, {"code": "123456"}).url == STAGE
    assert client.get(CODES).url == STAGE
    assert AuthenticatorDevice.objects.filter(user=user).count() == 1


def test_enrolment_that_was_overtaken_is_refused(user):
    """Two pending sign-ins, one secret each: the second cannot replace what the first set up."""
    pending = second_factor.pending_device(user=user, device_id=None)
    AuthenticatorDevice.objects.create(user=user, name="the first")
    result = second_factor.confirm(user=user, device_id=pending.pk, code=totp(pending), replacing=False)
    assert isinstance(result, second_factor.Refused)
    assert AuthenticatorDevice.objects.get(user=user, confirmed=True).name == "the first"


def test_the_secret_is_not_shared_between_sessions(user):
    eve, ada = Client(), Client()
    for client in (eve, ada):
        steps.login(client)
    secret = steps.shown_secret(eve.get(ENROL))
    assert steps.shown_secret(eve.get(ENROL)) == secret
    assert steps.shown_secret(ada.get(ENROL)) != secret


def test_cancel_leaves_the_pending_sign_in(client, user):
    steps.login(client)
    assert client.get(LOGIN).url == STAGE  # a pending sign-in resumes
    client.post("/accounts/logout/", {"next": LOGIN})
    assert client.get(LOGIN).status_code == 200
