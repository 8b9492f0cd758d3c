"""Routing as CSV in a real browser: exported, changed, checked, applied."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from numbers.models import CallRoute
from portal.jobs.outbox import run_due_jobs
from tests.support.inventory import make_number
from tests.support.purchases import purchase_number

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quiet_broker"),
]


@pytest.fixture
def starting_credit():
    return "20"


@pytest.fixture
def page(project, owner, signed_in_page):
    for number in ("+12125550100", "+12125550101"):
        make_number(number)
        purchase_number(project, number)
    page = signed_in_page(owner)
    page.goto(f"/projects/{project.pid}/numbers/purchased/")
    page.get_by_role("link", name="Routing as CSV").click()
    return page


def choose(page, text):
    page.get_by_label("CSV file").set_input_files(
        {"name": "routing.csv", "mimeType": "text/csv", "buffer": text.encode("utf-8-sig")}
    )
    page.get_by_role("button", name="Check the file").click()


def test_an_export_is_changed_and_applied(page, accessible):
    accessible(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Export CSV").click()
    table = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert table.count(",default,") == 2
    choose(page, table.replace(",default,", ",pstn,+44900", 1))
    expect(page.get_by_role("heading", name="Being checked")).to_be_visible()
    accessible(page)
    run_due_jobs()
    expect(page.get_by_role("heading", name="1 mistake: the file cannot be applied")).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Choose another file").click()
    choose(page, table.replace(",default,", ",pstn,+442079460018", 1))
    run_due_jobs()
    expect(page.get_by_role("heading", name="1 number would change")).to_be_visible()
    expect(page.get_by_text("Calls go to PSTN (+44 20 7946 0018) instead of the project default.")).to_be_visible()
    accessible(page)
    assert not CallRoute.objects.exists()
    page.get_by_role("button", name="Apply to 1 number").click()
    expect(page.get_by_role("heading", name="Being applied")).to_be_visible()
    run_due_jobs()
    expect(page.get_by_role("heading", name="1 number changed")).to_be_visible()
    accessible(page)
    page.get_by_role("main").get_by_role("link", name="Purchased Numbers").last.click()
    expect(page.get_by_text("+44 20 7946 0018")).to_be_visible()


def test_a_file_that_is_no_table_is_refused_beside_its_field(page):
    page.watch.allow("422")
    choose(page, "a,b\n1,2\n")
    expect(page.get_by_text("one of them has to be “number”")).to_be_visible()
    expect(page.get_by_label("CSV file")).to_be_focused()
