"""The Webhooks page and the catalogue of events in a browser, with the mouse and by keyboard alone."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from portal.jobs import outbox
from projects.actor import SYSTEM
from projects.webhooks import event_types, project_events, secrets
from tests.journeys.looks import looks_right_everywhere
from tests.journeys.test_projects import enter_code
from tests.journeys.whole_job.hands import Keyboard, Mouse
from tests.leases.data import buy
from tests.support.messaging import set_messaging_url
from tests.support.receivers import Reply
from tests.support.webhooks import deliver, make_target, queue

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MASK = re.compile("whsec_•+")


def listen(project, url):
    project_events.set_url(project=project, url=url, by=SYSTEM, now=timezone.now())


def purchase(project, number):
    """The number; its event is sent."""
    lease = buy(project, number, now=timezone.now())
    outbox.run_due_jobs()
    deliver()
    return lease


def signing_keys(project):
    """The current one, and the former one while it signs."""
    return secrets.signing_keys([project.pk], timezone.now())[project.pk]


@pytest.mark.parametrize("hands", [Mouse, Keyboard])
def test_events_are_sent_to_a_url_that_is_set_changed_and_removed(project, owner, receiver, signed_in_page, hands):
    page = signed_in_page(owner)
    page.watch.allow("422")
    hand = hands(page)
    page.goto(f"/projects/{project.pid}/")
    hand.press(page.get_by_role("link", name="Webhooks", exact=True))
    events, servers = page.locator("section", has=page.locator("#events-title")), page.locator("#endpoints")
    url, update = events.get_by_role("textbox", name="URL"), events.get_by_role("button", name="Update URL")
    expect(servers).to_contain_text("No URL is set yet")
    hand.write(url, "example.com/events")
    hand.press(update)
    expect(page.get_by_text("Enter a whole URL that begins with https://")).to_be_visible()
    expect(url).to_have_value("example.com/events")
    hand.write(url, receiver.at("/former"))
    hand.press(update)
    expect(page.get_by_text("Events are sent to this URL.")).to_be_visible()
    expect(servers.locator("li")).to_contain_text([receiver.at("/former")])
    hand.write(url, receiver.at("/events"))
    hand.press(update)
    expect(servers.locator("li")).to_contain_text([receiver.at("/events")])
    expect(servers).to_contain_text("Not used yet")

    purchase(project, "+12125550100")
    (request,) = receiver.received
    assert (request.path, request.parameters["type"]) == ("/events", "number.purchased")
    page.reload()
    expect(servers).to_contain_text("Working")
    expect(servers).to_contain_text("The last request was delivered")
    hand.press(events.get_by_role("link", name="number.purchased"))
    expect(page.get_by_role("heading", level=1, name="number.purchased")).to_be_visible()
    expect(page.get_by_label("Parameters")).to_contain_text('"number": "+12125550100"')
    expect(page.locator(".attempt")).to_contain_text("HTTP 200")

    page.go_back()
    hand.write(url, " ")
    hand.press(update)
    expect(page.get_by_text("No events are sent any more.")).to_be_visible()
    expect(url).to_have_value("")
    purchase(project, "+12125550101")
    assert len(receiver.received) == 1


@pytest.mark.parametrize("hands", [Mouse, Keyboard])
def test_the_signing_secret_is_revealed_and_rotated(project, owner, signed_in_page, hands):
    """A confirmation with the second factor is asked for where it is old, once."""
    listen(project, "https://example.com:443/events")
    (first,) = signing_keys(project)
    page = signed_in_page(owner)
    hand = hands(page)
    page.goto(f"/projects/{project.pid}/webhooks/")
    card = page.locator("section", has=page.locator("#secret-title"))
    expect(card.get_by_text(MASK)).to_be_visible()
    assert first not in page.content()
    hand.press(card.get_by_role("button", name="Reveal the signing secret"))
    enter_code(page)
    expect(card.get_by_text(first, exact=True)).to_be_visible()
    hand.press(card.get_by_role("link", name="Hide"))
    expect(card.get_by_text(MASK)).to_be_visible()
    assert first not in page.content()

    hand.press(card.get_by_role("link", name="Rotate"))
    dialog = page.get_by_role("dialog", name="Rotate the signing secret?")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(card.get_by_role("link", name="Rotate")).to_be_focused()
    assert signing_keys(project) == [first]
    hand.press(card.get_by_role("link", name="Rotate"))
    hand.press(dialog.get_by_role("button", name="Rotate"))
    expect(page.get_by_text("The new signing secret is in use.")).to_be_visible()
    expect(card).to_contain_text("Requests are also signed with the former secret")
    new, former = signing_keys(project)
    assert (former, new == first) == (first, False)
    hand.press(card.get_by_role("link", name="End it now"))
    hand.press(page.get_by_role("dialog").get_by_role("button", name="End the former secret"))
    expect(page.get_by_text("Only the new signing secret is used now.")).to_be_visible()
    expect(card).not_to_contain_text("also signed")
    assert signing_keys(project) == [new]


@pytest.mark.parametrize("hands", [Mouse, Keyboard])
def test_an_event_is_tried_and_a_server_switched_on_again(project, owner, receiver, signed_in_page, hands):
    listen(project, receiver.url)
    page = signed_in_page(owner)
    hand = hands(page)
    page.goto(f"/projects/{project.pid}/webhooks/")
    hand.press(page.get_by_role("link", name="All events and examples"))
    names = [each.name for each in event_types.all_types()]
    for name in names:
        expect(page.get_by_label(f"Example of {name}")).to_contain_text(f'"type": "{name}"')
    receiver.answers(503, '{"why": "a deploy"}')
    hand.press(page.get_by_role("button", name="Send a test of spend_cap.reached"))
    expect(page.get_by_text("It is being sent.")).to_be_visible()
    assert deliver() == 1
    expect(page.get_by_label("Answer to attempt 1")).to_have_text('{"why": "a deploy"}')
    expect(page.locator(".attempt")).to_contain_text("HTTP 503")
    assert receiver.received[0].parameters["data"] == {"spent": "100.00", "cap": "100.00", "currency": "USD"}

    receiver.answers(410)
    hand.press(page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="Webhooks"))
    servers = page.locator("#endpoints")
    expect(servers).to_contain_text("Failing")
    expect(servers).to_contain_text("The last request was not delivered")
    purchase(project, "+12125550100")
    page.reload()
    expect(servers).to_contain_text("Switched off")
    expect(servers).to_contain_text("because it answered 410 Gone")
    receiver.answers(200)
    hand.press(servers.get_by_role("button", name=f"Switch on {receiver.url}"))
    expect(page.get_by_text("Requests are sent to this URL again.")).to_be_visible()
    expect(servers).not_to_contain_text("Switched off")
    purchase(project, "+12125550101")
    assert receiver.received[-1].parameters["data"] == {"number": "+12125550101"}


def test_it_looks_right(project, owner, receiver, signed_in_page, accessible):
    lease = purchase(project, "+12125550100")
    set_messaging_url(lease, f"https://{'a-long-name.' * 8}example:65535/{'in' * 60}")
    listen(project, receiver.url)
    answers = {"/gone": Reply(410), "/waits": Reply(503, headers={"retry-after": "3600"})}
    receiver.behave = lambda request: answers.get(request.path, Reply(body=b"<p>Thank you</p>"))
    for path in answers:
        queue(make_target(project, receiver.at(path)), type="number.released", data={})
    deliver()
    purchase(project, "+12125550101")
    now = timezone.now()
    secrets.rotate(project=project, replaces=secrets.current(project, now)[0].pk, by=SYSTEM, now=now)
    page = signed_in_page(owner)
    page.goto(f"/projects/{project.pid}/webhooks/")
    page.get_by_role("button", name="Reveal the signing secret").click()
    enter_code(page)
    expect(page.get_by_role("link", name="Hide")).to_be_visible()
    looks_right_everywhere(page, accessible)
    page.get_by_role("link", name="number.purchased").click()
    page.locator("summary", has_text="Request sent").click()
    looks_right_everywhere(page, accessible)
    page.goto(f"/projects/{project.pid}/webhooks/events/")
    looks_right_everywhere(page, accessible)
