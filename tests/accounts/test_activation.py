"""From the link in the mail to an account: it works once, for whoever knows the password, and reveals nothing."""

import re
import time

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.utils import timezone

from portal.accounts import calling_codes, sign_ups
from portal.accounts.models import SignUp, User
from portal.jobs.outbox import run_due_jobs
from tests.accounts import steps
from tests.accounts.test_sign_up import ACTIVATE, CONFIRM, errors

pytestmark = pytest.mark.django_db


# -- activation ---------------------------------------------------------------------------------------------------


def test_link_needs_the_password_and_leads_to_the_second_factor(client):
    steps.sign_up(client)
    url = steps.link("activate/")
    assert client.get(url).status_code == 200
    assert not User.objects.exists()
    assert client.post(url).status_code == 422
    assert not User.objects.exists()
    assert steps.activate(client, url=url).url == "/accounts/2fa/"
    assert User.objects.exists()
    assert not steps.signed_in(client)


def test_link_works_once(client):
    steps.sign_up(client)
    url = steps.link("activate/")
    steps.activate(client, url=url)
    again = Client()
    assert "no longer valid" in steps.text(again.get(url))
    answer = steps.activate(again, url=url)
    assert answer.status_code == 410
    assert "Send a new link" in steps.text(answer)


def test_link_expires_after_two_days(client):
    steps.sign_up(client)
    url = steps.link("activate/")
    with time_machine.travel(time.time() + 2 * 86400 + 5):
        assert "no longer valid" in steps.text(client.get(url))
        assert steps.activate(client, url=url).status_code == 410
        sign_ups.forget_expired(now=timezone.now())
    assert not User.objects.exists()
    assert not SignUp.objects.exists()


@pytest.mark.parametrize("key", ["x", "MQ:abc:def", "9" * 500])
@pytest.mark.parametrize("page", [CONFIRM, ACTIVATE])
def test_link_forged(client, page, key):
    assert client.get(f"{page}{key}/").status_code == 200
    assert client.post(f"{page}{key}/").status_code == 410


def test_unactivated_account_cannot_sign_in_and_is_led_to_its_mail(client):
    steps.sign_up(client)
    answer = steps.login(Client())
    assert answer.context["form"].non_field_errors() == ["E-mail address or password is wrong."]
    assert f'href="{CONFIRM}"' in answer.content.decode()
    assert not steps.signed_in(client)


@pytest.mark.parametrize("password", [steps.PASSWORD, "not the password 1"])
def test_signing_in_before_the_activation_sends_the_same_mail(client, password):
    steps.sign_up(client)
    first = mail.outbox[-1]
    answer = steps.login(Client(), password=password)
    run_due_jobs()
    again = mail.outbox[-1]
    assert again is not first
    assert (again.to, again.subject) == (first.to, first.subject)
    assert "Open the link in our e-mail first; we have sent it again" in steps.text(answer)
    assert steps.activate(Client()).url == "/accounts/2fa/"


@pytest.mark.parametrize("email", ["nobody@customer.example", steps.EMAIL], ids=["unknown", "active"])
def test_signing_in_wrongly_sends_no_mail_where_nothing_waits(client, user, email):
    steps.login(client, email=email, password="not the password 1")
    run_due_jobs()
    assert mail.outbox == []


def test_that_the_account_is_active_is_said_where_one_goes_on(client):
    """On the page of the second factor, and above the sign-in form when that was left; with the address filled in."""
    steps.sign_up(client)
    used = steps.link("activate/")
    assert steps.activate(client).url == "/accounts/2fa/"
    assert "Your account is active. One more step" in steps.text(client.get("/accounts/2fa/", follow=True))
    client.post("/accounts/logout/")
    for page in (client.get("/accounts/login/"), client.get(used, follow=True)):
        assert "Your account is active. Sign in" in steps.text(page)
        assert f'value="{steps.EMAIL}"' in page.content.decode()
    steps.login(client)
    steps.enrol(client, User.objects.get())
    assert "activated" not in client.session


def test_a_scanner_that_follows_the_link_activates_nothing(client):
    steps.sign_up(client)
    scanner = Client()
    scanner.get(steps.link("activate/"), follow=True)
    assert not User.objects.exists()
    assert "Your account is active" not in steps.text(scanner.get("/accounts/login/"))


def test_a_new_link_can_be_asked_for_and_is_limited(client):
    steps.sign_up(client)
    stranger, sent = Client(), len(mail.outbox)
    for _ in range(4):
        assert steps.resend(stranger).status_code == 200
    assert len(mail.outbox) == sent + 2  # three a minute, one of them at sign-up
    assert steps.activate(stranger).url == "/accounts/2fa/"


@pytest.mark.parametrize("known", ["nobody@customer.example", steps.EMAIL], ids=["unknown", "active"])
def test_asking_for_a_link_reveals_nothing(client, user, known):
    waiting = Client()
    steps.sign_up(waiting, email="waits@customer.example")
    sent = len(mail.outbox)

    def ask(address):
        page = steps.resend(Client(), address).content.decode()
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page).replace(address, "ADDRESS")

    assert ask(known) == ask("waits@customer.example")
    assert [message.to for message in mail.outbox[sent:]] == [["waits@customer.example"]]


def test_asking_for_a_link_with_nonsense(client):
    answer = client.post(f"{CONFIRM}resend/", {"email": "nope\x00"})
    assert answer.status_code == 422
    assert "email" in errors(answer)
    assert client.get(f"{CONFIRM}resend/").url == CONFIRM


def test_picker_knows_every_region_by_name():
    rows = dict(calling_codes.choices())
    assert len(rows) > 230
    assert rows["GB"] == "United Kingdom (+44)"
    assert not [label for label in rows.values() if label.startswith("*")]
    assert calling_codes.region_of_browser("en-GB,en;q=0.9") == "GB"
    assert calling_codes.region_of_browser("\x00garbage;;") == "US"
