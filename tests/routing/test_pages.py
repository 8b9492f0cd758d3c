"""The routing panel on the page of a number, with and without htmx."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numbers.models import CallRoute
from tests.routing.test_services import TARGET, set_to
from tests.support.leases import make_lease
from tests.support.people import sign_in
from tests.support.projects import add_member

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def me(client, lease):
    return sign_in(client, lease.project.created_by)


def address(lease, action="pstn"):
    return f"/projects/{lease.project.pid}/numbers/purchased/{lease.pk}/route/{action}/"


def page(lease):
    return f"/projects/{lease.project.pid}/numbers/purchased/{lease.pk}/"


def test_the_page_of_a_number_offers_the_form_with_the_numbers_own_country(me, lease):
    text = me.get(page(lease)).content.decode()
    assert f'action="{address(lease)}"' in text
    assert re.search(r'<option value="US"[^>]* selected>United States \(\+1\)</option>', text)
    assert "Set Number" in text
    for option in ("Users", "PSTN", "SIP"):
        assert re.search(rf"</svg> [^<]*{option}\s*</span>", text), option
    assert "Nothing is set: calls are not connected." in text


def test_set_without_javascript(me, lease):
    response = me.post(address(lease), {"country_code": "GB", "pstn_number": "020 7946 0018"}, follow=True)
    assert response.redirect_chain == [(page(lease), 302)]
    text = response.content.decode()
    assert "Calls now go to +44 20 7946 0018." in text
    assert "United Kingdom" in text
    assert CallRoute.objects.get().pstn_target == TARGET


def test_a_number_with_plus_needs_no_country(me, lease):
    me.post(address(lease), {"country_code": "", "pstn_number": "+44 20 7946 0018"})
    assert CallRoute.objects.get().pstn_target == TARGET


def test_set_and_delete_with_htmx_swap_the_panel(me, lease):
    response = me.post(address(lease), {"country_code": "GB", "pstn_number": "2079460018"}, headers=HTMX)
    text = response.content.decode()
    assert (response.status_code, "<html" in text) == (200, False)
    assert text.strip().startswith("<section")
    assert f'id="routing-{lease.pk}"' in text
    assert "+44 20 7946 0018" in text
    assert 'hx-swap-oob="beforeend:#toasts"' in text
    assert f'action="{address(lease, "delete")}"' in text
    response = me.post(address(lease, "delete"), headers=HTMX)
    assert 'action="' + address(lease, "delete") not in response.content.decode()
    assert "Nothing is set: calls are not connected." in response.content.decode()
    assert CallRoute.objects.get().kind == ""


def test_delete_without_javascript(me, lease):
    set_to(lease, TARGET)
    response = me.post(address(lease, "delete"), follow=True)
    assert "Nothing is set: calls are not connected." in response.content.decode()
    assert CallRoute.objects.get().kind == ""


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"country_code": "GB", "pstn_number": "12"}, "not a valid phone number in the United Kingdom"),
        ({"country_code": "GB", "pstn_number": "abc"}, "digits only: replace “abc”"),
        ({"country_code": "GB", "pstn_number": ""}, "Enter the number"),
        ({"country_code": "US", "pstn_number": "900 555 0100"}, "premium-rate"),
        ({"country_code": "US", "pstn_number": "212 555 0101"}, "forward calls back to this number"),
        ({"country_code": "", "pstn_number": "2079460018"}, "Choose a country"),
        ({"country_code": "XX", "pstn_number": "2079460018"}, "Choose a country"),
        ({"country_code": "GB", "pstn_number": "1" * 500}, "at most 80 characters"),
        ({"country_code": "GB", "pstn_number": "\x00"}, "Null characters are not allowed"),
        ({}, "Enter the number"),
        ({"country_code": "US", "pstn_number": "+1 212 555 O1OO"}, "digits only: replace “O”"),
        ({"country_code": "DE", "pstn_number": "+49 6691 12345 67890"}, "at most 15 digits"),
        ({"country_code": "DE", "pstn_number": "06691 12345 67890"}, "at most 15 digits"),
        ({"country_code": "AT", "pstn_number": "+43 1234"}, "No such phone number"),
        ({"country_code": "US", "pstn_number": "+1 212 555 0100 x5"}, "Leave out the extension"),
        ({"country_code": "GB", "pstn_number": "1 212 555 0100"}, r"If you mean \+1 212-555-0100 \(United States\)"),
    ],
)
def test_a_refusal_stands_beside_the_field_and_keeps_what_was_typed(me, lease, headers, values, words):
    response = me.post(address(lease), values, headers=headers)
    text = response.content.decode()
    assert response.status_code == 422
    assert ("<html" in text) == (not headers)
    assert re.search(r'invalid-feedback" id="pstn-\d+-(pstn_number|country_code)_error"[^§]*' + words, text)
    typed = values.get("pstn_number", "")
    if typed.isprintable():
        assert f'value="{typed}"' in text or not typed
    assert not CallRoute.objects.exists()


def test_who_may(client, lease, stranger, other_project):
    values = {"country_code": "GB", "pstn_number": "2079460018"}
    reader = add_member(lease.project)
    assert sign_in(client, stranger).post(address(lease), values).status_code == 404
    sign_in(client, reader)
    text = client.get(page(lease)).content.decode()
    assert "Set Number" not in text
    assert "calls are not connected" in text
    for action in ("pstn", "delete"):
        assert client.post(address(lease, action), values).status_code == 403
    sign_in(client, other_project.created_by)
    theirs = address(lease).replace(lease.project.pid, other_project.pid)
    assert client.post(theirs, values).status_code == 404, "another project's lease"
    client.logout()
    assert client.post(address(lease), values).status_code == 302
    assert not CallRoute.objects.exists()


def test_released_voiceless_and_unknown(me, lease):
    voiceless = make_lease("+12125550104", lease.project, voice=False)
    assert "SMS only" in me.get(page(voiceless)).content.decode()
    values = {"country_code": "GB", "pstn_number": "2079460018"}
    response = me.post(address(voiceless), values)
    assert (response.status_code, "SMS only" in response.content.decode()) == (422, True)
    assert me.post(address(lease).replace(f"/{lease.pk}/", "/99999999999999999999/"), values).status_code == 404
    assert me.get(address(lease)).url == page(lease)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(country=st.text(max_size=5) | st.sampled_from(["GB", "US", "DE"]), number=st.text(max_size=60))
def test_any_text_is_answered(me, lease, country, number):
    response = me.post(address(lease), {"country_code": country, "pstn_number": number})
    assert response.status_code in (302, 422)
