"""The second factor's devices: nothing readable at rest, each code once, slower after each failure."""

from base64 import b32encode

import pytest
import time_machine
from django.contrib.auth import SESSION_KEY
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django_otp import DEVICE_ID_SESSION_KEY, devices_for_user
from django_otp.models import Device

from portal.accounts.devices import RecoveryCode, new_recovery_codes
from portal.accounts.models import AuthenticatorDevice, RecoveryCodeDevice
from tests.support.people import make_user, sign_in, totp

pytestmark = pytest.mark.django_db
NOON = 1_800_000_000


@pytest.fixture
def device():
    return AuthenticatorDevice.objects.create(user=make_user(), name="Phone")


@pytest.fixture
def recovery():
    device = RecoveryCodeDevice.objects.create(user=make_user(), name="Recovery codes")
    device.given = new_recovery_codes()
    device.replace_codes(device.given)
    return device


def raw_rows(*tables):
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"SELECT to_json(t)::text FROM {table} t")
            yield from (row[0] for row in cursor.fetchall())


def test_devices_are_found_by_django_otp(device):
    assert list(devices_for_user(device.user)) == [device]
    assert Device.from_persistent_id(device.persistent_id) == device


def test_signed_in_client_counts_as_verified(client):
    sign_in(client, make_user())
    answer = client.get("/accounts/")
    assert answer.url == "/accounts/security/"
    assert answer.wsgi_request.user.is_verified()


def test_the_person_and_their_app_are_one_query(client):
    sign_in(client, make_user())
    with CaptureQueriesContext(connection) as asked:
        assert client.get("/projects/").wsgi_request.user.is_verified()
    assert sum("accounts_authenticatordevice" in each["sql"] for each in asked) == 1


@pytest.mark.parametrize("of_session", ["removed", "unconfirmed", "somebody else's", "recovery codes", "nonsense"])
def test_only_a_device_that_the_person_has_keeps_a_session_verified(client, of_session):
    user = make_user()
    sign_in(client, user)
    devices = AuthenticatorDevice.objects.filter(user=user)
    store = client.session
    if of_session == "removed":
        devices.delete()
    elif of_session == "unconfirmed":
        devices.update(confirmed=False)
    elif of_session == "somebody else's":
        store[DEVICE_ID_SESSION_KEY] = AuthenticatorDevice.objects.create(user=make_user()).persistent_id
    elif of_session == "recovery codes":
        store[DEVICE_ID_SESSION_KEY] = RecoveryCodeDevice.objects.create(user=user).persistent_id
    else:
        store[DEVICE_ID_SESSION_KEY] = "accounts.nothing/1"
    store.save()
    stays = of_session == "recovery codes"
    assert client.get("/accounts/security/").status_code == (200 if stays else 302)
    assert (SESSION_KEY in client.session) is stays


def test_secret_is_not_readable_in_the_database(device):
    rows = "".join(raw_rows("accounts_authenticatordevice"))
    secret = device.secret
    assert len(secret) == 20
    base32 = b32encode(secret).decode()
    for readable in (secret.hex(), base32, base32.lower(), repr(secret)):
        assert readable not in rows


def test_secret_survives_a_key_rotation(device, settings):
    secret, old = device.secret, settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = ["bmV3LWtleS1uZXcta2V5LW5ldy1rZXktbmV3LWtleS0=", *old]
    device.refresh_from_db()
    assert device.secret == secret


def test_each_device_has_its_own_secret(device):
    assert AuthenticatorDevice.objects.create(user=make_user(), name="x").secret != device.secret


def test_a_code_works_once_in_the_whole_tolerance_window(device):
    with time_machine.travel(NOON, tick=False):
        token = totp(device)
        assert device.verify_token(token)
        device.refresh_from_db()
        assert not device.verify_token(token)
    with time_machine.travel(NOON + 31, tick=False):
        assert not device.verify_token(token)


@pytest.mark.parametrize(("seconds", "accepted"), [(-61, False), (-30, True), (30, True), (61, False)])
def test_clock_tolerance_is_one_step(device, seconds, accepted):
    with time_machine.travel(NOON, tick=False):
        assert device.verify_token(totp(device, NOON + seconds)) is accepted


@pytest.mark.parametrize(
    "token", ["", "12345", "1234567", "+12345", "１２３４５６", "12\x003456", "1_2345", "a" * 9999]
)
def test_nonsense_is_a_failure_not_an_error(device, token):
    assert not device.verify_token(token)
    assert device.throttling_failure_count == 1


def test_spaces_in_a_code_do_not_count(device):
    token = totp(device)
    assert device.verify_token(f" {token[:3]} {token[3:]} ")


def test_wrong_codes_are_held_against_the_password_and_a_right_one_makes_up_for_some(device):
    for failures in range(1, 8):
        assert not device.verify_token("000000")
        assert device.throttling_failure_count == failures
    assert device.verify_token(totp(device))
    assert device.throttling_failure_count == 2


def test_one_confirmed_authenticator_per_person(device):
    AuthenticatorDevice.objects.create(user=device.user, name="pending", confirmed=False)
    with pytest.raises(IntegrityError, match="authenticator_one_per_user"), transaction.atomic():
        AuthenticatorDevice.objects.create(user=device.user, name="second")


def test_recovery_codes_are_hashed_with_a_key(recovery, settings):
    rows = "".join(raw_rows("accounts_recoverycode", "accounts_recoverycodedevice"))
    for given in recovery.given:
        assert given not in rows
        assert given.replace("-", "") not in rows
    before = RecoveryCode.objects.first().digest
    settings.ENCRYPTION_KEYS = ["bmV3LWtleS1uZXcta2V5LW5ldy1rZXktbmV3LWtleS0="]
    recovery.replace_codes(recovery.given)
    assert not RecoveryCode.objects.filter(digest=before).exists()


def test_recovery_codes_survive_a_key_rotation(recovery, settings):
    settings.ENCRYPTION_KEYS = ["bmV3LWtleS1uZXcta2V5LW5ldy1rZXktbmV3LWtleS0=", *settings.ENCRYPTION_KEYS]
    assert recovery.verify_token(recovery.given[0])


def test_recovery_code_is_single_use_and_spelling_is_forgiven(recovery):
    assert len(set(recovery.given)) == 10
    assert recovery.verify_token(recovery.given[0].upper().replace("-", " "))
    assert recovery.left == 9
    assert not recovery.verify_token(recovery.given[0])
    assert recovery.throttling_failure_count == 1


def test_new_codes_void_the_old(recovery):
    recovery.replace_codes(new_recovery_codes())
    assert not recovery.verify_token(recovery.given[3])


def test_recovery_code_of_somebody_else_is_refused(recovery):
    other = RecoveryCodeDevice.objects.create(user=make_user(), name="Recovery codes")
    assert not other.verify_token(recovery.given[0])
