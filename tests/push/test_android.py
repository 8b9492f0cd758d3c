"""What counts as an Android API key: a service account of FCM, and nothing that people take for one."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from projects.push.sealing import unseal
from tests.support.push import (
    ACCOUNT,
    FIREBASE,
    LEGACY_KEY,
    app_config,
    certificate,
    p8,
    p12,
    pem,
    pem_file,
    rsa_key,
    service_account,
)
from tests.support.refusals import refusal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limit(monkeypatch):
    monkeypatch.setattr("projects.push.services.UPLOADS_PER_MINUTE", 0)


def test_a_service_account(for_android):
    stored = for_android(service_account())
    assert (stored.kind, stored.project_name, stored.account) == ("fcm_account", FIREBASE, ACCOUNT)
    assert (stored.topic, stored.environment, stored.voip, stored.expires_at) == ("", "", False, None)
    assert stored.key_id == "0123456789abcdef0123456789abcdef01234567"
    secret = {"private_key": pem(rsa_key()).decode(), "token_uri": "https://oauth2.googleapis.com/token"}
    assert unseal(stored) == secret


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbf" + service_account(),
        service_account(private_key=pem(rsa_key()).decode().replace("\n", "\\n")),
        service_account(private_key_id=None),
        service_account(project_id="acme.example:calls-123"),
        service_account(client_email="acme-calls-1a2b3@appspot.gserviceaccount.com"),
        service_account(token_uri="https://www.googleapis.com/oauth2/v4/token"),
    ],
    ids=["BOM", "line ends written out", "no key id", "project of a domain", "App Engine", "older token address"],
)
def test_variants_of_it(data, for_android):
    assert for_android(data).kind == "fcm_account"


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"project_id": None}, "“project_id” is missing"),
        ({"client_email": " "}, "“client_email” is missing"),
        ({"private_key": None}, "“private_key” is missing"),
        ({"private_key": ["a"]}, "“private_key” is missing"),
        ({"token_uri": None}, "“token_uri” is missing"),
        ({"project_id": "Acme Calls"}, "“project_id” is not what Google writes"),
        ({"client_email": "ada@example.com"}, "“client_email” is not what Google writes"),
        ({"client_email": "a@evil.example/.gserviceaccount.com"}, "“client_email” is not what Google writes"),
        ({"private_key": "-----BEGIN PRIVATE KEY-----\nAA==\n-----END PRIVATE KEY-----\n"}, "“private_key” is not"),
        ({"private_key": pem(ec.generate_private_key(ec.SECP256R1())).decode()}, "“private_key” is not"),
        ({"private_key": pem(rsa_key("small", 1024)).decode()}, "“private_key” is not"),
        ({"private_key": pem(rsa_key(), "secret").decode()}, "“private_key” is not"),
        ({"private_key": "\ud800"}, "“private_key” is not"),
        ({"token_uri": "http://oauth2.googleapis.com/token"}, "“token_uri”"),
        ({"token_uri": "https://oauth2.googleapis.com.evil.example/token"}, "“token_uri”"),
        ({"token_uri": "https://evilgoogleapis.com/token"}, "“token_uri”"),
        ({"token_uri": "https://oauth2.googleapis.com@evil.example/token"}, "“token_uri”"),
        ({"token_uri": "https://user@oauth2.googleapis.com/token"}, "“token_uri”"),
        ({"token_uri": "https://oauth2.googleapis.com:8443/token"}, "“token_uri”"),
        ({"token_uri": "https://[::1/token"}, "“token_uri”"),
        ({"token_uri": "https://169.254.169.254/token"}, "“token_uri”"),
    ],
)
def test_one_with_a_field_that_is_not_googles(changes, part, for_android):
    error = refusal(for_android, service_account(**changes))
    assert (error.code, error.field, error.status) == ("push_service_account_invalid", "file", 422)
    assert part in error.message
    assert "Generate a new private key" in error.message


@pytest.mark.parametrize("data", [LEGACY_KEY, f"\n {LEGACY_KEY}\r\n"])
def test_a_legacy_key_is_told_why(data, for_android):
    error = refusal(for_android, data.encode())
    assert (error.code, error.field) == ("push_legacy_key", "file")
    assert "Google shut down the API that took such keys in 2024" in error.message
    assert "service account: in the Firebase console" in error.message
    assert "APA91b" not in error.message


WRONG = {
    "google-services.json": (app_config(), "google-services.json, the configuration that goes into your app"),
    "GoogleService-Info.plist": (b"bplist00GOOGLE_APP_ID", "goes into your iOS app"),
    "a device token": (b"dQw4w9WgXcQ1:APA91b" + b"x" * 130, "registration token of a device"),
    "an API key": (b"AIzaSy" + b"x" * 33, "API key (AIza…)"),
    "a login of gcloud": (service_account(type="authorized_user"), "account file of another kind"),
    "an OAuth client": (b'{"installed": {"client_id": "x"}}', "account file of another kind"),
    "a keystore": (b"\xfe\xed\xfe\xed\x00", "keystore"),
    "a .p8": (p8(), "upload it as the iOS certificate"),
    "a .p12": (p12(certificate()), "upload it as the iOS certificate"),
    "a .pem": (pem_file(certificate()), "upload it as the iOS certificate"),
    "the key alone": (b"-----BEGIN RSA PRIVATE KEY-----", "the whole JSON file is needed"),
    "a ZIP": (b"PK\x03\x04rest", "Unpack it"),
    "other JSON": (b'{"a": 1}', "not the JSON file of a service account"),
    "a list": (b"[1]", "not the JSON file of a service account"),
    "broken JSON": (service_account()[:-5], "not the JSON file of a service account"),
    "deep JSON": (b'{"a":' * 9000, "not the JSON file of a service account"),
    "a huge number": (b'{"a": ' + b"9" * 6000 + b"}", "not the JSON file of a service account"),
}


@pytest.mark.parametrize("what", WRONG)
def test_another_file(what, for_android):
    data, part = WRONG[what]
    error = refusal(for_android, data)
    assert (error.code, error.field, error.status) == ("push_wrong_file", "file", 422)
    assert part in error.message
