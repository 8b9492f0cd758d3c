"""The page of an order in review."""

import pytest
from django.urls import reverse

from numbers.desk import order_version


def address_of(order):
    return reverse("admin:numbers_order_change", args=[order.pk])


@pytest.fixture
def do(desk, in_review):
    """``do("accept", submission=…)`` with the mark of the page as it is now."""
    order, *_ = in_review

    def send(deed, seen=None, client=desk, **fields):
        fields = {"seen": str(order_version.mark(order.pk)) if seen is None else seen} | fields
        return client.post(reverse("admin:desk_do", args=[order.pk, deed]), fields)

    return send
