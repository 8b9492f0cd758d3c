"""Landing, pricing and legal pages: open to everybody, and honest."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse

from numbers.inventory import stats
from tests.support.inventory import LONDON, make_number
from tests.support.pages import flat, words

pytestmark = pytest.mark.django_db
LEGAL = {"shell:terms": "TERMS_VERSION", "shell:refunds": "REFUND_POLICY_VERSION", "shell:privacy": "PRIVACY_VERSION"}


@pytest.fixture
def catalogue():
    make_number("+12125550142", setup_price="1.00", monthly_price="2.00")
    make_number("+12125550143", setup_price="3.00", monthly_price="1.50", sms=False, docs_required=True)
    make_number("+442079460123", **LONDON, monthly_price="4.00")
    stats.refresh()
    stats.forget()


def test_the_landing_page_leads_in(client):
    html = client.get("/").content.decode()
    assert f'href="{reverse("account_signup")}"' in html
    assert "Sign Up Now" in html
    assert f'href="{reverse("account_login")}"' in html
    for name in [*LEGAL, "shell:pricing"]:
        assert f'href="{reverse(name)}"' in html
    assert f"mailto:{settings.SUPPORT_EMAIL}" in html
    assert settings.SITE_NAME in html


def test_brand_and_hosts_come_from_settings(client, settings):
    settings.SITE_NAME, settings.SITE_URL = "Numbers of Acme", "https://portal.acme.example"
    html = client.get("/").content.decode()
    assert "Numbers of Acme" in html
    assert "Vox" not in html
    assert "https://portal.acme.example/listnewnumbers?" in html


def test_pricing_shows_a_country(client, catalogue):
    html = flat(client.get("/pricing/", {"country": "US"}).content.decode())
    assert "1.00 USD" in html
    assert "1.50 USD" in html
    assert "Required for some" in html
    assert re.search(r'<option value="US"[^>]* selected', html)
    assert re.search(r'<option value="GB"', html)


@pytest.mark.parametrize(
    ("numbers", "shown"),
    [
        ([{"docs_required": True}, {"docs_required": True}], "Required"),
        ([{"docs_required": True, "region": "Texas"}, {"docs_required": True, "sms": False}], "Required"),
        ([{"docs_required": True}, {}], "Required for some"),
        ([{}, {}], "None"),
        # What is sold says nothing about what is on sale; the other type has a line of its own.
        ([{"docs_required": True}, {"status": "leased"}], "Required"),
        ([{"docs_required": True, "status": "leased"}, {}], "None"),
        ([{"docs_required": True}, {"type": "tollfree", "region": ""}], "Required"),
        ([{"sms": True}, {"sms": False}], "Voice SMS for some"),
        ([{"sms": True, "voice": False}, {"sms": False}], "Voice for some SMS for some"),
        ([{"sms": True}, {"sms": True}], "Voice SMS"),
        ([{"sms": False}, {"sms": False}], "Voice"),
    ],
)
def test_what_some_or_all_numbers_need_and_can(numbers, shown, client):
    for number in numbers:
        make_number(**number)
    stats.refresh()
    (row,) = re.findall(
        r"<tr>\s*<td data-label=\"Type\"><strong>DID.*?</tr>", client.get("/pricing/").content.decode(), re.DOTALL
    )
    cells = {name: words(cell) for name, cell in re.findall(r'data-label="([^"]+)"[^>]*>(.*?)</td>', row, re.DOTALL)}
    assert shown in (cells["Documents"], cells["Capabilities"])


def test_a_price_is_the_lowest_of_the_numbers_on_sale(client):
    """Within one region and between regions; what is sold does not count."""
    for setup, monthly, more in (
        ("3", "7", {}),
        ("2", "9", {}),
        ("4", "6", {"region": "Texas"}),
        ("1", "5", {"status": "leased"}),
    ):
        make_number(setup_price=Decimal(setup), monthly_price=Decimal(monthly), **more)
    stats.refresh()
    html = client.get("/pricing/", {"country": "US"}).content.decode()
    assert re.findall(r"([0-9.]+) USD", html[html.index("<tbody>") :]) == ["2.00", "6.00"]


def test_a_country_whose_numbers_are_all_sold_is_not_listed(client):
    make_number(country="FR", region="", status="leased")
    stats.refresh()
    page = client.get("/pricing/", {"country": "FR"})
    assert "FR" not in [country.code for country in page.context["countries"]]
    assert "No numbers on sale" in page.content.decode()


def test_the_guides_address_of_the_pricing_page_leads_there(client, catalogue):
    answer = client.get("/pricing.html?country=GB")
    assert (answer.status_code, answer["Location"]) == (301, "/pricing/?country=GB")
    assert client.get("/pricing.html")["Location"] == "/pricing/"
    assert "4.00 USD" in client.get("/pricing.html?country=GB", follow=True).content.decode()


def test_pricing_for_htmx_is_the_list_alone(client, catalogue):
    response = client.get("/pricing/", {"country": "gb"}, headers={"HX-Request": "true"})
    html = response.content.decode()
    assert "4.00 USD" in html
    assert "<html" not in html
    assert "HX-Request" in response["Vary"]


@pytest.mark.parametrize("country", ["XX", "", "us", "ZZZZ", "<script>", "é", "\u202e", "0" * 5000])
def test_pricing_bears_any_country(client, catalogue, country):
    response = client.get("/pricing/", {"country": country})
    assert response.status_code == 200
    assert b"<script>" not in response.content


def test_pricing_without_a_catalogue_says_so(client):
    stats.forget()
    assert "No numbers on sale" in client.get("/pricing/").content.decode()


@pytest.mark.parametrize("name", LEGAL)
def test_a_legal_text_names_the_operator(client, name, settings):
    settings.OPERATOR = "Acme & Sons Ltd, 1 Example Street"
    assert "is operated by Acme &amp; Sons Ltd, 1 Example Street." in client.get(reverse(name)).content.decode()
    settings.OPERATOR = ""
    assert "is operated by" not in client.get(reverse(name)).content.decode()


@pytest.mark.parametrize(("name", "setting"), LEGAL.items())
def test_a_legal_text_carries_its_version_and_date(client, name, setting):
    html = client.get(reverse(name)).content.decode()
    assert f"Version {getattr(settings, setting)}" in html
    assert "in force since 1 November 2026" in html
    anchors = re.findall(r'<li><a href="#([a-z-]+)"', html)
    assert len(anchors) >= 8
    assert all(f'<h2 id="{anchor}">' in html for anchor in anchors)


def test_an_old_version_stays_readable(client, tmp_path, settings, monkeypatch):
    settings.TERMS_VERSION = "2027-03"
    text = Path(settings.BASE_DIR) / "templates/shell/legal/terms-2026-11.html"
    (tmp_path / "shell/legal").mkdir(parents=True)
    (tmp_path / "shell/legal/terms-2027-03.html").write_text('<h2 id="new">The new rules</h2>')
    (tmp_path / "shell/legal/terms-2026-11.html").write_text(text.read_text(encoding="utf-8"))
    monkeypatch.setattr("portal.shell.public.LEGAL_TEXTS", tmp_path / "shell/legal")
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path, *settings.TEMPLATES[0]["DIRS"]]}]
    now = client.get("/legal/terms/").content.decode()
    assert "The new rules" in now
    assert 'href="?version=2026-11"' in now
    old = client.get("/legal/terms/", {"version": "2026-11"}).content.decode()
    assert "This version is not in force" in old
    assert "The new rules" not in old


@pytest.mark.parametrize("version", ["1999-01", "../../base", "2026-11/../terms-2026-11", "x", "٢٠٢٦-١١", "2026-11\n"])
def test_a_version_that_never_was_is_not_found(client, version):
    assert client.get("/legal/terms/", {"version": version}).status_code == 404


@pytest.mark.parametrize("path", ["/", "/pricing/", "/legal/terms/"])
def test_public_pages_are_for_reading(client, path):
    assert client.post(path).status_code == 405
    assert client.head(path).status_code == 200
