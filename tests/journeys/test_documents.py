"""Documents to upload in a real browser: drag and drop, progress, keyboard, a phone, and without scripts."""

import base64
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from numbers.models import Document, Order, Submission
from portal.jobs.outbox import run_due_jobs
from tests.support import purchases
from tests.support.documents import make_document
from tests.support.files import jpeg
from tests.support.regulations import make_document_type, make_regulation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DROP = """
([bytes, name, type]) => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0))], name, { type }));
  const zone = document.querySelector('[data-upload-drop]');
  for (const event of ['dragenter', 'dragover', 'drop'])
    zone.dispatchEvent(new DragEvent(event, { dataTransfer: data, bubbles: true, cancelable: true }));
}
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path, settings):
    documents = settings.STORAGES["documents"]
    options = documents["OPTIONS"] | {"location": str(tmp_path / "documents")}
    settings.STORAGES = settings.STORAGES | {"documents": documents | {"OPTIONS": options}}


@pytest.fixture
def starting_credit():
    return "50"


@pytest.fixture
def project(project):
    make_document_type("passport", name="Passport", has_expiry=True, hint="The page with the photo.")
    make_document_type("bill", name="Utility bill", hint="Not older than three months.")
    make_regulation(
        "DE",
        lines=[
            {"types": ["passport"], "title": "Proof of identity"},
            {"types": ["bill"], "title": "Proof of address", "address_scope": "city"},
        ],
    )
    return project


@pytest.fixture
def order(project):
    return purchases.order(project, "+493012345678", country="DE", region="", city="Berlin")


def file(name="photo.jpg", kind="image/jpeg", data=None):
    return {"name": name, "mimeType": kind, "buffer": jpeg(size=(1200, 900)) if data is None else data}


def open_list(page, project):
    page.goto(f"/projects/{project.pid}/numbers/documents/")


def open_form(page, project, query=""):
    page.goto(f"/projects/{project.pid}/numbers/documents/upload/{query}")


def hold_uploads(page):
    """Uploads wait until the test lets them go on."""
    held = []
    page.route(
        "**/documents/upload/",
        lambda route: held.append(route) if route.request.method == "POST" else route.continue_(),
    )
    return held


def checked(page):
    """A worker comes by while the page waits."""
    expect(page.get_by_text("Checking the file…")).to_be_visible()
    run_due_jobs()


def in_one_piece(page):
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_photo_is_dropped_and_the_order_goes_to_review(project, owner, order, signed_in_page, accessible):
    passport = make_document(project, "passport", name="Passport")
    Submission.objects.create(requirement=order.requirements.first(), document=passport)
    page = signed_in_page(owner)
    open_list(page, project)
    accessible(page)
    page.get_by_role("link", name="Upload document for Proof of address").click()
    expect(page.get_by_label("Type of document")).to_have_value("bill")
    expect(page.get_by_text("Not older than three months.").first).to_be_visible()
    expect(page.get_by_label("Expiry date")).to_be_hidden()
    page.get_by_label("Name", exact=True).fill("Bill of March")
    page.evaluate(DROP, [base64.b64encode(jpeg(size=(1200, 900))).decode(), "bill of march.jpg", "image/jpeg"])
    expect(page.get_by_text("bill of march.jpg")).to_be_visible()
    expect(page.locator("[data-upload-thumb] canvas")).to_be_visible()
    accessible(page)
    held = hold_uploads(page)
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_role("button", name="Cancel the upload")).to_be_focused()
    accessible(page)
    held[0].continue_()
    checked(page)
    expect(page.get_by_text("“Bill of March” was uploaded and submitted for the order of")).to_be_visible()
    expect(page.get_by_text("All documents are submitted. Our team is reviewing")).to_be_visible()
    expect(page.locator("#documents-list tr", has_text="Bill of March")).to_contain_text("In review")
    assert Order.objects.get().status == "in_review"
    accessible(page)


def test_a_refusal_stands_beside_its_field_and_the_file_stays_chosen(project, owner, signed_in_page, accessible):
    page = signed_in_page(owner)
    page.watch.allow("422")
    open_form(page, project)
    page.get_by_label("Type of document").select_option("passport")
    page.locator("#id_file").set_input_files(file())
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_text("Give the document a name")).to_be_visible()
    expect(page.get_by_text("Enter the expiry date shown on the document.")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    expect(page.get_by_label("Name", exact=True)).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("photo.jpg")).to_be_visible()
    accessible(page)
    page.get_by_label("Name", exact=True).fill("My passport")
    page.get_by_label("Expiry date").fill((timezone.now() + timedelta(days=400)).date().isoformat())
    page.get_by_role("button", name="Upload", exact=True).click()
    checked(page)
    expect(page.get_by_text("“My passport” was uploaded.")).to_be_visible()
    assert Document.objects.get().type.code == "passport"


def test_a_file_that_the_inspection_refuses_is_told_beside_its_field(project, owner, signed_in_page, accessible):
    page = signed_in_page(owner)
    open_form(page, project, "?type=bill")
    page.get_by_label("Name", exact=True).fill("Bill")
    page.locator("#id_file").set_input_files(file(data=jpeg(size=(1200, 900))[: len(jpeg(size=(1200, 900))) // 2]))
    page.get_by_role("button", name="Upload", exact=True).click()
    checked(page)
    expect(page.get_by_text("The picture is incomplete: only the upper")).to_be_visible()
    expect(page.locator("#id_file")).to_be_focused()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Bill")
    accessible(page)
    page.locator("#id_file").set_input_files(file())
    page.get_by_role("button", name="Upload", exact=True).click()
    checked(page)
    expect(page.get_by_text("“Bill” was uploaded.")).to_be_visible()
    assert [each.inspection for each in Document.objects.order_by("id")] == ["refused", "passed"]


def test_pages_tell_by_themselves_what_came_of_a_file(project, owner, order, signed_in_page, accessible):
    """Who does not wait sees it on the list and on the order's page, without a reload, and a menu stays open."""
    make_document(project, "passport", name="Passport")
    page = signed_in_page(owner)
    there = page.context.new_page()
    open_form(page, project, "?type=bill")
    page.get_by_label("Name", exact=True).fill("Bill of May")
    page.locator("#id_file").set_input_files(file())
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_text("Checking the file…")).to_be_visible()
    page.get_by_role("button", name="Go on without waiting").click()
    expect(page.get_by_text("“Bill of May” was uploaded. The file is being checked")).to_be_visible()
    expect(page.locator("#documents-list tr", has_text="Bill of May")).to_contain_text("Being checked")
    expect(page.locator("#todo")).to_contain_text("“Bill of May” is being checked.")
    accessible(page)
    there.goto(f"/projects/{project.pid}/numbers/orders/{order.ref}/")
    expect(there.locator("#documents")).to_contain_text("“Bill of May” is being checked.")
    accessible(there)
    there.get_by_label("Write to our team").fill("half a sentence")
    row = page.locator("#documents-list tr", has_text="Passport")
    row.locator("summary").press("Enter")
    run_due_jobs()
    for each in (page, there):
        expect(each.get_by_text("“Bill of May” was uploaded and submitted for the order of")).to_be_visible()
    expect(page.locator("#todo li", has_text="Proof of address")).to_contain_text("In review")
    expect(page.locator("#documents-list tr", has_text="Bill of May")).to_contain_text("In review")
    expect(row.locator("summary")).to_be_focused()
    expect(row.get_by_role("link", name="Replace by another file")).to_be_visible()
    expect(there.locator("#documents")).to_contain_text("In review")
    expect(there.get_by_label("Write to our team")).to_have_value("half a sentence")
    accessible(page)


@pytest.mark.parametrize(
    ("chosen", "told"),
    [
        (file("photo.heic", "image/heic", b"x"), "This is a HEIC photo."),
        (file("letter.docx", "application/msword", b"x"), "Choose a PDF, JPEG or PNG file."),
        (file("empty.pdf", "application/pdf", b""), "The file is empty."),
        (file("big.pdf", "application/pdf", b"x" * (1024 * 1024 + 1)), "at most 1.0 MB are possible."),
    ],
)
def test_what_cannot_be_taken_is_said_before_anything_is_sent(project, owner, signed_in_page, settings, chosen, told):
    settings.DOCUMENT_MAX_MB = 1
    page = signed_in_page(owner)
    open_form(page, project, "?type=bill")
    page.get_by_label("Name", exact=True).fill("Something")
    sent = []
    page.on("request", lambda request: sent.append(request.method) if request.method == "POST" else None)
    page.locator("#id_file").set_input_files(chosen)
    expect(page.get_by_text(told)).to_be_visible()
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.locator("#id_file")).to_be_focused()
    page.get_by_role("button", name="Remove the file").click()
    expect(page.get_by_text(told)).to_have_count(0)
    expect(page.get_by_text("Drag the file here")).to_be_visible()
    assert sent == []


def test_an_upload_is_cancelled_and_sent_again(project, owner, signed_in_page):
    page = signed_in_page(owner)
    page.watch.allow("ERR_FAILED")
    open_form(page, project, "?type=bill")
    page.get_by_label("Name", exact=True).fill("Bill")
    page.locator("#id_file").set_input_files(file())
    hold_uploads(page)
    page.get_by_role("button", name="Upload", exact=True).click()
    page.get_by_role("button", name="Cancel the upload").click()
    send = page.get_by_role("button", name="Upload", exact=True)
    expect(send).to_be_focused()
    expect(page.get_by_role("progressbar")).to_be_hidden()
    page.unroute_all(behavior="ignoreErrors")
    send.click()
    checked(page)
    expect(page.get_by_text("“Bill” was uploaded.")).to_be_visible()
    assert Document.objects.count() == 1


def test_a_broken_connection_is_told_and_the_file_stays(project, owner, signed_in_page):
    page = signed_in_page(owner)
    page.watch.allow("ERR_")
    open_form(page, project, "?type=bill")
    page.get_by_label("Name", exact=True).fill("Bill")
    page.locator("#id_file").set_input_files(file())
    page.route("**/documents/upload/", lambda route: route.abort())
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("The connection broke.")
    expect(page.get_by_text("photo.jpg")).to_be_visible()


def test_with_the_keyboard_alone(project, owner, signed_in_page):
    page = signed_in_page(owner)
    page.on("filechooser", lambda _: None)  # from now on the browser asks us, and not only after the key was pressed
    open_form(page, project)
    page.get_by_label("Type of document").focus()
    page.keyboard.press("U")
    expect(page.get_by_label("Type of document")).to_have_value("bill")
    page.keyboard.press("Tab")
    page.keyboard.type("Typed bill")
    page.keyboard.press("Tab")
    expect(page.locator("#id_file")).to_be_focused()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(file())
    expect(page.get_by_text("photo.jpg")).to_be_visible()
    for _ in range(2):  # past the button that removes the file, to Cancel
        page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Cancel", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    checked(page)
    expect(page.get_by_text("“Typed bill” was uploaded.")).to_be_visible()
    expect(page.locator("#documents-list tr", has_text="Typed bill")).to_contain_text("Not used yet")
    page.locator("#documents-list summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Replace by another file")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("“Typed bill” was withdrawn")).to_be_visible()
    assert not Document.objects.get().is_there


def test_without_scripts(project, owner, order, page_without_scripts, live_server):
    from tests.journeys.conftest import give_session

    page = give_session(page_without_scripts, live_server, owner)
    page.watch.allow("422")
    open_list(page, project)
    page.get_by_role("link", name="Upload document for Proof of identity").click()
    page.get_by_text("Which document is which type?").click()
    expect(page.get_by_text("The page with the photo.")).to_be_visible()
    page.get_by_label("Name", exact=True).fill("My passport")
    page.locator("#id_file").set_input_files(file())
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_text("Enter the expiry date shown on the document.")).to_be_visible()
    expect(page.get_by_text("Please choose the file again")).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("My passport")
    page.get_by_label("Expiry date").fill((timezone.now() + timedelta(days=400)).date().isoformat())
    page.locator("#id_file").set_input_files(file())
    page.get_by_role("button", name="Upload", exact=True).click()
    expect(page.get_by_text("“My passport” was uploaded. The file is being checked")).to_be_visible()
    run_due_jobs()
    page.get_by_role("link", name="See the result").click()
    expect(page.get_by_text("“My passport” was uploaded and submitted")).to_be_visible()
    page.get_by_label("Status").select_option("accepted")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_text("No document matches")).to_be_visible()


def test_the_list_is_filtered_while_one_types(project, owner, signed_in_page):
    for name in ("Bill of March", "Bill of April"):
        make_document(project, "bill", name=name)
    page = signed_in_page(owner)
    open_list(page, project)
    page.get_by_label("Search", exact=True).first.fill("april")
    expect(page.locator("#documents-list tbody tr")).to_have_count(1)
    expect(page).to_have_url(re.compile(r"\?q=april$"))
    page.get_by_label("Status").select_option("replaced")
    expect(page.get_by_text("No document matches")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_on_a_phone(project, owner, order, signed_in_phone, accessible, scheme):
    page = signed_in_phone(owner)
    page.emulate_media(color_scheme=scheme)
    make_document(
        project,
        "bill",
        name="A bill with a name that is rather longer than the screen of a telephone is",
        original_name="IMG_20260301_" + "x" * 80 + ".pdf",
    )
    rejected = make_document(project, "passport", name="Passport")
    Submission.objects.create(
        requirement=order.requirements.first(), document=rejected, verdict="rejected", reason="W" * 300
    )
    open_list(page, project)
    in_one_piece(page)
    accessible(page)
    page.locator("#documents-list summary").first.click()
    expect(page.get_by_role("button", name="Withdraw").first).to_be_visible()
    accessible(page)
    page.get_by_role("link", name="Upload document for Proof of identity").click()
    page.locator("#id_file").set_input_files(file("y" * 200 + ".jpg"))
    expect(page.get_by_label("Expiry date")).to_be_visible()
    in_one_piece(page)
    accessible(page)
