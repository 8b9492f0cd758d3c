"""A certification authority of the tests, and what servers have from it."""

import datetime
import ssl

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


class Authority:
    """``ca_file`` is its certificate; files are written to ``folder``."""

    def __init__(self, folder):
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Authority of the tests")])
        self.ca_file = str(folder / "authority.pem")
        certificate = self._signed(self.name, self.key, [x509.BasicConstraints(ca=True, path_length=None)], NOW + DAY)
        with open(self.ca_file, "wb") as file:
            file.write(certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, name, *, until=NOW + DAY, self_signed=False):
        """The TLS context of a server with a certificate for ``name``."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        extensions = [x509.SubjectAlternativeName([x509.DNSName(name)])]
        issuer = (subject, key) if self_signed else None
        certificate = self._signed(subject, key, extensions, until, issuer)
        path = self.folder / f"{certificate.serial_number}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _signed(self, subject, key, extensions, until, issuer=None):
        issuer_name, issuer_key = issuer or (self.name, self.key)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer_name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(until - 3 * DAY)
            .not_valid_after(until)
        )
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
        for extension in [*extensions, x509.SubjectKeyIdentifier.from_public_key(key.public_key()), identifier]:
            builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return builder.sign(issuer_key, hashes.SHA256())
