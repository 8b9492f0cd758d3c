"""Push certificates as .p12 and .pem: which will do, what they say of themselves, and the words of each refusal."""

from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID

from projects.push.sealing import unseal
from tests.support.push import (
    APP,
    APPLE,
    DEVELOPMENT,
    ENDS,
    NOW,
    NULL,
    PASSWORD,
    PRODUCTION,
    TEAM,
    TOPICS,
    VOIP,
    certificate,
    p12,
    pem,
    pem_file,
    rsa_key,
    topic_list,
)
from tests.support.refusals import refusal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_limit(monkeypatch):
    monkeypatch.setattr("projects.push.services.UPLOADS_PER_MINUTE", 0)


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
