"""What counts as an iOS certificate: .p8, .p12, .pem, and everything that people take for one."""

import re

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12

from projects.models import PushCredential
from projects.push.sealing import unseal
from tests.support.push import (
    APP,
    KEY_ID,
    LEGACY_KEY,
    TEAM,
    app_config,
    certificate,
    p8,
    p12,
    pem,
    rsa_key,
    service_account,
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
