"""What was typed when the session had ended comes back after signing in: to the same person, never a secret, never by
itself."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.cache import cache
from django.test import Client

from portal.accounts import form_drafts
from tests.access.drafts import again, places
from tests.support.projects import add_member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway")]
HTMX = {"HX-Request": "true"}


def key_of(address):
    return parse_qs(urlsplit(address).query)[form_drafts.PARAMETER][0]


@pytest.mark.parametrize("place", range(8))
def test_a_form_is_filled_in_again(lease, owner, place):
    page, address, typed = places(lease)[place]
    html = owner.look(page).content.decode()
    owner.end_session()
    shown, back = again(lease.project.created_by, owner.send(address, typed, html=html))
    assert (back.partition("?")[0], shown.status_code) == (page, 200)
    text = shown.content.decode()
    for name, value in typed.items():
        assert re.search(rf'<input [^>]*name="{name}"[^>]*value="([^"]*)"', text), name
        assert value in [unescape(each) for each in re.findall(rf'name="{name}"[^>]*value="([^"]*)"', text)], name
    assert "What you typed is here again" in text
    lease.refresh_from_db()
    assert lease.friendly_name == ""  # nothing is sent by itself


def test_htmx_gets_its_form_back_on_the_page_it_is_on(lease, owner):
    page, address, typed = places(lease)[2]
    html = owner.look(page).content.decode()
    owner.end_session()
    answer = owner.send(address, typed, html=html, headers=HTMX | {"HX-Current-URL": f"http://testserver{page}?a=b"})
    shown, back = again(lease.project.created_by, answer)
    assert back.startswith(f"{page}?a=b&kept=")
    assert 'value="2079460018"' in shown.content.decode()


def test_a_form_on_the_address_of_a_refused_one_comes_back_to_its_page(lease, owner):
    page, address, _ = places(lease)[3]
    html = owner.look(page).content.decode()
    refused = owner.send(address, {"amount": "nonsense"}, html=html)
    assert refused.status_code == 422
    owner.page = address
    owner.end_session()
    shown, back = again(lease.project.created_by, owner.send(address, {"amount": "40"}, html=refused.content.decode()))
    assert back.startswith(f"{page}?kept=")
    assert 'value="40"' in shown.content.decode()


def test_nobody_else_gets_it(lease, owner):
    page, address, typed = places(lease)[0]
    html = owner.look(page).content.decode()
    owner.end_session()
    answer = owner.send(address, typed, html=html)
    shown, _ = again(add_member(lease.project, "admin"), answer)
    assert shown.status_code == 200
    assert "Hotline" not in shown.content.decode()
    assert 'id="kept"' not in shown.content.decode()


def test_it_is_kept_for_half_an_hour(lease, owner):
    page, address, typed = places(lease)[0]
    html = owner.look(page).content.decode()
    owner.end_session()
    answer = owner.send(address, typed, html=html)
    key = key_of(Client().get(answer.url).context["redirect_field_value"].partition("#")[0])
    assert 0 < cache._cache.get_client().ttl(cache.make_key(f"kept:{key}")) <= 1800


@pytest.mark.parametrize("forged", ["", "1", "1:abc", "nobody:x"])
def test_a_form_that_does_not_say_whose_it_is_is_not_kept(lease, owner, forged):
    page, address, typed = places(lease)[0]
    html = re.sub(
        r'name="signed_in_as" value="[^"]*"', f'name="signed_in_as" value="{forged}"', owner.look(page).content.decode()
    )
    owner.end_session()
    assert "kept" not in owner.send(address, typed, html=html).url


def test_no_secret_and_no_confirmation_is_kept(lease, owner):
    html = owner.look("/accounts/password/change/").content.decode()
    owner.end_session()
    answer = owner.send(
        "/accounts/password/change/", {"oldpassword": "one long secret", "password1": "another one"}, html=html
    )
    shown, back = again(lease.project.created_by, answer)
    key = key_of(back.partition("#")[0])
    assert form_drafts.find_draft(key, lease.project.created_by).fields == {}
    assert "secret" not in shown.content.decode()
    assert not any(
        form_drafts.is_restorable(name, "/x/")
        for name in (
            "password",
            "password1",
            "oldpassword",
            "form_token",
            "captcha",
            "basic_password",
            "headers",
            "typed",
            "typed_name",
            "confirm",
            "otp_token",
            "client_secret",
            "terms",
            "agree",
            "unopened",
            "saved",
            "signed_in_as",
            "csrfmiddlewaretoken",
        )
    )
    assert not form_drafts.is_restorable("code", "/accounts/2fa/")
