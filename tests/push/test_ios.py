"""What counts as an iOS certificate: .p8, .p12, .pem, and everything that people take for one."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import PrivateFormat, load_pem_private_key, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID

from projects.models import PushCredential
from projects.push.sealing import unseal
from tests.support.push import (
    APP,
    APPLE,
    DEVELOPMENT,
    ENDS,
    KEY_ID,
    LEGACY_KEY,
    NOW,
    NULL,
    PASSWORD,
    PRODUCTION,
    TEAM,
    TOPICS,
    VOIP,
    app_config,
    certificate,
    p8,
    p12,
    pem,
    pem_file,
    rsa_key,
    service_account,
    topic_list,
)
from tests.support.refusals import refusal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limit(monkeypatch):
    monkeypatch.setattr("projects.push.services.UPLOADS_PER_MINUTE", 0)


class TestKey:
    def test_a_p8_with_its_ids(self, for_ios):
        data = p8()
        stored = for_ios(data, bundle_id=f" {APP} ", key_id=KEY_ID.lower(), team_id=f"{TEAM} ")
        assert (stored.kind, stored.topic, stored.key_id, stored.team_id) == ("apns_key", APP, KEY_ID, TEAM)
        assert (stored.environment, stored.voip, stored.expires_at) == ("both", True, None)
        assert re.fullmatch("[0-9a-f]{64}", stored.fingerprint)
        assert unseal(stored) == {"private_key": data.decode()}

    @pytest.mark.parametrize("data", [b"\xef\xbb\xbf" + p8(), p8().replace(b"\n", b"\r\n"), b"\n\n" + p8() + b"\n\n"])
    def test_however_an_editor_saved_it(self, data, for_ios):
        assert for_ios(data, bundle_id=APP).kind == "apns_key"

    @pytest.mark.parametrize("name", [f"AuthKey_{KEY_ID}.p8", f"AuthKey_{KEY_ID} (1).p8", f"AuthKey_{KEY_ID}(2).p8"])
    def test_the_name_of_the_file_gives_the_key_id(self, name, for_ios):
        assert for_ios(p8(), bundle_id=APP, key_id="", name=name).key_id == KEY_ID

    @pytest.mark.parametrize(
        ("given", "field", "part"),
        [
            ({"key_id": ""}, "key_id", "A .p8 key needs its Key ID."),
            ({"key_id": "K9L8M7N6P"}, "key_id", "exactly 10"),
            ({"key_id": "K9L8-7N6P5"}, "key_id", "exactly 10"),
            ({"team_id": ""}, "team_id", "A .p8 key needs its Team ID."),
            ({"team_id": "Ä1B2C3D4E5"}, "team_id", "exactly 10"),
            ({"bundle_id": ""}, "bundle_id", "enter the bundle ID"),
            ({"bundle_id": "app"}, "bundle_id", "for example com.example.app"),
            ({"bundle_id": "com.example.*"}, "bundle_id", "for example com.example.app"),
            ({"bundle_id": "com." + "x" * 152}, "bundle_id", "for example com.example.app"),
        ],
    )
    def test_ids_that_will_not_do(self, given, field, part, for_ios):
        error = refusal(for_ios, p8(), **({"bundle_id": APP} | given))
        assert (error.code, error.field, error.status) == (f"push_{field}_invalid", field, 422)
        assert part in error.message

    @pytest.mark.parametrize(
        "data",
        [
            p8(ec.SECP384R1()),
            p8(ec.SECP256K1()),
            pem(ed25519.Ed25519PrivateKey.generate()),
            pem(rsa_key()),
            pem(ec.generate_private_key(ec.SECP256R1()), "secret"),
        ],
        ids=["P-384", "secp256k1", "Ed25519", "RSA", "with a password"],
    )
    def test_another_kind_of_key(self, data, for_ios):
        error = refusal(for_ios, data, bundle_id=APP, password="secret")
        assert (error.code, error.field) == ("push_key_unsuitable", "file")

    def test_a_damaged_one(self, for_ios):
        data = p8()
        assert refusal(for_ios, data[:60] + data[80:], bundle_id=APP).code == "push_file_damaged"


def stored_pair(stored):
    """Key and certificate as a sender would read them; they belong together."""
    secret = unseal(stored)
    key = load_pem_private_key(secret["private_key"].encode(), None)
    found = x509.load_pem_x509_certificate(secret["certificate"].encode())
    assert key.public_key() == found.public_key()
    return found


class TestCertificate:
    @pytest.mark.parametrize("legacy", [True, False], ids=["triple DES", "AES"])
    def test_a_p12_with_its_password(self, legacy, for_ios):
        given = certificate()
        stored = for_ios(p12(given, password=PASSWORD, legacy=legacy), password=PASSWORD)
        assert (stored.kind, stored.topic, stored.team_id, stored.key_id) == ("apns_cert", APP, TEAM, "")
        assert (stored.environment, stored.voip, stored.expires_at) == ("both", True, ENDS)
        assert stored.fingerprint == given.fingerprint(hashes.SHA256()).hex()
        assert stored_pair(stored) == given
        assert PASSWORD not in str(unseal(stored))

    def test_a_p12_as_keychain_access_writes_it(self, for_ios):
        """The certificate encrypted with RC2 of 40 bits, which ``cryptography`` reads and does not write: made by
        ``openssl pkcs12 -export -legacy`` of an invented key."""
        data = (Path(__file__).parent / "cases" / "keychain.p12").read_bytes()
        assert for_ios(data, password="keychain").topic == APP
        assert refusal(for_ios, data, password="Keychain").code == "push_password_wrong"

    @pytest.mark.parametrize("password", ["", "not needed"])
    def test_a_p12_without_password(self, password, for_ios):
        assert for_ios(p12(certificate()), password=password).topic == APP

    def test_a_p12_with_its_chain(self, for_ios):
        authority = certificate(name="Apple WWDR", key=rsa_key("authority"))
        assert for_ios(p12(certificate(), chain=[authority])).topic == APP

    @pytest.mark.parametrize("kind", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
    @pytest.mark.parametrize("password", ["", "secret"])
    def test_a_pem_with_and_without_password(self, kind, password, for_ios):
        given = certificate()
        stored = for_ios(pem_file(given, pem(rsa_key(), password, kind)), password=password or "not needed")
        assert stored_pair(stored) == given

    def test_a_pem_with_the_certificates_of_the_authority_first(self, for_ios):
        authority = certificate(name="Apple WWDR", key=rsa_key("authority"))
        data = authority.public_bytes(serialization.Encoding.PEM) + pem_file(certificate())
        assert for_ios(data).topic == APP

    @pytest.mark.parametrize(
        ("extensions", "environment", "voip"),
        [
            ({DEVELOPMENT: NULL}, "development", False),
            ({PRODUCTION: NULL}, "production", False),
            ({DEVELOPMENT: NULL, PRODUCTION: NULL}, "both", False),
            ({TOPICS: topic_list(APP)}, "both", False),
            ({PRODUCTION: NULL, TOPICS: topic_list(APP, f"{APP}.voip")}, "production", True),
            ({PRODUCTION: NULL, VOIP: NULL}, "production", True),
            ({PRODUCTION: NULL, TOPICS: b"\x30\x84\xff\xff\xff\xff"}, "production", False),
            ({PRODUCTION: NULL, TOPICS: b"\x30"}, "production", False),
            ({PRODUCTION: NULL, TOPICS: b"\x30\x03\x0c\x01\xff"}, "production", False),
        ],
    )
    def test_environment_and_calls_follow_its_extensions(self, extensions, environment, voip, for_ios):
        stored = for_ios(p12(certificate(extensions)))
        assert (stored.environment, stored.voip) == (environment, voip)

    def test_its_own_bundle_id_may_be_entered_and_no_other(self, for_ios):
        assert for_ios(p12(certificate()), bundle_id=APP).topic == APP
        error = refusal(for_ios, p12(certificate()), bundle_id="com.example.other")
        assert (error.code, error.field) == ("push_bundle_id_differs", "bundle_id")
        assert APP in error.message

    @pytest.mark.parametrize("make", [p12, lambda given, password="": pem_file(given, pem(rsa_key(), password))])
    def test_its_password_is_asked_for_and_checked(self, make, for_ios):
        data = make(certificate(), password="secret")
        for password, code in (("", "push_password_missing"), ("Secret", "push_password_wrong")):
            error = refusal(for_ios, data, password=password)
            assert (error.code, error.field) == (code, "password")
            assert "secret" not in error.message

    def test_the_key_must_be_its_own(self, for_ios):
        strangers = p12(None, rsa_key("other"), chain=[certificate()])
        for data in (pem_file(certificate(), pem(rsa_key("other"))), strangers):
            error = refusal(for_ios, data)
            assert (error.code, error.field) == ("push_key_mismatch", "file")

    @pytest.mark.parametrize(
        ("changes", "part"),
        [
            ({"extensions": {f"{APPLE}1.4": NULL}, "name": "iPhone Distribution: Acme"}, "iPhone Distribution: Acme"),
            ({"extensions": {f"{APPLE}1.2": NULL}}, "signs apps"),
            ({"extensions": {}, "usage": ExtendedKeyUsageOID.CODE_SIGNING}, "signs apps"),
            ({"extensions": {}, "name": "shop.example"}, "“shop.example”, was not issued for Apple’s push service"),
            ({"extensions": {}, "name": "a\nb"}, "This certificate was not issued"),
            ({"uid": "pass.com.example.ticket"}, "Wallet"),
            ({"uid": "web.com.example.news"}, "websites"),
            ({"uid": "com.apple.mgmt.External.0f8f"}, "managing devices"),
            ({"uid": None}, "no bundle ID"),
            ({"uid": "<b>app</b>.example"}, "no bundle ID"),
        ],
    )
    def test_one_for_something_else(self, changes, part, for_ios):
        error = refusal(for_ios, p12(certificate(**changes)))
        assert (error.code, error.field) == ("push_not_push_certificate", "file")
        assert part in error.message
        assert "Create an “Apple Push Notification service SSL” certificate" in error.message

    def test_an_expired_one(self, for_ios):
        for_ios(p12(certificate()), now=ENDS - timedelta(seconds=1))
        error = refusal(for_ios, p12(certificate()), now=ENDS)
        assert (error.code, error.field) == ("push_certificate_expired", "file")
        assert "expired on 30 August 2027" in error.message

    def test_one_of_the_future(self, for_ios):
        error = refusal(for_ios, p12(certificate(begins=NOW + timedelta(days=1))))
        assert error.code == "push_certificate_not_valid_yet"
        assert "4 November 2026" in error.message

    @pytest.mark.parametrize("key", [rsa_key("small", 1024), ec.generate_private_key(ec.SECP256R1())])
    def test_one_with_a_weak_or_another_key(self, key, for_ios):
        assert refusal(for_ios, p12(certificate(key=key), key)).code == "push_key_unsuitable"


def der_of(given):
    return given.public_bytes(serialization.Encoding.DER)


WRONG = {
    "a .cer file": (der_of(certificate()), "without its private key"),
    "a certificate as PEM": (certificate().public_bytes(serialization.Encoding.PEM), "without its private key"),
    "a p12 without a key": (
        pkcs12.serialize_key_and_certificates(b"x", None, certificate(), None, serialization.NoEncryption()),
        "without its private key",
    ),
    "an RSA key": (pem(rsa_key(), kind=PrivateFormat.TraditionalOpenSSL), "private key without its certificate"),
    "a p12 without a certificate": (p12(None), "no certificate in this file"),
    "a request": (b"-----BEGIN CERTIFICATE REQUEST-----\nAA==\n-----END CERTIFICATE REQUEST-----", "the request"),
    "a public key": (b"-----BEGIN PUBLIC KEY-----\nAA==\n-----END PUBLIC KEY-----", "only a public key"),
    "a profile": (b"\x30\x82\x10\x00\x06\x09<?xml version='1.0'?><plist>", "provisioning profile"),
    "a service account": (service_account(), "upload it as the Android API key"),
    "google-services.json": (app_config(), "google-services.json"),
    "GoogleService-Info.plist": (b"<?xml version='1.0'?><plist><key>GOOGLE_APP_ID</key></plist>", "GoogleService-Info"),
    "a legacy key": (LEGACY_KEY.encode(), "legacy server key of Google"),
    "a ZIP": (b"PK\x03\x04rest", "Unpack it"),
    "a picture": (b"\x89PNG\r\n\x1a\n\x00", "neither a .p8, .p12 nor .pem file"),
    "other DER": (b"\x30\x03\x02\x01\x05", "neither a .p8, .p12 nor .pem file"),
    "text": ("Grüße".encode(), "neither a .p8, .p12 nor .pem file"),
}


@pytest.mark.parametrize("what", WRONG)
def test_another_file(what, for_ios):
    data, part = WRONG[what]
    error = refusal(for_ios, data)
    assert (error.code, error.field, error.status) == ("push_wrong_file", "file", 422)
    assert part in error.message
    assert not PushCredential.objects.exists()
