"""A browser whose session ends while somebody types."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from tests.support.leases import make_lease
from tests.support.people import browser_of, sign_in
from tests.support.projects import fund

ORIGIN = {"Origin": "http://testserver"}


class Browser(Client):
    """Sends a form of a page as it stands there, with what is typed into it, and says where it stood."""

    page = ""

    def look(self, address):
        self.page = address
        return self.get(address)

    def send(self, address, typed, *, html, headers=None):
        form = next(
            each
            for each in re.findall(r"<form.*?</form>", html, re.S)
            if f'action="{address}"' in each or 'action="' not in each
        )
        hidden = {
            name: unescape(value)
            for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
        }
        said = {"Referer": f"http://testserver{self.page}"} | ORIGIN | (headers or {})
        return self.post(address, hidden | typed, headers=said)

    def end_session(self):
        self.session.flush()


@pytest.fixture
def lease():
    lease = make_lease()
    fund(lease.project, "20")
    return lease


@pytest.fixture
def owner(lease):
    return sign_in(Browser(enforce_csrf_checks=True), lease.project.created_by)


def again(person, answer):
    """Who signs in, on whichever browser, and gets back to where ``next`` says."""
    to = answer.headers.get("HX-Redirect") or answer.url
    assert to.startswith("/accounts/login/?next=")
    back = Client().get(to).context["redirect_field_value"]
    return browser_of(person).get(back.partition("#")[0]), back


def places(lease):
    pid, pk = lease.project.pid, lease.pk
    number = reverse("numbers:lease", args=[pid, pk])
    return [
        (number, reverse("numbers:rename", args=[pid, pk]), {"friendly_name": "Hotline <Köln> & more"}),
        (number, reverse("numbers:retag", args=[pid, pk]), {"tags": 'sales, "spring"'}),
        (number, reverse("numbers:route_pstn", args=[pid, pk]), {"pstn_number": "2079460018"}),
        (reverse("billing:credits", args=[pid]), reverse("billing:top_up", args=[pid]), {"amount": "37.50"}),
        (reverse("projects:settings", args=[pid]), reverse("projects:settings", args=[pid]), {"name": "Acme anew"}),
        (reverse("projects:create"), reverse("projects:create"), {"name": "Second"}),
        ("/accounts/security/", "/accounts/security/", {"full_name": "Ada Anew", "company": "Engines & Co"}),
        (number, reverse("numbers:messaging_url", args=[pid, pk]), {"url": "https://example.com:443/in?a=1&b=<2>"}),
    ]
