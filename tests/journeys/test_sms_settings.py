"""Where messages go by the guide's steps 3.3.3–3.3.9 and 3.5.8–3.5.11, with the mouse and by keyboard alone."""

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from numbers.messaging.queries import default_settings, find, own_settings
from tests.journeys.conftest import give_session
from tests.journeys.looks import looks_right_everywhere
from tests.journeys.whole_job.hands import Keyboard, Mouse
from tests.leases.data import buy
from tests.support.messaging import set_messaging_url
from tests.support.webhooks import deliver

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
URL = "https://example.com:443/incomingsms"
GUIDES_URL = "https://example.com/incomingsms:443"  # with the port where the guide has it


@pytest.fixture(autouse=True)
def _demo(settings):
    settings.SANDBOX_CALLS_URL = "http://127.0.0.1:9"  # its links are the longest


@pytest.fixture
def leases(project):
    return [buy(project, number, now=timezone.now()) for number in ("+12125550100", "+12125550101")]


def expand(page, lease):
    return page.locator(f"#lease-{lease.pk}").get_by_role("link", name="Expand")


@pytest.mark.parametrize("hands", [Mouse, Keyboard])
def test_a_number_by_the_guides_steps(project, owner, leases, signed_in_page, hands, accessible):
    page, lease = signed_in_page(owner), leases[0]
    hand = hands(page)
    page.goto(f"/projects/{project.pid}/")
    hand.press(page.locator(".side-group", has_text="SMS").get_by_role("link", name="Settings", exact=True))
    expect(page.get_by_role("heading", name="Numbers with SMS Capability")).to_be_visible()
    hand.press(expand(page, lease))
    panel = page.locator(f"#messaging-{lease.pk}")
    expect(panel.get_by_role("heading", name="Incoming messages of +1 212-555-0100")).to_be_focused()
    expect(panel.get_by_role("heading", name="Set messaging POST/GET URL")).to_be_visible()
    hand.write(panel.get_by_label("URL", exact=True), GUIDES_URL)
    hand.pick(panel.get_by_role("radio", name="GET"))
    hand.press(panel.get_by_role("button", name="Update URL"))
    expect(page.locator(f"#messages-{lease.pk}")).to_contain_text("GET")
    expect(page.locator(f"#messages-{lease.pk}")).to_contain_text(URL)
    expect(panel.locator(".routing-now")).to_contain_text(f"GET {URL}")
    expect(panel.get_by_label("URL", exact=True)).to_have_value(URL)
    looks_right_everywhere(page, accessible)
    hand.press(panel.get_by_role("button", name="Remove URL"))
    expect(page.locator(f"#messages-{lease.pk}")).to_have_text("Not set")
    hand.press(panel.get_by_role("button", name="Close"))
    expect(expand(page, lease)).to_be_focused()
    assert own_settings(find(project, lease.pk)).url == ""


@pytest.mark.parametrize("hands", [Mouse, Keyboard])
def test_the_same_in_purchased_numbers(project, owner, leases, signed_in_page, hands, accessible):
    page, lease = signed_in_page(owner), leases[0]
    page.watch.allow("422")
    hand = hands(page)
    page.goto(f"/projects/{project.pid}/numbers/purchased/")
    hand.press(expand(page, lease))
    panel = page.locator(f"#messaging-{lease.pk}")
    hand.write(panel.get_by_label("URL", exact=True), "example.com")
    hand.press(panel.locator("summary", has_text="More settings"))
    hand.write(panel.get_by_label("Own headers"), "X-Token: abc")
    hand.press(panel.get_by_role("button", name="Update URL"))
    expect(panel.get_by_text("Enter a whole URL that begins with https://")).to_be_visible()
    expect(panel.get_by_label("URL", exact=True)).to_be_focused()
    expect(panel.get_by_label("Own headers")).to_have_value("X-Token: abc")
    hand.write(panel.get_by_label("URL", exact=True), URL)
    hand.press(panel.get_by_role("button", name="Update URL"))
    expect(page.locator(f"#messages-{lease.pk}")).to_contain_text(URL)
    expect(panel.get_by_label("Own headers")).to_have_value("X-Token: ••••••••")
    looks_right_everywhere(page, accessible)
    assert own_settings(find(project, lease.pk)).own.headers == (("X-Token", "abc"),)


@pytest.mark.parametrize("hands", [Mouse, Keyboard])
def test_the_projects_url_by_the_guides_steps(project, owner, leases, signed_in_page, hands, accessible):
    page = signed_in_page(owner)
    hand = hands(page)
    page.goto(f"/projects/{project.pid}/")
    hand.press(page.get_by_role("link", name="Number Settings"))
    card = page.locator("#messaging-default")
    expect(card.get_by_role("heading", name="Set Message Post URL")).to_be_visible()
    hand.press(card.locator("summary", has_text="Add"))
    hand.write(card.get_by_label("Webhook", exact=True), GUIDES_URL)
    hand.pick(card.get_by_role("radio", name="GET"))
    hand.press(card.get_by_role("button", name="Upload"))
    expect(card).to_contain_text(f"GET {URL}")
    expect(card.get_by_role("link", name="2 numbers")).to_be_visible()
    hand.press(card.locator("summary", has_text="Edit"))
    looks_right_everywhere(page, accessible)
    assert default_settings(project, before=None, most=1).settings.url == URL
    hand.press(page.get_by_role("button", name=f"Delete {URL}"))
    expect(page.get_by_text("The URL was deleted.")).to_be_visible()
    hand.press(page.get_by_role("button", name="Go back to this version 1"))
    expect(card).to_contain_text(f"GET {URL}")


def test_a_test_message_shows_the_real_answer_and_what_is_typed_stays(
    project, owner, leases, signed_in_page, receiver, accessible
):
    page, lease = signed_in_page(owner), leases[0]
    set_messaging_url(lease, receiver.url)
    receiver.answers(503, '{"why": "a deploy"}')
    page.goto(f"/projects/{project.pid}/numbers/purchased/{lease.pk}/")
    panel = page.locator(f"#messaging-{lease.pk}")
    panel.get_by_label("URL", exact=True).fill("https://example.com:443/not-saved")
    panel.get_by_role("button", name="Send test message").click()
    expect(panel.get_by_text("It is being sent.")).to_be_visible()
    expect(panel.get_by_role("button", name="Send test message")).to_be_focused()
    expect(panel.get_by_label("URL", exact=True)).to_have_value("https://example.com:443/not-saved")
    assert deliver() == 1
    expect(panel.get_by_text("a deploy")).to_be_visible()
    expect(panel.get_by_text("HTTP 503 · ")).to_be_visible()
    looks_right_everywhere(page, accessible)
    assert receiver.received[0].parameters["message"] == "This is a test message."


def test_without_scripts(project, owner, leases, page_without_scripts, live_server):
    page, lease = give_session(page_without_scripts, live_server, owner), leases[0]
    page.watch.allow("422")
    page.goto(f"/projects/{project.pid}/numbers/sms/settings/")
    expand(page, lease).click()
    panel = page.locator(f"#messaging-{lease.pk}")
    panel.get_by_label("URL", exact=True).fill("example.com")
    panel.get_by_role("button", name="Update URL").click()
    expect(panel.get_by_text("Enter a whole URL that begins with https://")).to_be_visible()
    panel.get_by_label("URL", exact=True).fill(URL)
    panel.get_by_role("button", name="Update URL").click()
    expect(panel.locator(".routing-now")).to_contain_text(f"POST {URL}")
    panel.get_by_role("button", name="Send test message").click()
    expect(page.get_by_role("heading", name="Test", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Look again")).to_be_visible()
