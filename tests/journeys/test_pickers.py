"""Countries are found by the names and codes that people use, by keyboard, on every picker."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from numbers.inventory import stats
from numbers.models import CallRoute
from portal.accounts.telephone import international
from tests.support.inventory import LONDON, make_number
from tests.support.leases import make_lease

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
FOUND = {
    "+44": "GB", "44": "GB", "0044": "GB", "UK": "GB", "u.k.": "GB", "England": "GB", "Great Britain": "GB",
    "scotland": "GB", "USA": "US", "U.S.A.": "US", "America": "US", "+1": "US", "us": "US", "Holland": "NL",
    "Deutschland": "DE", "49": "DE", "Czech Republic": "CZ", "Korea": "KR", "Ivory Coast": "CI", "cote d'ivoire":
    "CI", "Turkey": "TR", "turkiye": "TR", "Aland": "AX", "reunion": "RE", "Swaziland": "SZ", "Burma": "MM",
    "España": "ES", "Österreich": "AT", "congo kinshasa": "CD", "st lucia": "LC", "+7": "RU", "1868": "US",
    "ukraine": "UA", "uk": "GB", "\u200e+44": "GB",
}  # fmt: skip


def choose(page, field, typed):
    """As a keyboard does it: into the control, what one looks for, Enter."""
    control = page.locator(f"#{field}-ts-control")
    control.focus()
    control.fill(typed)
    control.press("Enter")


def test_the_country_of_ones_phone_is_found_by_usual_names_and_codes(page, accessible):
    page.goto(reverse("account_signup"))
    control = page.get_by_role("combobox", name="Country")
    expect(control).to_be_visible()
    for typed, code in FOUND.items():
        choose(page, "id_phone_country", typed)
        expect(page.locator("#id_phone_country"), typed).to_have_value(code)
    accessible(page)


def test_a_name_that_is_none_chooses_nothing(page):
    page.goto(reverse("account_signup"))
    choose(page, "id_phone_country", "UK")
    choose(page, "id_phone_country", "Atlantis")
    expect(page.locator("#id_phone_country")).to_have_value("GB")


def test_the_search_pages_countries(signed_in_page):
    lease = make_lease()
    make_number("+12125550199")
    make_number("+442079460100", **LONDON)
    stats.refresh()
    page = signed_in_page(lease.project.created_by)
    page.goto(reverse("numbers:search", args=[lease.project.pid]))
    for typed, code in {"England": "GB", "USA": "US", "+44": "GB", "44": "GB", "america": "US"}.items():
        choose(page, "country", typed)
        expect(page.locator("#country")).to_have_value(code)
        page.locator(f'#results img[src*="/{code.lower()}."]').first.wait_for()


def test_the_routing_panels_countries_also_after_it_was_swapped(signed_in_page):
    lease = make_lease()
    page = signed_in_page(lease.project.created_by)
    page.goto(reverse("numbers:lease", args=[lease.project.pid, lease.pk]))
    page.get_by_role("radio", name="PSTN").check()
    for country, typed, e164 in (
        ("England", "020 7946 0018", "+442079460018"),
        ("Holland", "020 123 4567", "+31201234567"),
    ):
        choose(page, f"pstn-{lease.pk}-country_code", country)
        page.get_by_label("Number", exact=True).fill(typed)
        page.get_by_role("button", name="Set Number").click()
        page.get_by_text(f"Calls now go to {international(e164)}.").wait_for()
        assert CallRoute.objects.get().pstn_target == e164
        expect(page.locator(".routing-option-pstn .ts-wrapper")).to_have_count(1)


def test_without_scripts_the_picker_is_a_plain_select(page_without_scripts):
    page_without_scripts.goto(reverse("account_signup"))
    page_without_scripts.locator("#id_phone_country").select_option("GB")
    expect(page_without_scripts.locator("#id_phone_country")).to_have_value("GB")
