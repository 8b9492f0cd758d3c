import re
import time

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as portal_settings
from django.core import mail
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.accounts.models import SignUp, User
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
    assert answer.status_code == 422
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
    assert client.post("/accounts/signup/", data).status_code == 422
    assert not SignUp.objects.exists()
