"""Purchased Numbers: its filters, its pages, and its export."""

import re

import pytest

from numbers.console.purchased import listing
from numbers.leases import services
from numbers.models import Lease
from projects.actor import SYSTEM
from tests.leases.data import NOW, buy, release, unpaid
from tests.leases.stock import url
from tests.support.messaging import set_messaging_url
from tests.support.pages import flat, text
from tests.support.projects import make_project

pytestmark = pytest.mark.django_db
NY, LONDON, BERLIN, FREE = "+1 212-555-0101", "+44 20 7946 0100", "+49 30 901820", "+1 800-555-0101"


def listed(customer, project, **query):
    page = customer.get(url(project), query)
    assert page.status_code == (422 if page.context["form"].errors else 200)
    return re.findall(r'<tr id="lease-\d+".*?class="phone-number"[^>]*>([^<]+)', flat(page.content.decode()), re.DOTALL)


# -- filters ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [FREE, BERLIN, LONDON, NY]),
        ({"country": "US"}, [FREE, NY]),
        ({"country": "DE"}, [BERLIN]),
        ({"country": "FR"}, []),
        ({"type": "tollfree"}, [FREE]),
        ({"type": "did"}, [BERLIN, LONDON, NY]),
        ({"capability": "voice"}, [FREE, LONDON, NY]),
        ({"capability": "sms"}, [BERLIN, LONDON, NY]),
        ({"tag": "support"}, [LONDON, NY]),
        ({"tag": " Night  SHIFT"}, [NY]),
        ({"tag": "night"}, []),
        ({"routing": "set"}, [LONDON]),
        ({"routing": "unset"}, [FREE, NY]),
        ({"q": "alert"}, [BERLIN]),
        ({"q": "NIGHT"}, [NY]),
        ({"q": "shift\nsupport"}, []),
        ({"q": "7946"}, [LONDON]),
        *(
            ({"q": q}, [NY])
            for q in (
                "1-212-555-0101",
                "(212) 555-0101",
                "0012125550101",
                "+1 (212) 555-0101",
                "011 1 2125550101",
                "tel:+1-212-555-0101",
                "\u202a+1\u00a0212\u200b5550101\u202c",
                "212.555.0101",
            )
        ),
        *(
            ({"q": q}, [LONDON])
            for q in ("020 7946 0100", "+44 (0)20 7946 0100", "0044 20 7946 0100", "٠٢٠٧٩٤٦٠١٠٠", "02079")
        ),
        ({"q": "030 901820"}, [BERLIN]),
        ({"q": "0800"}, []),
        ({"q": "800"}, [FREE]),
        ({"q": "support", "country": "GB", "capability": "voice", "routing": "set", "type": "did"}, [LONDON]),
        ({"q": "support", "country": "US", "routing": "set"}, []),
    ],
)
def test_filters_alone_and_together(customer, project, stock, query, found):
    assert listed(customer, project, **query) == found


@pytest.mark.parametrize(
    ("default", "messages", "found"),
    [
        ("", "set", [LONDON]),
        ("", "inherited", []),
        ("", "unset", [BERLIN, NY]),
        ("https://example.com:443/all", "set", [LONDON]),
        ("https://example.com:443/all", "inherited", [BERLIN, NY]),
        ("https://example.com:443/all", "unset", []),
    ],
)
def test_by_where_messages_go(customer, project, stock, default, messages, found):
    """The toll-free number takes no messages."""
    set_messaging_url(Lease.objects.get(number__e164="+442079460100"), "https://example.com:443/in")
    set_messaging_url(Lease.objects.get(number__e164="+4930901820"), "https://example.com:443/in")
    set_messaging_url(Lease.objects.get(number__e164="+4930901820"), "")
    set_messaging_url(make_project(name="Other"), "https://example.com:443/other")
    if default:
        set_messaging_url(project, default)
    assert listed(customer, project, messages=messages) == found


def test_filters_by_status(customer, project, stock):
    release(stock["ny"])
    release(stock["london"], at_period_end=True)
    unpaid(stock["berlin"])
    unpaid(stock["free"], "suspended")
    assert listed(customer, project) == [FREE, BERLIN, LONDON]
    for status, found in (
        ("active", [LONDON]),
        ("past_due", [BERLIN]),
        ("suspended", [FREE]),
        ("ending", [LONDON]),
        ("released", [NY]),
    ):
        assert listed(customer, project, status=status) == found, status


def test_the_row_says_how_each_number_stands(customer, project, stock):
    release(stock["london"], at_period_end=True)
    unpaid(stock["berlin"])
    unpaid(stock["free"], "suspended")
    words = text(customer.get(url(project)))
    for part in (
        "Ends on 10 Dec 2026 not charged again",
        "Ending",
        "Unpaid since 10 Nov suspended on 20 Nov",
        "Past due",
        "released on 10 Dec Not set – Suspended",
        "10 Dec 2026 Not set Not set Active",
        "night shift",
        "PSTN +44 20 7946 0018",
        "SMS only",
        "Alerts",
    ):
        assert part in words, part
    release(stock["ny"])
    assert "Released on 10 Nov 2026" in text(customer.get(url(project), {"status": "released"}))


def test_the_filters_list_what_the_project_has(customer, project, stock):
    theirs = buy(make_project(), country="FR", setup_price=0, monthly_price=0)
    services.set_tags(lease=theirs, tags=["secret"], by=SYSTEM, now=NOW)
    facets = listing.facets(project)
    assert (facets.countries, facets.tags) == (["DE", "GB", "US"], ["night shift", "support"])
    html = customer.get(url(project), {"country": "FR", "tag": "gone"}).content.decode()
    assert '<option value="FR" selected>France</option>' in html
    assert '<option value="gone" selected>gone</option>' in html
    assert "secret" not in html
    assert '<details class="more-filters" open>' in html
    assert '<details class="more-filters">' in customer.get(url(project)).content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"country": "XX"},
        {"country": "us"},
        {"type": "pager"},
        {"capability": "fax"},
        {"routing": "maybe"},
        {"messages": "maybe"},
        {"tag": "x" * 300},
        {"tag": "a\x07b"},
        {"tag": "a,b"},
        {"country": "US' OR 1=1"},
        {"q": "\\", "tag": "%"},
        {"tag": "{a"},
        {"q": "')--"},
    ],
)
def test_nonsense_breaks_nothing(customer, project, stock, query):
    page = customer.get(url(project), query)
    assert page.status_code == (422 if page.context["form"].errors else 200)
    assert customer.get(url(project, "purchased_csv"), query).status_code == 200


def test_a_filter_that_makes_no_sense_is_said_and_left_out(customer, project, stock):
    page = customer.get(url(project), {"capability": "fax", "country": "DE"})
    assert "Capability: Select a valid choice" in text(page)
    assert listed(customer, project, capability="fax", country="DE") == [BERLIN]
