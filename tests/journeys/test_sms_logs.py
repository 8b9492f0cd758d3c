"""SMS › Logs: messages that gateways handed over, found again, looked into and delivered again, in a browser."""

import csv
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from numbers.carrier import credentials
from numbers.models import Message
from portal.jobs import outbox
from tests.carrier.sms import SENDER, hand_over, message
from tests.journeys.looks import looks_right_everywhere
from tests.journeys.whole_job.hands import Keyboard, Mouse
from tests.leases.data import buy
from tests.support.messaging import set_messaging_url
from tests.support.webhooks import deliver, due_now

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TAKEN, REFUSED, NOWHERE = "Your code is 4711", "Your parcel is at the door", "Call me back, please"


@pytest.fixture
def leases(project):
    return [buy(project, number, now=timezone.now()) for number in ("+12125550100", "+12125550101")]


@pytest.fixture
def messages(leases, receiver):
    """By its text: one that was taken, one after which the server asked for no more, one without a URL."""
    first, second = leases
    secret = credentials.create(switch_id="gw1", scopes=["sms"])[1]
    set_messaging_url(first, receiver.url)
    for status, lease, text in ((200, first, TAKEN), (410, first, REFUSED), (200, second, NOWHERE)):
        receiver.answers(status, '{"why": "moved"}' if status == 410 else "")
        assert hand_over(message(to=lease.number.e164, text=text), secret).status_code == 202
        deliver()
    due_now()
    deliver()  # what is due after the server asked for no more fails
    return {each.text: each for each in Message.objects.all()}


def texts(page):
    """Of the list, newest first."""
    return page.locator("#messages-list .message-start")


def search(page, hand):
    hand.press(page.get_by_role("button", name="Filter"))


@pytest.mark.parametrize("hands", [Mouse, Keyboard])
def test_messages_are_found(project, owner, leases, messages, signed_in_page, hands):
    page = signed_in_page(owner)
    page.watch.allow("422")
    hand, soon = hands(page), timezone.now() + timedelta(hours=2)
    page.goto(f"/projects/{project.pid}/")
    hand.press(page.locator(".side-group", has_text="SMS").get_by_role("link", name="Logs", exact=True))
    expect(texts(page)).to_have_text([NOWHERE, REFUSED, TAKEN])
    card = page.get_by_role("search", name="Messages")
    number = card.get_by_role("textbox", name="Number", exact=True)
    hand.write(number, "+1 212-555-0101")
    search(page, hand)
    expect(texts(page)).to_have_text([NOWHERE])
    hand.press(page.get_by_role("link", name="Clear"))
    hand.write(card.get_by_role("textbox", name="Text or sender"), "YOUR")
    hand.select(card.get_by_label("Status"), "Delivered")
    search(page, hand)
    expect(texts(page)).to_have_text([TAKEN])
    with page.expect_download() as download:
        hand.press(page.get_by_role("link", name="Export CSV"))
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["From"], row["Number"], row["Text"], row["Status"]) for row in rows] == [
        (SENDER, leases[0].number.e164, TAKEN, "Delivered")
    ]

    hand.write(number, "12")
    hand.write_time(card.get_by_label("From (UTC)"), soon)
    search(page, hand)
    expect(page.get_by_text("Enter a whole number with its country code")).to_be_visible()
    expect(number).to_have_value("12")
    expect(card.get_by_label("From (UTC)")).to_have_value(f"{soon:%Y-%m-%dT%H:%M}")
    hand.write(number, leases[0].number.e164)
    search(page, hand)
    expect(page.get_by_text("No messages match")).to_be_visible()
    hand.press(page.get_by_role("link", name="Show all messages"))
    expect(texts(page)).to_have_count(3)


@pytest.mark.parametrize("hands", [Mouse, Keyboard])
def test_messages_are_delivered_again(project, owner, leases, messages, receiver, signed_in_page, hands):
    page = signed_in_page(owner)
    page.watch.allow("422")
    hand, refused = hands(page), messages[REFUSED]
    page.goto(f"/projects/{project.pid}/numbers/sms/logs/")
    row = page.locator("#messages-list tr", has_text=REFUSED)
    expect(row).to_contain_text("Failed")
    hand.press(row.get_by_role("link"))
    attempt = page.locator(".attempt")
    expect(attempt.get_by_text("HTTP 410 · ")).to_be_visible()
    expect(attempt).to_contain_text(" ms")
    expect(attempt.get_by_label("Answer to attempt 1")).to_have_text('{"why": "moved"}')
    hand.press(attempt.get_by_text("Request sent"))
    expect(attempt.get_by_label("Request of attempt 1")).to_contain_text(f"webhook-id: {refused.message_id}")

    hand.press(page.get_by_role("navigation", name="Breadcrumb").get_by_role("link", name="SMS Logs"))
    health = page.locator("#endpoints")
    expect(health).to_contain_text("50% of the last 2 requests were delivered")
    expect(health).to_contain_text("Last failure")
    hand.press(health.get_by_role("button", name="Switch on"))
    expect(page.get_by_text("Requests are sent to this URL again.")).to_be_visible()

    receiver.answers(200)
    page.goto(f"/projects/{project.pid}/numbers/sms/logs/{refused.message_id}/")
    hand.press(page.get_by_role("button", name="Redeliver"))
    expect(page.get_by_text("The message is being delivered again.")).to_be_visible()
    deliver()
    expect(page.get_by_text("Your server took it.")).to_be_visible()
    expect(attempt).to_have_count(2)

    set_messaging_url(leases[1], receiver.url)
    page.goto(f"/projects/{project.pid}/numbers/sms/logs/")
    again = page.locator("#again")
    hand.select(again.get_by_label("Which"), "All that never arrived")
    hand.press(again.get_by_role("button", name="Deliver again"))
    expect(again.get_by_text("Enter since when.")).to_be_visible()
    expect(again.get_by_label("Which")).to_have_value("not_delivered")
    hand.write_time(again.get_by_label("From (UTC)"), timezone.now() - timedelta(hours=1))
    hand.press(again.get_by_role("button", name="Deliver again"))
    expect(page.get_by_text("The messages are being delivered again, the oldest first.")).to_be_visible()
    outbox.run_due_jobs()
    deliver()
    page.reload()
    expect(page.locator("#messages-list tr", has_text=NOWHERE)).to_contain_text("Delivered")
    assert [each.parameters["message"] for each in receiver.received] == [TAKEN, REFUSED, REFUSED, NOWHERE]


def test_it_looks_right(project, owner, messages, signed_in_page, accessible):
    page = signed_in_page(owner)
    page.watch.allow("422")
    opened = [f"{messages[text].message_id}/" for text in (REFUSED, NOWHERE)]
    for address in ("", "?number=12&since=yesterday", *opened):
        page.goto(f"/projects/{project.pid}/numbers/sms/logs/{address}")
        for part in page.locator("summary:visible", has_text="Request sent").all():
            part.click()
        looks_right_everywhere(page, accessible)
