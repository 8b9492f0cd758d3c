"""What a newcomer does, one step after the other, with a mouse or a keyboard."""

import re
from decimal import Decimal
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.journeys.whole_job.site import App

PASSWORD = "quartz harbor violin 7319"


class Newcomer:
    def __init__(self, page, hand, site, email):
        self.page, self.hand, self.site, self.email = page, hand, site, email

    def button(self, name, exact=True):
        return self.page.get_by_role("button", name=name, exact=exact)

    def fits(self):
        assert self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), self.page.url

    def open(self, entry, group=""):
        """An entry of the navigation (of a group, where its name is not the only one), behind a button on a phone."""
        opener = self.button("Menu")
        if opener.is_visible():
            self.hand.press(opener)
        place = self.page.locator("#side-nav .side-group", has_text=group) if group else self.page.locator("#side-nav")
        self.hand.press(place.get_by_role("link", name=entry, exact=True))
        expect(self.page.locator("#side-nav a[aria-current=page]")).to_have_text(entry)
        self.page.wait_for_load_state()  # its scripts, too: nobody types faster than they start
        self.fits()

    def sign_up(self):
        page, hand = self.page, self.hand
        page.goto("/")
        self.fits()
        hand.press(page.get_by_role("link", name="Sign Up Now").first)
        page.wait_for_url("**/accounts/signup/")
        hand.write(page.get_by_label("Full name"), "Nora Newcomer")
        hand.write(page.get_by_label("E-mail"), self.email)
        hand.choose(page.get_by_role("combobox", name="Country"), "GB", "United K")
        hand.write(page.get_by_label("Phone"), "020 7946 0958")
        hand.write(page.locator("[name=password1]"), PASSWORD)
        hand.tick(page.locator("[name=terms]"))
        page.wait_for_selector("altcha-widget [data-state=verified]")
        hand.press(self.button("Sign up"))
        page.wait_for_url("**/accounts/confirm-email/")
        self.fits()
        page.goto(self.site.link(self.email, "accounts/activate/"))
        self.fits()
        hand.write(page.locator("[name=password]"), PASSWORD)
        hand.press(self.button("Activate", exact=False))

    def enrol(self):
        page, hand = self.page, self.hand
        page.wait_for_url("**/accounts/2fa/enrol/")
        page.goto("/projects/")  # nothing is reached before the second factor is set up
        page.wait_for_url("**/accounts/2fa/enrol/")
        hand.press(page.locator("details.secret summary"))
        self.app = App(page.locator("#secret code").inner_text().replace(" ", ""))
        self.fits()
        hand.write(page.locator("[name=code]"), self.app.code())
        hand.press(self.button("Continue"))
        page.wait_for_url("**/accounts/2fa/codes/")
        self.fits()
        hand.tick(page.get_by_label("I have saved these codes"))
        hand.press(self.button("Continue"))
        page.wait_for_url("**/projects/")

    def create_project(self):
        page, hand = self.page, self.hand
        hand.press(page.get_by_role("link", name="Create project").first)
        hand.write(page.get_by_label("Project name"), "Acme Calls")
        hand.press(self.button("Create project"))
        expect(page.get_by_text("1 of 4 done")).to_be_visible()
        self.home = page.url
        self.fits()

    def add_credits(self):
        page, hand = self.page, self.hand
        hand.press(page.locator("main").get_by_role("link", name="Add credits").first)
        expect(page.get_by_label("Amount in USD")).to_be_visible()
        self.fits()
        hand.write(page.get_by_label("Amount in USD"), "40")
        hand.tick(page.get_by_label("I agree to the"))
        hand.press(self.button("Add"))
        page.wait_for_url(f"{self.site.facts['gateway_url']}/pay/**")
        hand.press(self.button("Pay 40.00 USD"))
        page.wait_for_url("**/credits/return/**")
        expect(page.get_by_text("40.00 USD added")).to_be_visible()  # by webhook and worker
        expect(page.locator(".credits-balance")).to_have_text("40.00 USD")
        hand.press(page.get_by_role("link", name=re.compile("Receipt R-")))
        expect(page.get_by_text("Visa ending in 4242")).to_be_visible()
        self.fits()

    def buy(self):
        page, hand = self.page, self.hand
        self.open("Buy a new Number")
        hand.write(page.get_by_label("Digits or letters"), "2")
        page.wait_for_url(re.compile(r"pattern=2\b"))  # without a button: results follow the typing
        offer = page.locator("#results a.btn-primary[hx-get]").first
        self.number = offer.inner_text().split()[-1]
        self.fits()
        hand.press(offer)
        dialog = page.get_by_role("dialog")
        total = dialog.get_by_role("button", name=re.compile("^Purchase for "))
        expect(dialog.get_by_role("heading", name="Purchase this number")).to_be_focused()
        self.paid = Decimal(total.inner_text().split()[-2])
        self.fits()
        hand.press(total)
        expect(page.get_by_text("purchased successfully")).to_be_visible()
        self.fits()

    def route(self):
        page, hand = self.page, self.hand
        hand.press(page.locator("tr.row-new").get_by_role("link", name="Expand"))
        hand.pick(page.get_by_role("radio", name="PSTN"))  # the second option, in a row below the number's
        hand.choose(page.get_by_role("combobox", name="Country code"), "GB", "United K")
        hand.write(page.locator(".routing-option-pstn [name$=pstn_number]"), "020 7946 0018")
        hand.press(self.button("Set Number"))
        expect(page.get_by_text("Calls now go to +44 20 7946 0018.")).to_be_visible()
        self.fits()

    def receive_a_message(self):
        """The guide's 3.3.3 to 3.3.8, then a message from a phone of the demo; how the server got it."""
        page, hand, receiver = self.page, self.hand, self.site.facts["receiver_url"]
        url, text = f"{receiver}/{self.email.split('@')[0]}", "Grüße, is this you?"
        self.open("Settings", group="SMS")
        hand.press(page.get_by_role("link", name="Expand"))
        panel = page.locator("[id^=messaging-]")
        hand.write(panel.get_by_label("URL", exact=True), url)
        hand.pick(panel.get_by_role("radio", name="GET"))
        hand.press(panel.get_by_role("button", name="Update URL"))
        expect(page.locator("tbody tr").first).to_contain_text("GET")
        expect(page.locator("tbody tr").first).to_contain_text(url)
        self.fits()
        hand.press(panel.get_by_role("link", name="Simulate an incoming SMS"))
        hand.write(page.get_by_label("Text"), text)
        hand.press(self.button("Send"))
        expect(page.get_by_text("202 stored")).to_be_visible()
        page.goto(self.home)
        self.open("Logs")
        row = page.locator("tbody tr", has_text=text)
        hand.press(row.get_by_role("link"))
        expect(page.get_by_text("Your server took it.")).to_be_visible()  # it asks again while it is on its way
        self.fits()
        return self.site.call(f"/requests.json?path={urlsplit(url).path}", at=receiver)[1]

    def see_the_cost(self):
        page = self.page
        self.open("Overview")
        expect(page.locator("#spent-amount")).to_have_text(f"{self.paid} USD")
        self.open("Dashboard")
        expect(page.get_by_text("Get started with your first number")).to_have_count(0)
        expect(page.locator(".credits-balance")).to_have_text(f"{40 - self.paid} USD")
        self.hand.press(page.locator(".credits-button"))
        self.hand.press(page.locator("main").get_by_role("link", name=re.compile("history", re.IGNORECASE)).first)
        expect(page.locator("main")).to_contain_text("First month of +")
        self.fits()

    def reveal_the_token(self):
        page, hand = self.page, self.hand
        self.open("Keys")
        hand.press(self.button("Reveal the primary auth token"))  # without a code: the last one is fresh
        shown = page.get_by_text(re.compile("^ptk_[A-Za-z0-9]{20,}$"))
        expect(shown).to_be_visible()
        self.fits()
        return self.home.rstrip("/").rsplit("/", 1)[-1], shown.inner_text()
