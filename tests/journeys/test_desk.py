"""The provisioning desk in a real browser: a whole review by mouse and by keyboard, on a desk and on a phone."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from numbers.desk.review import assignment, messages
from numbers.models import Submission
from portal.jobs.outbox import run_due_jobs
from projects.models import AuditEntry
from tests.desk.conftest import (  # noqa: F401
    look,
    order_of,
    owner,
    project,
    regulation,
    reviewer,
    submit,
)
from tests.journeys.conftest import give_session
from tests.support.files import pdf, png
from tests.support.people import staff_actor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def orders(order_of, submit, project):  # noqa: F811
    """Two orders to review, the older one late: ``[(order, address, register), …]``."""
    made = []
    for n, hours in enumerate((30, 3)):
        since = timezone.now() - timedelta(hours=hours)
        order = order_of(project, f"+49305550{n}100", now=since)
        address = submit(order, "Proof of address", now=since, content=pdf(3), pages=3, name="Electricity bill")
        register = submit(
            order,
            "Company register",
            now=since,
            content=png(size=(320, 240)),
            content_type="image/png",
            name="Register extract",
        )
        made.append((order, address, register))
    return made


def within(page):
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def opened(page):
    """A worker comes by while the viewer waits for a page that nobody has opened before; the picture comes by
    itself."""
    expect(page.locator(".desk-sheet.is-drawing")).to_be_visible()
    run_due_jobs()
    picture = page.locator(".desk-sheet img")
    expect(picture).to_have_js_property("complete", True)
    expect(picture).not_to_have_js_property("naturalWidth", 0)


def test_a_review_by_mouse(orders, provisioner, signed_in_page, accessible):
    order, address, register = orders[0]
    page = signed_in_page(provisioner)
    page.goto("/admin/numbers/order/")
    accessible(page)
    row = page.locator("tbody tr").first
    expect(row).to_contain_text("Late by 6 h")
    row.get_by_role("button", name="Assign to me").click()
    expect(page.get_by_text("+49 30 55500100 is assigned to you.")).to_be_visible()
    page.get_by_role("link", name="+49 30 55500100").click()
    expect(page.locator(f"#document-{address.pk}")).to_be_visible()
    accessible(page)
    assert not AuditEntry.objects.filter(action="document.viewed").exists()

    bill = page.locator(f"#document-{address.pk}")
    bill.get_by_role("link", name="View").click()
    opened(page)
    expect(page.locator("#viewer")).to_contain_text("Page 1 of 3")
    page.get_by_role("link", name="Next page").click()
    expect(page.locator("#viewer")).to_contain_text("Page 2 of 3")
    opened(page)
    accessible(page)
    with page.context.expect_page() as large:
        page.get_by_role("link", name="Larger").click()
    expect(large.value.get_by_text("The page is being prepared")).to_be_visible()
    run_due_jobs()
    expect(large.value.locator("img")).not_to_have_js_property("naturalWidth", 0)
    large.value.close()
    assert AuditEntry.objects.filter(action="document.viewed").count() == 1

    bill.locator("summary", has_text="Reject").click()
    bill.get_by_role("button", name="Reject this document").click()
    page.watch.allow("422")
    expect(bill.get_by_text("Enter a reason: the customer reads it")).to_be_visible()
    expect(page.locator("#viewer")).to_contain_text("Page 2 of 3")  # the same page is still open
    expect(bill.get_by_label("In your own words")).to_be_focused()
    accessible(page)
    bill.get_by_label("Common reasons").select_option(index=1)
    bill.get_by_label("In your own words").fill("Page 2 is black.")
    bill.get_by_role("button", name="Reject this document").click()
    expect(page.get_by_text("the customer gets the reason by e-mail")).to_be_visible()
    expect(page.locator("h1")).to_contain_text("Documents requested")

    extract = page.locator(f"#document-{register.pk}")  # which nobody has opened
    expect(extract.get_by_role("button", name="Accept", exact=True)).to_be_hidden()
    extract.get_by_text("Accept unopened…").click()
    accessible(page)
    extract.get_by_role("button", name="Accept unopened").click()
    page.watch.allow("409")
    expect(page.get_by_text("Nobody has opened “Register extract” yet.").first).to_be_visible()
    extract.get_by_label("I accept this document unopened").check()
    extract.get_by_role("button", name="Accept unopened").click()
    expect(page.get_by_text("“Register extract” is accepted.")).to_be_visible()
    expect(page.get_by_role("button", name="Approve and activate")).to_be_disabled()
    accessible(page)
    bill.get_by_role("button", name="Accept after all").click()
    page.get_by_role("button", name="Approve and activate").click()
    expect(page.get_by_text("The number is being activated.")).to_be_visible()
    accessible(page)
    order.refresh_from_db()
    assert (order.status, order.decided_by) == ("approved", provisioner)


def focus_on(page, name, presses=120):
    """Presses Tab until the control with this name has the focus."""
    for _ in range(presses):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent.trim()") == name:
            return
    raise AssertionError(f"Tab never reached {name!r}.")


def test_a_review_by_keyboard(orders, provisioner, signed_in_page):
    order, *_ = orders[0]
    page = signed_in_page(provisioner)
    page.goto("/admin/numbers/order/")
    focus_on(page, "+49 30 55500100")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("+49 30 55500100")
    focus_on(page, "View")
    page.keyboard.press("Enter")
    opened(page)
    expect(page.locator(".desk-sheet")).to_be_focused()
    page.goto(page.url.split("#")[0])
    focus_on(page, "Accept")
    page.keyboard.press("Enter")
    expect(page.get_by_text("“Electricity bill” is accepted.")).to_be_visible()
    # The page goes on at the next document.
    focus_on(page, "Accept unopened…", presses=4)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    focus_on(page, "Accept unopened", presses=4)
    page.keyboard.press("Enter")
    expect(page.get_by_text("“Register extract” is accepted.")).to_be_visible()
    focus_on(page, "Approve and activate", presses=4)
    page.keyboard.press("Enter")
    expect(page.get_by_text("The number is being activated.")).to_be_visible()
    assert [each.decided_by for each in Submission.objects.filter(requirement__order=order)] == [
        provisioner,
        provisioner,
    ]


def test_a_review_without_scripts(orders, provisioner, page_without_scripts, live_server):
    order, address, _ = orders[0]
    page = give_session(page_without_scripts, live_server, provisioner)
    page.goto(f"/admin/numbers/order/{order.pk}/change/")
    page.locator(f"#document-{address.pk}").get_by_role("link", name="View").click()
    expect(page.locator("#viewer")).to_contain_text("Page 1 of 3")
    page.get_by_role("link", name="Next page").click()
    expect(page.locator("#viewer")).to_contain_text("Page 2 of 3")
    run_due_jobs()  # the picture is drawn, and seen after a reload
    page.reload()
    page.locator(f"#document-{address.pk}").get_by_role("button", name="Accept").click()
    expect(page.get_by_text("“Electricity bill” is accepted.")).to_be_visible()
    expect(page.locator("#viewer")).to_contain_text("Page 2 of 3")
    page.get_by_text("Reject the order…").click()
    page.get_by_label("Common reasons").last.select_option(index=1)
    page.get_by_role("button", name="Reject the order").click()
    expect(page.locator("h1")).to_contain_text("Rejected")
    assert AuditEntry.objects.filter(action="document.viewed").count() == 1


def test_two_reviewers_see_each_other(orders, provisioner, signed_in_page, browser, home, live_server):
    order, address, _ = orders[0]
    bob = reviewer("Bob Brown")
    look(address, staff_actor(bob))
    page = signed_in_page(provisioner)
    page.goto(f"/admin/numbers/order/{order.pk}/change/")
    expect(page.locator("[data-others]")).to_be_hidden()
    context = browser.new_context(base_url=home.url)
    try:
        his = give_session(context.new_page(), live_server, bob)
        his.goto(f"/admin/numbers/order/{order.pk}/change/")
        expect(his.get_by_text("Rita Reviewer is looking at this order.")).to_be_visible()
        expect(page.get_by_text("Bob Brown is looking at this order.")).to_be_visible()
        his.locator(f"#document-{address.pk}").get_by_role("button", name="Accept").click()
        expect(page.get_by_text("Bob Brown accepted “Electricity bill”")).to_be_visible()
    finally:
        context.close()
    page.watch.allow("409")
    page.locator(f"#document-{address.pk}").get_by_role("button", name="Accept").click()
    expect(page.get_by_role("alert")).to_contain_text("the page was out of date")
    expect(page.get_by_role("alert")).to_be_focused()


def test_the_desk_on_a_phone(orders, provisioner, signed_in_phone, accessible):
    order, address, _ = orders[0]
    assignment.assign(order=orders[1][0], to=provisioner, by=staff_actor(provisioner), now=timezone.now())
    messages.ask_customer(order=order, text="Who will use the number?", by=staff_actor(provisioner), now=timezone.now())
    page = signed_in_phone(provisioner)
    for path in ("/admin/numbers/order/", "/admin/numbers/order/?tab=waiting", "/admin/numbers/order/?tab=failed"):
        page.goto(path)
        assert within(page)
        accessible(page)
    page.goto(f"/admin/numbers/order/{order.pk}/change/")
    assert within(page)
    page.locator(f"#document-{address.pk}").get_by_role("link", name="View").click()
    opened(page)
    expect(page.locator("#viewer")).to_be_in_viewport()
    for summary in page.locator(".desk-more:not([hidden]) > summary").all():
        summary.click()
    assert within(page)
    accessible(page)


def test_the_desk_in_the_dark(orders, provisioner, signed_in_page, accessible):
    page = signed_in_page(provisioner)
    page.emulate_media(color_scheme="dark")
    page.goto("/admin/numbers/order/")
    accessible(page)
    page.goto(f"/admin/numbers/order/{orders[0][0].pk}/change/")
    for summary in page.locator(".desk-more > summary").all():
        summary.click()
    accessible(page)
