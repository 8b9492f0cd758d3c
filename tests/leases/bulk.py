"""Four numbers, and one act on them."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.leases.data import buy
from tests.support.pages import flat

HTMX = {"HX-Request": "true"}


@pytest.fixture
def leases(project):
    now = timezone.now() - timedelta(days=3)
    return [buy(project, f"+1212555010{n}", now=now) for n in range(4)]


def url(project, name="bulk"):
    return reverse(f"numbers:{name}", args=[project.pid])


def ids(leases):
    return [lease.pk for lease in leases]


def act(customer, project, action, leases, **extra):
    headers = extra.pop("headers", {})
    return customer.post(url(project), {"action": action, "lease": ids(leases)} | extra, headers=headers)


def results(page):
    """(number, result) of each row of a result."""
    html = flat(page.content.decode())
    return re.findall(r'data-result="([^"]+)">\s*<td>(?:<a[^>]*>)?([^<]+)', html)
