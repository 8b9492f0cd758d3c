"""A number that needs documents, in one go: ordered, papers sent, one refused, sent again, approved, handed over.

The customer and the reviewer have a browser each; mails, the worker and the ledger are the demo's own. Once with mice
on desktops, once with nothing but keyboards, the customer on a phone's screen.
"""

import re
from decimal import Decimal
from io import BytesIO
from urllib.parse import urlsplit

import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.journeys.conftest import PATIENCE, REPORT_VIOLATIONS
from tests.journeys.whole_job.hands import Keyboard, Mouse
from tests.journeys.whole_job.newcomer import Newcomer
from tests.journeys.whole_job.site import App

pytestmark = pytest.mark.browser
REASON = "The page with the address is cut off."


def scan(pages=2):
    made, out = pypdfium2.PdfDocument.new(), BytesIO()
    for _ in range(pages):
        made.new_page(595, 842)
    made.save(out)
    return {"name": "register.pdf", "mimeType": "application/pdf", "buffer": out.getvalue()}


def photo(colour):
    out = BytesIO()
    Image.new("RGB", (1600, 1200), colour).save(out, "JPEG")
    return {"name": "bill.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


class Orderer(Newcomer):
    def order(self):
        page, hand = self.page, self.hand
        page.goto(f"{self.home}numbers/buy/?country=DE&type=did")
        hand.press(page.locator("#results a[hx-get*='/buy/49']").first)
        dialog = page.get_by_role("dialog", name="Documentation required")
        expect(dialog).to_contain_text("Business registration")
        expect(dialog).to_contain_text("Proof of address")
        confirm = dialog.get_by_role("button", name=re.compile("^Order for "))
        self.held = Decimal(confirm.inner_text().split()[-2])
        self.fits()
        hand.press(confirm)
        expect(page.get_by_role("heading", name="Order of +49")).to_be_visible()
        self.number = page.locator("h1 .phone-number").inner_text()
        self.page_of_order = page.url
        expect(page.locator(".credits-balance")).to_contain_text(f"{40 - self.held} USD")
        self.fits()

    def send(self, title, name, kind, file):
        """A document for a line of the order."""
        page, hand = self.page, self.hand
        page.goto(self.page_of_order)
        hand.press(page.get_by_role("link", name=f"Upload {title}"))
        page.wait_for_url("**/documents/upload/**")
        page.wait_for_load_state()
        if page.get_by_label("Type of document").input_value() != kind:
            page.get_by_label("Type of document").select_option(kind)
        hand.write(page.get_by_label("Name", exact=True), name)
        page.locator("#id_file").set_input_files(file)
        self.fits()
        hand.press(self.button("Upload"))
        expect(page.get_by_text(f"“{name}” was uploaded and submitted for the order of")).to_be_visible()

    def sees(self, *words):
        self.page.goto(self.page_of_order)
        for each in words:
            expect(self.page.locator("main")).to_contain_text(each)
        self.fits()


class Reviewer:
    def __init__(self, page, hand, site):
        self.page, self.hand, self.site = page, hand, site

    def sign_in(self):
        person = self.site.facts["provisioning"]
        self.page.goto("/admin/")
        self.hand.write(self.page.get_by_label("E-mail"), person["email"])
        self.hand.write(self.page.locator("[name=password]"), person["password"])
        self.hand.press(self.page.get_by_role("button", name="Sign in"))
        self.page.wait_for_url("**/accounts/2fa/**")
        self.hand.write(self.page.locator("[name=code]"), self.site.reviewers_app.code())
        self.hand.press(self.page.get_by_role("button", name="Continue"))
        self.page.wait_for_url("**/admin/numbers/order/")

    def open(self, number):
        self.page.goto("/admin/numbers/order/")
        self.hand.press(self.page.get_by_role("link", name=number))
        expect(self.page.locator("h1")).to_contain_text(number)

    def document(self, name):
        return self.page.locator("[id^=document-]", has_text=name).first

    def view(self, name):
        self.hand.press(self.document(name).get_by_role("link", name="View"))
        expect(self.page.locator("#viewer-title")).to_have_text(name)  # and no longer the document before
        picture = self.page.locator(".desk-sheet img")
        expect(picture).to_have_js_property("complete", True)
        expect(picture).not_to_have_js_property("naturalWidth", 0)

    def accept(self, name):
        self.hand.press(self.document(name).get_by_role("button", name="Accept"))
        expect(self.page.get_by_text(f"“{name}” is accepted.")).to_be_visible()

    def refuse(self, name):
        document = self.document(name)
        self.hand.press(document.locator("summary", has_text="Reject"))
        self.hand.write(document.get_by_label("In your own words"), REASON)
        self.hand.press(document.get_by_role("button", name="Reject this document"))
        expect(self.page.get_by_text("the customer gets the reason by e-mail")).to_be_visible()

    def approve(self):
        self.hand.press(self.page.get_by_role("button", name="Approve and activate"))
        expect(self.page.get_by_text(re.compile("^Approved\\. .* is being activated"))).to_be_visible()


@pytest.fixture
def desk_page(browser, home):
    """The reviewer's own browser, watched for scripts and styles that the content security policy stops."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, base_url=home.url)
    context.add_init_script(REPORT_VIOLATIONS)
    page, complaints = context.new_page(), []
    page.set_default_timeout(PATIENCE)
    page.on("console", lambda line: complaints.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


@pytest.mark.parametrize("way", ["mouse and desktop", "keyboard and phone"])
def test_from_the_order_to_the_number(way, request, site, desk_page, accessible):
    if not hasattr(site, "reviewers_app"):
        site.reviewers_app = App(site.facts["provisioning"]["totp_secret"])
    mouse = way == "mouse and desktop"
    page, hand = (
        (request.getfixturevalue("page"), Mouse) if mouse else (request.getfixturevalue("phone_page"), Keyboard)
    )
    page.watch.allow(f"request to another host: {site.facts['gateway_url']}")
    page.watch.allow("404 (Not Found)")  # the browser asks the gateway for a favicon
    customer = Orderer(page, hand(page), site, f"order-{way.split()[0]}@customer.example")
    staff = Reviewer(desk_page, hand(desk_page), site)
    customer.sign_up()
    customer.enrol()
    customer.create_project()
    customer.add_credits()
    customer.order()
    assert site.mail(customer.email, "Your order of")
    customer.send("Business registration", "Our register extract", "business-registration", scan())
    customer.send("Proof of address", "Our bill", "utility-bill", photo("lightgrey"))
    customer.sees("In review", "Review time")
    accessible(page)

    staff.sign_in()
    staff.open(customer.number)
    accessible(desk_page)
    staff.view("Our register extract")
    staff.accept("Our register extract")
    staff.view("Our bill")
    staff.refuse("Our bill")
    assert site.mail(customer.email, "was rejected")
    customer.sees("Rejected", REASON, "Documents requested")

    customer.send("Proof of address", "The whole bill", "utility-bill", photo("white"))
    customer.sees("In review")
    staff.page.goto(staff.page.url.split("?")[0].split("#")[0])
    staff.view("The whole bill")
    staff.accept("The whole bill")
    accessible(desk_page)
    staff.approve()
    assert site.mail(customer.email, "is active")  # the worker has handed it over
    customer.sees("Active", "viewed “Our bill” for the order of")
    ledger_is_exact(customer)


def ledger_is_exact(customer):
    page = customer.page
    customer.open("Purchased Numbers")
    row = page.locator("#purchased-list tbody tr", has_text=customer.number)
    expect(row).to_contain_text("Active")
    page.goto(f"{customer.home}credits/")
    expect(page.locator(".credits-balance")).to_contain_text(f"{40 - customer.held} USD")
    page.goto(f"{customer.home}credits/history/")
    for words in ("Held for the order of", "Setup of", "First month of"):
        expect(page.locator("main")).to_contain_text(words)
    answer = page.request.get(f"{urlsplit(customer.home).path}credits/history.csv")
    lines = answer.text().splitlines()
    assert sum(customer.number.replace(" ", "") in line for line in lines) == 3, lines
