import re
import time

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.conf import settings as portal_settings
from django.core import mail
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.accounts import calling_codes, sign_ups
from portal.accounts.models import SignUp, User
from portal.jobs.outbox import run_due_jobs
from tests.accounts import steps

pytestmark = pytest.mark.django_db
CONFIRM, ACTIVATE = "/accounts/confirm-email/", "/accounts/activate/"


def errors(response):
    return response.context["form"].errors


def test_form_is_complete_and_offers_the_browsers_country(client):
    page = client.get("/accounts/signup/", headers={"accept-language": "de-AT,de;q=0.9"})
    body = page.content.decode()
    assert re.search(r'<option value="AT" [^>]*selected>Austria \(\+43\)</option>', body)
    for name in ("full_name", "company", "email", "phone_country", "phone", "password1", "terms"):
        assert f'name="{name}"' in body
    assert 'challengeurl="/accounts/signup/challenge/"' in body
    assert "<noscript>" in body
    for path in ("/legal/terms/", "/legal/refunds/", "/legal/privacy/"):
        assert f'href="{path}"' in body


def test_sign_up_creates_an_account_that_waits_for_activation(client):
    answer = steps.sign_up(client)
    assert answer.status_code == 302
    assert answer.url == CONFIRM
    assert not User.objects.exists()
    assert mail.outbox[0].to == [steps.EMAIL]
    assert ACTIVATE in mail.outbox[0].body
    assert steps.EMAIL in steps.text(client.get(CONFIRM))
    assert not steps.signed_in(client)


def test_activation_makes_the_account_as_it_was_signed_up(client):
    steps.sign_up(client)
    steps.activate(client)
    user = User.objects.get()
    assert (user.full_name, user.company, str(user.phone)) == ("Ada Example", "Engines Ltd", "+442079460958")
    assert user.terms_version == portal_settings.TERMS_VERSION
    assert abs(user.terms_accepted_at.timestamp() - time.time()) < 60
    assert user.check_password(steps.PASSWORD)
    address = EmailAddress.objects.get(user=user)
    assert (address.email, address.verified, address.primary) == (steps.EMAIL, True, True)


def test_company_is_optional(client):
    assert steps.sign_up(client, company=None).status_code == 302


@pytest.mark.parametrize(
    ("typed", "country", "stored"),
    [
        ("020 7946 0958", "GB", "+442079460958"),
        ("+44 20 7946 0958", "US", "+442079460958"),
        ("(212) 555-0134", "US", "+12125550134"),
        ("0664 1234567", "AT", "+436641234567"),
        ("+44 (0)20 7946 0958", "", "+442079460958"),
        ("00 44 20 7946 0958", "US", "+442079460958"),
        ("\u202a+44\u00a020 7946\u200b0958\u202c", "US", "+442079460958"),
        ("tel:+44-20-7946-0958", "US", "+442079460958"),
    ],
)
def test_phone_with_country_or_plus(client, typed, country, stored):
    steps.sign_up(client, phone=typed, phone_country=country)
    assert str(SignUp.objects.get().phone) == stored


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("terms", None),
        ("full_name", None),
        ("full_name", " "),
        ("phone", "7946"),
        ("phone", "+1 000"),
        ("phone", None),
        ("phone", "pizza"),
        ("phone", "+49 6691 12345 67890"),
        ("phone", "020 7946 0958 ext. 5"),
        ("phone", "020 7946 O958"),
        ("phone", "+43 1234"),
        ("phone", "🙂"),
        ("phone", "9" * 40),
        ("phone_country", "ZZ"),
        ("email", "nope"),
        ("email", None),
        ("email", "a" * 250 + "@x.example"),
        ("password1", "short"),
        ("password1", None),
        ("password1", "q1w2e3r4t5y6"),
        ("password1", "x" * 5000),
        ("full_name", "x" * 151),
        ("full_name", "A\x00B"),
        ("full_name", "A\u202eB"),
        ("full_name", "A\nB"),
        ("company", "A\u2028B"),
        ("company", "A\u2066B"),
        ("full_name", "A\u200bB"),
        ("company", "x" * 151),
    ],
)
def test_each_bad_field_is_named_and_nothing_is_lost(client, field, value):
    answer = steps.sign_up(client, **{field: value})
    assert answer.status_code == 200
    assert field in errors(answer)
    assert not SignUp.objects.exists()
    assert not mail.outbox
    kept = {"full_name": "Ada Example", "email": steps.EMAIL, "phone": "020 7946 0958"}
    for name, typed in kept.items():
        if name != field:
            assert f'value="{typed}"' in answer.content.decode()
    assert steps.PASSWORD not in answer.content.decode()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    data=st.fixed_dictionaries(
        {},
        optional={
            name: st.text(max_size=300)
            for name in (
                "email",
                "full_name",
                "company",
                "phone",
                "phone_country",
                "password1",
                "terms",
                "captcha",
                "next",
            )
        },
    )
)
def test_no_input_makes_the_server_fail(client, settings, data):
    settings.ACCOUNT_RATE_LIMITS = {"signup": "100000/s/ip"}
    assert client.post("/accounts/signup/", data).status_code == 200
    assert not SignUp.objects.exists()


# -- captcha ------------------------------------------------------------------------------------------------------


def test_captcha_missing(client):
    answer = steps.sign_up(client, captcha=None)
    assert "captcha" in errors(answer)
    assert not SignUp.objects.exists()
    assert not mail.outbox


@pytest.mark.parametrize(
    "forge",
    [
        lambda p: p | {"number": p["number"] + 1},
        lambda p: p | {"signature": "0" * 64},
        lambda p: p | {"salt": "deadbeef&"},
        lambda p: p | {"algorithm": "SHA-1"},
        lambda p: p | {"salt": p["salt"].replace("expires=", "expires=9")},
        lambda p: {},
        lambda p: [],
        lambda p: p | {"challenge": None},
    ],
    ids=["number", "signature", "salt", "algorithm", "expiry", "empty", "list", "null"],
)
def test_captcha_forged(client, forge):
    answer = steps.sign_up(client, captcha=steps.encode(forge(steps.decode(steps.solve(client)))))
    assert "captcha" in errors(answer)
    assert not SignUp.objects.exists()


@pytest.mark.parametrize("value", ["verified", "e30=", "\x00", "=" * 500])
def test_captcha_garbage(client, value):
    assert "captcha" in errors(steps.sign_up(client, captcha=value))


def test_captcha_spliced(client):
    """Digits moved from the number into the salt hash to the same input."""
    good = steps.decode(steps.solve(client))
    digits = str(good["number"])
    spliced = good | {"salt": good["salt"] + digits[:1], "number": int(digits[1:] or 0)}
    assert "captcha" in errors(steps.sign_up(client, captcha=steps.encode(spliced)))


def test_captcha_works_once(client):
    payload = steps.solve(client)
    assert steps.sign_up(client, captcha=payload).status_code == 302
    again = steps.sign_up(Client(), email="eve@customer.example", captcha=payload)
    assert "captcha" in errors(again)
    assert SignUp.objects.count() == 1


def test_captcha_spelled_differently_is_still_a_replay(client):
    good = steps.decode(steps.solve(client))
    assert steps.sign_up(client, captcha=steps.encode(good)).status_code == 302
    other = steps.encode(good | {"salt": good["salt"].rstrip("&")})
    assert "captcha" in errors(steps.sign_up(Client(), email="eve@customer.example", captcha=other))


def test_captcha_expires(client):
    payload = steps.solve(client)
    with time_machine.travel(time.time() + 21 * 60):
        assert "captcha" in errors(steps.sign_up(client, captcha=payload))


# -- what a stranger may learn -------------------------------------------------------------------------------------


def test_a_known_address_gets_the_same_page_and_another_mail(client, user):
    known = steps.sign_up(client)
    known_mail = mail.outbox[-1]
    known_page = client.get(CONFIRM).content.decode()
    stranger = Client()
    unknown = steps.sign_up(stranger, email="new@customer.example")
    unknown_page = stranger.get(CONFIRM).content.decode()
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)

    def neutral(page):
        return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page).replace("new@", "ada@")

    assert neutral(known_page) == neutral(unknown_page)
    assert User.objects.filter(email=steps.EMAIL).count() == 1
    assert known_mail.to == [steps.EMAIL]
    assert "/accounts/activate/" not in known_mail.body
    assert "/accounts/password/reset/" in known_mail.body
    user.refresh_from_db()
    assert user.full_name != "Ada Example"


def test_case_of_the_address_does_not_make_a_second_account(client, user):
    steps.sign_up(client, email="ADA@Customer.Example")
    assert mail.outbox[-1].subject == "You already have an account"
    assert not SignUp.objects.exists()


def test_sign_ups_are_limited_by_address(client, settings):
    settings.ACCOUNT_RATE_LIMITS = {"signup": "2/m/ip"}
    for _ in range(2):
        assert steps.sign_up(client, captcha=None).status_code == 200
    assert steps.sign_up(client, captcha=None).status_code == 429


def test_the_form_is_not_for_people_who_are_signed_in(client, user):
    from tests.support.people import sign_in

    assert sign_in(client, user).get("/accounts/signup/").status_code == 302


# -- activation ---------------------------------------------------------------------------------------------------


def test_link_needs_the_password_and_leads_to_the_second_factor(client):
    steps.sign_up(client)
    url = steps.link("activate/")
    assert client.get(url).status_code == 200
    assert not User.objects.exists()
    assert client.post(url).status_code == 200
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
    assert answer.status_code == 200
    assert "email" in errors(answer)
    assert client.get(f"{CONFIRM}resend/").url == CONFIRM


def test_picker_knows_every_region_by_name():
    rows = dict(calling_codes.choices())
    assert len(rows) > 230
    assert rows["GB"] == "United Kingdom (+44)"
    assert not [label for label in rows.values() if label.startswith("*")]
    assert calling_codes.region_of_browser("en-GB,en;q=0.9") == "GB"
    assert calling_codes.region_of_browser("\x00garbage;;") == "US"
