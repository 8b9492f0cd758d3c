"""The main job in one go, as a newcomer does it: from the landing page to a number whose calls ring at a phone, and
whose messages come to a server.

Once with a mouse on a desktop, once with nothing but a keyboard on a phone's screen. Worker, gateway, webhooks and
mails are the demo's own.
"""

from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import expect

from tests.journeys.whole_job.hands import Keyboard, Mouse
from tests.journeys.whole_job.newcomer import Newcomer

pytestmark = pytest.mark.browser


def by_rest(site, newcomer, pid, token):
    """The guide's three calls with the keys of the page, and what a switch is told then."""
    keys = {"projectid": pid, "authtoken": token}
    status, found = site.call("/listnewnumbers?country=US&limit=0,20&number_type=DID")
    assert status == 200
    offer = next(row for row in found["data"] if not row["docs_required"])
    order = keys | {"number": offer["number"], "action": "purchase"}
    status, again = site.call("/purchasenumber", order | {"authtoken": "x" * len(token)})
    assert (status, again["error"]) == (401, "invalid_keys"), again
    status, bought = site.call("/purchasenumber", order)
    assert (status, bought["status"]) == (200, "Success"), bought
    target = {"number": offer["number"], "calltype": "3", "pstn_number": "+442079460018"}
    status, routed = site.call("/api/callrouting", keys | target)
    assert status == 200, routed
    switch = site.facts["switch"]
    for number in (newcomer.number, offer["number"]):
        status, route = site.call(f"/carrier/v1/routes/{number}", auth=f"{switch['id']}:{switch['secret']}")
        assert status == 200, route
        assert "+442079460018" in str(route)
    return offer


@pytest.mark.parametrize("way", ["mouse and desktop", "keyboard and phone"])
def test_from_the_landing_page_to_a_ringing_phone(way, request, site):
    if way == "mouse and desktop":
        page, hand = request.getfixturevalue("page"), Mouse
    else:
        page, hand = request.getfixturevalue("phone_page"), Keyboard
    page.watch.allow(f"request to another host: {site.facts['gateway_url']}")
    page.watch.allow(f"request to another host: {site.facts['switch_url']}")
    page.watch.allow("404 (Not Found)")  # the browser asks the gateway for a favicon
    newcomer = Newcomer(page, hand(page), site, f"{way.split()[0]}@customer.example")
    newcomer.sign_up()
    newcomer.enrol()
    newcomer.create_project()
    newcomer.add_credits()
    newcomer.buy()
    newcomer.route()
    (message,) = newcomer.receive_a_message()
    query = dict(parse_qsl(message["query"]))
    assert list(query)[:4] == ["request", "source", "destination", "message"]
    assert (query["request"], query["destination"]) == ("incoming-sms", newcomer.number)
    assert query["message"] == "Grüße, is this you?"
    assert message["headers"]["webhook-id"] == query["message_id"]
    newcomer.see_the_cost()
    pid, token = newcomer.reveal_the_token()
    by_rest(site, newcomer, pid, token)
    newcomer.open("Purchased Numbers")
    expect(page.locator("main tbody tr")).to_have_count(2)
    assert "40.00 USD added to Acme Calls" in site.mail(newcomer.email, "Receipt")["subject"]
    assert site.mail(newcomer.email, "is yours")
