"""Keys and certificates as Apple and Google give them out, of an invented authority. Made once: RSA keys take time."""

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption, PrivateFormat, pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

APP, TEAM, KEY_ID, PASSWORD = "com.example.app", "A1B2C3D4E5", "K9L8M7N6P5", "vom Mac: ½ p@ss"
NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)
ENDS = NOW + timedelta(days=300)
APPLE = "1.2.840.113635.100.6."
DEVELOPMENT, PRODUCTION, VOIP, TOPICS = (f"{APPLE}3.{number}" for number in (1, 2, 4, 6))
NULL = b"\x05\x00"
FIREBASE, ACCOUNT = "acme-calls-1a2b3", "firebase-adminsdk-x1y2z@acme-calls-1a2b3.iam.gserviceaccount.com"
LEGACY_KEY = "AAAAq3x_7Zc:APA91b" + "Hk3-_" * 26


@cache
def rsa_key(name: str = "first", bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, bits)


def pem(key: Any, password: str = "", kind: PrivateFormat = PrivateFormat.PKCS8) -> bytes:
    how = BestAvailableEncryption(password.encode()) if password else NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, kind, how)


def p8(curve: ec.EllipticCurve | None = None) -> bytes:
    return pem(ec.generate_private_key(curve or ec.SECP256R1()))


def der(tag: int, content: bytes) -> bytes:
    size, wide = len(content), len(content).to_bytes(2, "big").lstrip(b"\0")
    length = bytes([size]) if size < 128 else bytes([0x80 | len(wide)]) + wide
    return bytes([tag]) + length + content


def topic_list(*topics: str) -> bytes:
    """As in Apple's extension: a topic, then what kind it is."""
    rows = (der(0x0C, topic.encode()) + der(0x30, der(0x0C, topic.rpartition(".")[2].encode())) for topic in topics)
    return der(0x30, b"".join(rows))


def push_extensions(app: str = APP) -> dict[str, bytes]:
    """Of today's "Apple Push Services" certificates: both environments, and all topics of the app."""
    topics = topic_list(app, f"{app}.voip", f"{app}.complication")
    return {DEVELOPMENT: NULL, PRODUCTION: NULL, TOPICS: topics}


def certificate(
    extensions: dict[str, bytes] | None = None,
    *,
    uid: str | None = APP,
    name: str = f"Apple Push Services: {APP}",
    team: str = TEAM,
    begins: datetime = NOW - timedelta(days=65),
    ends: datetime = ENDS,
    key: Any = None,
    usage: x509.ObjectIdentifier = ExtendedKeyUsageOID.CLIENT_AUTH,
) -> x509.Certificate:
    """Signed by an authority that is called like Apple's."""
    subject = [(NameOID.USER_ID, uid)] if uid is not None else []
    subject += [(NameOID.COMMON_NAME, name), (NameOID.ORGANIZATIONAL_UNIT_NAME, team), (NameOID.COUNTRY_NAME, "US")]
    issuer = "Apple Worldwide Developer Relations Certification Authority"
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(oid, value) for oid, value in subject]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key((key or rsa_key()).public_key())
        .serial_number(4711)
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    )
    for oid, value in (push_extensions() if extensions is None else extensions).items():
        builder = builder.add_extension(x509.UnrecognizedExtension(x509.ObjectIdentifier(oid), value), critical=False)
    return builder.sign(rsa_key("authority"), hashes.SHA256())


def p12(
    certificate: x509.Certificate | None,
    key: Any = None,
    password: str = "",
    *,
    legacy: bool = False,
    rounds: int = 2048,
    chain: list[x509.Certificate] | None = None,
) -> bytes:
    """``legacy``: encrypted with triple DES and SHA-1, as Keychain Access and older OpenSSL do."""
    how: Any = NoEncryption()
    if password:
        ciphers = pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC, pkcs12.PBES.PBESv2SHA256AndAES256CBC
        builder = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(rounds)
        builder = builder.key_cert_algorithm(ciphers[0] if legacy else ciphers[1])
        how = builder.hmac_hash(hashes.SHA1() if legacy else hashes.SHA256()).build(password.encode())
    return pkcs12.serialize_key_and_certificates(b"push", key or rsa_key(), certificate, chain, how)


def pem_file(certificate: x509.Certificate, key: bytes | None = None) -> bytes:
    """As ``openssl pkcs12 -nodes`` writes it, with attributes between the blocks."""
    bag = b"Bag Attributes\n    friendlyName: Apple Push Services\n    localKeyID: 01 02\n"
    return bag + certificate.public_bytes(serialization.Encoding.PEM) + bag + (key or pem(rsa_key()))


def service_account(**changes: Any) -> bytes:
    """A change to None leaves the field out."""
    fields: dict[str, Any] = {
        "type": "service_account",
        "project_id": FIREBASE,
        "private_key_id": "0123456789abcdef0123456789abcdef01234567",
        "private_key": pem(rsa_key()).decode(),
        "client_email": ACCOUNT,
        "client_id": "100000000000000000001",
        "auth_uri": "https://accounts.google.com/o/oauth2/auth",
        "token_uri": "https://oauth2.googleapis.com/token",
        "universe_domain": "googleapis.com",
    } | changes
    return json.dumps({name: value for name, value in fields.items() if value is not None}, indent=2).encode()


def app_config() -> bytes:
    """google-services.json"""
    client = {"client_info": {"mobilesdk_app_id": "1:1:android:1"}, "api_key": [{"current_key": "AIza" + "x" * 35}]}
    return json.dumps({"project_info": {"project_id": FIREBASE}, "client": [client]}).encode()
