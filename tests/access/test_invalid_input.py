"""Walks the whole URL configuration with rubbish in each form: a page that says what is wrong with it answers 422, and
none says 400, which is the guide's word for it (docs/errors.md)."""

import re

import pytest
from django.contrib import admin
from django.core.cache import cache
from django.test import Client

from tests.access.addresses import everywhere, leads_to_sign_in, lease_of_staff, undone
from tests.support.people import freshen, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
RUBBISH = "no such thing, whatever it is"
# A list of the admin site refuses lookups that it does not offer: tests/access/test_admin_pages.py.
UNKNOWN_LOOKUPS = {f"/admin/{each._meta.label_lower.replace('.', '/')}/" for each in admin.site._registry}
FIELD_AT_FAULT = re.compile(r'aria-invalid="true"|class="[^"]*\bis-invalid\b|class="errorlist|class="errornote')


@pytest.fixture(autouse=True)
def _no_limits(settings):
    settings.ACCOUNT_RATE_LIMITS = {}


@pytest.fixture
def lease():
    return lease_of_staff()


@pytest.fixture
def owner(lease):
    return freshen(sign_in(Client(raise_request_exception=False), lease.project.created_by))


def html(answer):
    return "" if answer.streaming else answer.content.decode(errors="replace")


def fields(pages, *clients):
    """The names of all fields of all forms."""
    written = " ".join(html(client.get(where)) for where in pages for client in clients)
    return set(re.findall(r'<(?:input|select|textarea)\b[^>]*?\bname="([^"]+)"', written)) - {"csrfmiddlewaretoken"}


def is_right(answer, is_lookup):
    if answer.status_code == 400:
        return is_lookup
    return answer.status_code < 500 and (answer.status_code == 422 or not FIELD_AT_FAULT.search(html(answer)))


def test_rubbish(lease, owner):
    pages, visitor = everywhere(lease), Client(raise_request_exception=False)
    rubbish = dict.fromkeys(fields(pages, owner, visitor), RUBBISH)
    assert len(rubbish) > 50
    refused, wrong = set(), []
    for where in pages:
        for who, client, method in (("owner", owner, "get"), ("owner", owner, "post"), ("visitor", visitor, "post")):
            cache.clear()
            with undone(client):
                answer = getattr(client, method)(where, rubbish)
            assert client is visitor or not leads_to_sign_in(answer), where
            if answer.status_code == 422:
                refused.add(where)
            if not is_right(answer, method == "get" and where in UNKNOWN_LOOKUPS):
                wrong.append((where, who, method, answer.status_code))
    assert wrong == []
    assert len(refused) > 25
