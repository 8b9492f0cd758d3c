"""How a kept form comes back, and an old tab after signing in again."""

import re
import uuid

import pytest
from django.urls import reverse

from numbers.leases.models import Lease
from portal.accounts import form_drafts
from portal.accounts.form_restore import restore
from tests.access.drafts import Browser, again, places
from tests.accounts import steps
from tests.support.inventory import make_number
from tests.support.people import browser_of, sign_in, totp
from tests.support.projects import add_member

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway")]


def test_what_is_too_much_is_not_kept_but_leads_back(lease, owner):
    page, address, _ = places(lease)[0]
    html = owner.look(page).content.decode()
    owner.end_session()
    shown, _ = again(lease.project.created_by, owner.send(address, {"friendly_name": "x" * 30_000}, html=html))
    assert "Please repeat it" in shown.content.decode()
    assert "xxx" not in shown.content.decode()


def test_a_purchase_is_shown_for_confirmation_again(lease, owner):
    make_number("+12125550177")
    address = reverse("numbers:buy", args=[lease.project.pid, "12125550177"])
    html = owner.look(address).content.decode()
    owner.end_session()
    before = Lease.objects.count()
    shown, back = again(lease.project.created_by, owner.send(address, {}, html=html))
    assert back.startswith(address)
    token = re.search(r'name="form_token" value="([^"]+)"', html)[1]
    assert "Please repeat it" in shown.content.decode()
    assert token not in shown.content.decode()  # a fresh form, with the price of now
    assert Lease.objects.count() == before


def test_a_release_is_typed_again(lease, owner):
    address = reverse("numbers:release", args=[lease.project.pid, lease.pk])
    html = owner.look(address).content.decode()
    owner.end_session()
    answer = owner.send(address, {"typed": "+12125550100", "when": "now"}, html=html)
    shown, back = again(lease.project.created_by, answer)
    assert back.startswith(address)
    assert not re.search(r'name="typed"[^>]*value="\+?1', shown.content.decode())


def test_numbers_chosen_for_a_release_are_still_chosen(lease, owner):
    address = reverse("numbers:bulk_release", args=[lease.project.pid])
    html = owner.look(f"{address}?lease={lease.pk}").content.decode()
    owner.page = reverse("numbers:purchased", args=[lease.project.pid])  # it was a dialog there
    owner.end_session()
    shown, back = again(lease.project.created_by, owner.send(address, {"typed": "RELEASE 1", "when": "now"}, html=html))
    assert back.startswith(f"{address}?lease={lease.pk}&kept=")
    assert shown.status_code == 200
    owner = browser_of(lease.project.created_by)
    assert owner.get(address).url == reverse("numbers:purchased", args=[lease.project.pid])


# -- an old tab after signing in again in another one: the token of its form is no longer the browser's ---------------


def test_an_old_tab_of_the_same_person(lease, owner):
    page, address, typed = places(lease)[0]
    html = owner.look(page).content.decode()
    sign_in_anew(owner, lease.project.created_by)
    answer = owner.send(address, typed, html=html)
    assert (answer.status_code, answer.url.partition("?")[0]) == (302, page)
    assert "Hotline &lt;Köln&gt; &amp; more" in owner.get(answer.url.partition("#")[0]).content.decode()
    lease.refresh_from_db()
    assert lease.friendly_name == ""


def test_an_old_tab_of_somebody_else(lease, owner):
    page, address, typed = places(lease)[0]
    html = owner.look(page).content.decode()
    sign_in_anew(owner, add_member(lease.project, "admin"))
    answer = owner.send(address, typed, html=html)
    assert answer.status_code == 403
    assert "signed in as someone else" in answer.content.decode()


def test_an_old_tab_when_nobody_is_signed_in_any_more(lease, owner):
    page, address, typed = places(lease)[0]
    html = owner.look(page).content.decode()
    sign_in_anew(owner, lease.project.created_by)
    owner.end_session()
    shown, back = again(lease.project.created_by, owner.send(address, typed, html=html))
    assert back.startswith(f"{page}?kept=")
    assert "Hotline" in shown.content.decode()


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver.evil.example"])
def test_another_site_puts_no_words_into_a_form(lease, owner, origin):
    page, address, typed = places(lease)[0]
    html = owner.look(page).content.decode()
    sign_in_anew(owner, lease.project.created_by)
    answer = owner.send(address, typed, html=html, headers={"Origin": origin})
    assert answer.status_code == 403
    assert "Location" not in answer.headers


def sign_in_anew(browser, person):
    """As in another tab: the session and the token of forms are new."""
    sign_in(browser, person)
    browser.cookies["csrftoken"] = uuid.uuid4().hex


# -- how a page is filled ---------------------------------------------------------------------------------------------

PAGE = """<main><form method="get" action="/a/"><input name="q"></form>
<details><summary>More</summary><form method="post" action="/a/"><input type="hidden" name="line" value="1">
<textarea name="text" rows="2">old</textarea></form></details>
<form method="post" action="?x=1" id="two"><input type="hidden" name="line" value="2"><textarea name="text"></textarea>
<select name="to"><option value="a" selected>A</option><option>B &amp; C</option></select>
<input type="radio" name="when" value="now" checked><input type="radio" name="when" value="later">
<input type="checkbox" name="ok" checked><input type="password" name="word"><input name="n" value="1"><input name="n">
</form><input type="checkbox" name="row" value="7" form="two"><input type="checkbox" name="row" value="8" form="two">
<p>\u2028 é</p></main>"""


def filled(**fields):
    return restore(PAGE, form_drafts.FormDraft("/a/", {name: list(values) for name, values in fields.items()}), "/a/")


def test_every_kind_of_control():
    page = filled(line="2", text=["<b>\n&"], to=["B & C"], when=["later"], n=["x", '"y"'], row="8", word="z")
    assert '<textarea name="text">\n&lt;b&gt;\n&amp;</textarea>' in page
    assert '<option value="a">A</option><option selected>B &amp; C</option>' in page
    assert 'value="now"><input type="radio" name="when" value="later" checked>' in page
    assert '<input type="checkbox" name="ok">' in page
    assert '<input name="n" value="x"><input name="n" value="&quot;y&quot;">' in page
    assert '<input type="checkbox" name="row" value="8" form="two" checked>' in page
    assert '<input type="checkbox" name="row" value="7" form="two">' in page
    assert '<input type="password" name="word">' in page
    assert ">old</textarea>" in page
    assert page.index('id="kept"') > page.index("</details>")


def test_the_form_with_the_same_hidden_fields_is_filled_and_opened():
    page = filled(line="1", text=["typed"])
    assert "<details open><summary>" in page
    assert ">\ntyped</textarea>" in page


def test_a_page_without_the_form_says_that_nothing_was_changed():
    page = restore(PAGE, form_drafts.FormDraft("/other/", {"text": ["typed"]}), "/a/")
    assert page.startswith('<main><div class="alert alert-info" role="status" id="kept">You were signed out')
    assert page.replace(re.search(r"<div.*?</div>", page)[0], "") == PAGE


def test_the_whole_way_through_the_pages(lease):
    """Password, second factor, and the page with what was typed."""
    person, device, _ = steps.enrolled_person()
    browser = Browser(enforce_csrf_checks=False)
    html = sign_in(browser, person).look("/accounts/security/").content.decode()
    browser.end_session()
    answer = browser.send("/accounts/security/", {"full_name": "Ada Anew", "company": ""}, html=html)
    login = browser.get(answer.url)
    assert "What you entered is kept" in login.content.decode()
    steps.login(browser, next=login.context["redirect_field_value"])
    back = steps.submit(browser, totp(device)).url
    assert back.startswith("/accounts/security/?kept=")
    assert 'value="Ada Anew"' in browser.get(back.partition("#")[0]).content.decode()
