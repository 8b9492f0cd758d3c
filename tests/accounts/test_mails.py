"""Account mails: ours, in text and HTML, links on SITE_URL whatever host the request named."""

from pathlib import Path

import allauth.account
import pytest
from django.conf import settings as portal_settings
from django.core import mail
from django.test import Client

from portal.jobs.mail import send_templated
from portal.jobs.models import OutgoingMail
from tests.accounts import steps
from tests.support.people import totp

pytestmark = pytest.mark.django_db
OURS = portal_settings.BASE_DIR / "templates"
THEIRS = Path(allauth.account.__file__).parent.parent / "templates"
UNUSED = {  # flows that the portal has closed
    "login_code",
    "password_reset_code",
    "base",
}


def html(message):
    return message.alternatives[0][0]


def test_activation_mail(client, settings):
    settings.SITE_NAME = "Numbers & <Co>"
    steps.sign_up(client)
    message = mail.outbox[-1]
    url = f"http://testserver{steps.link('activate/')}"
    assert message.subject == "Activate your account at Numbers & <Co>"
    assert url in message.body
    assert f'href="{url}"' in html(message)
    assert "Numbers &amp; &lt;Co&gt;" in html(message)
    assert "Numbers & <Co>" in message.body
    assert settings.SUPPORT_EMAIL in message.body


@pytest.mark.parametrize("path", ["signup", "reset", "unknown", "exists"])
def test_links_do_not_follow_the_host_header(client, settings, enrolled, path):
    settings.ALLOWED_HOSTS = ["*"]
    settings.SITE_URL = "https://portal.example"
    evil = Client(SERVER_NAME="evil.example", HTTP_X_FORWARDED_HOST="evil.example")
    if path in ("signup", "exists"):
        steps.sign_up(evil, email=steps.EMAIL if path == "exists" else "new@customer.example")
    else:
        address = steps.EMAIL if path == "reset" else "nobody@customer.example"
        steps.reset_mail(evil, address)
    message = mail.outbox[-1]
    for text in (message.body, html(message)):
        assert "https://portal.example/accounts/" in text
        assert "evil.example" not in text


def test_notices_say_where_the_change_came_from(enrolled):
    _, device, _ = enrolled
    client = Client(headers={"user-agent": "Browser/9 <b>"})
    steps.login(client)
    steps.submit(client, totp(device))
    client.post("/accounts/password/change/", {"oldpassword": steps.PASSWORD, "password1": "fresh long phrase 31"})
    message = mail.outbox[-1]
    assert "127.0.0.1" in message.body
    assert "Browser/9 <b>" in message.body
    assert "Browser/9 &lt;b&gt;" in html(message)


def test_every_page_and_mail_that_allauth_can_show_is_ours():
    kinds = {path.name.rsplit("_", 1)[0] for path in (THEIRS / "account/email").iterdir()} - UNUSED
    for kind in kinds:
        for ending in ("subject.txt", "message.txt", "message.html"):
            assert (OURS / f"account/email/{kind}_{ending}").is_file(), (kind, ending)
    closed = {
        "confirm_",
        "request_login_code",
        "signup_by_passkey",
        "phone_change",
        "password_set",
        "base_",
        "verified_email_required",
        "reauthenticate",
        "email.html",
    }
    for page in (THEIRS / "account").glob("*.html"):
        if not page.name.startswith(tuple(closed)) or page.name == "email_confirm.html":
            assert (OURS / "account" / page.name).is_file(), page.name


def test_mails_go_through_the_outbox(client, settings):
    settings.EMAIL_BACKEND = "portal.jobs.mail.OutboxEmailBackend"
    steps.sign_up(client)
    row = OutgoingMail.objects.get()
    assert row.to == [steps.EMAIL]
    assert [message.to for message in mail.outbox] == [[steps.EMAIL]]  # once: by the worker, from the row


def test_templated_mail_has_brand_text_and_html(tmp_path, settings):
    folder = tmp_path / "emails/hello"
    folder.mkdir(parents=True)
    (folder / "subject.txt").write_text("Hello\n {{ name }}\n")
    (folder / "body.txt").write_text('{% extends "emails/_layout.txt" %}{% block heading %}Hi {{ name }}{% endblock %}')
    (folder / "body.html").write_text(
        '{% extends "emails/_layout.html" %}{% block heading %}Hi {{ name }}{% endblock %}'
    )
    templates = [dict(settings.TEMPLATES[0]) | {"DIRS": [*settings.TEMPLATES[0]["DIRS"], tmp_path]}]
    settings.TEMPLATES = templates
    send_templated("hello", to=["a@customer.example"], context={"name": "Ada <3"})
    message = mail.outbox[-1]
    assert message.to == ["a@customer.example"]
    assert message.subject == "Hello Ada <3"
    assert "Hi Ada <3" in message.body
    assert settings.SITE_NAME in message.body
    assert "Hi Ada &lt;3" in html(message)
