"""Pages of documents, and the desk: from a narrow phone to a wide screen nothing scrolls sideways or is cut off."""

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from numbers.desk.review import messages
from portal.jobs.outbox import run_due_jobs
from tests.desk.conftest import order_of, owner, project, regulation, reviewer, submit  # noqa: F401
from tests.journeys.widths.measuring import WIDTHS
from tests.support.files import pdf
from tests.support.people import staff_actor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# What is wider than the page, or a table wider than the box that would let it scroll.
TOO_WIDE = """
() => {
  const found = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) found.push(`page ${root.scrollWidth}`);
  for (const each of document.querySelectorAll('main table, #content table')) {
    const box = each.parentElement;
    if (box.scrollWidth > box.clientWidth + 1) found.push(`table ${box.scrollWidth} in ${box.clientWidth}`);
  }
  return found;
}
"""


@pytest.fixture
def busy(project, order_of, submit):  # noqa: F811
    """An order in review with long names, and one that lacks its papers."""
    order = order_of(project, now=timezone.now())
    address = submit(
        order,
        "Proof of address",
        now=timezone.now(),
        content=pdf(3),
        pages=3,
        name="Electricity bill of the Harbour Lights Company for January",
    )
    submit(order, "Company register", now=timezone.now(), name="Registerauszug_" + "x" * 60)
    order_of(project, "+493055500200", now=timezone.now())
    return order, address


def walk(page, address):
    page.goto(address)
    wrong = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        found = page.evaluate(TOO_WIDE)
        if found:
            wrong[width] = found
    return wrong


def test_the_customers_pages(busy, project, signed_in_page):  # noqa: F811
    order, _ = busy
    page = signed_in_page(project.created_by)
    at = [project.pid]
    for address in (
        reverse("numbers:documents", args=at),
        reverse("numbers:document_upload", args=at),
        reverse("numbers:document_upload", args=at) + f"?order={order.ref}",
        reverse("numbers:order", args=[*at, order.ref]),
    ):
        assert walk(page, address) == {}, address


def test_the_desk(busy, signed_in_page):
    order, address = busy
    provisioner = reviewer()
    messages.add_note(
        order=order, text="https://register.example/" + "a" * 120, by=staff_actor(provisioner), now=timezone.now()
    )
    page = signed_in_page(provisioner)
    order_page = reverse("admin:numbers_order_change", args=[order.pk])
    for where in (
        reverse("admin:numbers_order_changelist"),
        order_page,
        f"{order_page}?view={address.pk}",
        reverse("admin:index") + "?lists=1",
    ):
        assert walk(page, where) == {}, where


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_of_a_document_lies_on_white(busy, signed_in_page, scheme):
    order, address = busy
    page = signed_in_page(reviewer())
    page.emulate_media(color_scheme=scheme)
    page.goto(reverse("admin:numbers_order_change", args=[order.pk]) + f"?view={address.pk}")
    run_due_jobs()
    picture = page.locator(".desk-sheet img")
    expect(picture).not_to_have_js_property("naturalWidth", 0)
    assert picture.evaluate("each => getComputedStyle(each).backgroundColor") == "rgb(255, 255, 255)"
