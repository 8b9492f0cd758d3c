"""What the tests of the customer's document pages share: rows, and what a reader sees of a page."""

import re

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from numbers.models import Submission
from tests.support import purchases
from tests.support.files import png
from tests.support.pages import flat, words
from tests.support.regulations import make_document_type, make_regulation

PROOF = {"types": ["passport", "id_card"], "title": "Proof of identity", "explanation": "Of the user."}
ADDRESS = {"types": ["bill"], "title": "Proof of address", "address_scope": "city"}


def set_up_types():
    make_document_type("passport", name="Passport", has_expiry=True, hint="The page with the photo")
    make_document_type("id_card", name="Identity card", has_expiry=True)
    make_document_type("bill", name="Utility bill")


def set_up_germany():
    set_up_types()
    make_regulation("DE", lines=[PROOF, ADDRESS])


def order(project, digits="3012345678", **extra):
    """An order of a number in Berlin."""
    values = {"country": "DE", "region": "", "city": "Berlin"} | extra
    return purchases.order(project, f"+49{digits}", **values)


def submitted(found, line, document, verdict="pending", reason=""):
    requirement = list(found.requirements.order_by("position"))[line]
    return Submission.objects.create(requirement=requirement, document=document, verdict=verdict, reason=reason)


def page_of(customer, project, **query):
    page = customer.get(reverse("numbers:documents", args=[project.pid]), query)
    assert page.status_code == (422 if page.context["form"].errors else 200)
    return page


def order_cards(page):
    """The words of each order under “To do”."""
    found = re.findall(r'<article class="card order-card".*?</article>', page.content.decode(), re.DOTALL)
    return [words(each) for each in found]


def rows(page):
    """Of the list: (name, words of the status)."""
    body = flat(page.content.decode())
    found = re.findall(r'<tr id="document-.*?</tr>', body, re.DOTALL)
    statuses = [re.search(r'class="document-status">(.*?)</div>', row, re.DOTALL)[1] for row in found]
    return [
        (re.search(r'class="document-name">([^<]+?) *<', row)[1], words(status))
        for row, status in zip(found, statuses, strict=True)
    ]


def send(customer, project, data=None, filename="scan.png", *, script=False, **values):
    """What the form sends; ``script``: as the page's script does it. A value of None is not sent."""
    data = png() if data is None else data
    sent = {"type": "bill", "name": "Bill of March", "file": SimpleUploadedFile(filename, data, "image/png")} | values
    sent = {name: value for name, value in sent.items() if value is not None}
    headers = {"Accept": "application/json"} if script else {}
    return customer.post(reverse("numbers:document_upload", args=[project.pid]), sent, headers=headers)
