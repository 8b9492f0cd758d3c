"""The page of an order in review."""

import pytest
from django.urls import reverse

from numbers.desk import order_version


def address_of(order):
    return reverse("admin:numbers_order_change", args=[order.pk])


@pytest.fixture
def do(desk, in_review):
    """``do("accept", submission=…)`` with the version of the page as it is now."""
    order, *_ = in_review

    def send(action, seen=None, client=desk, **fields):
        fields = {"seen": str(order_version.current_version(order.pk)) if seen is None else seen} | fields
        return client.post(f"/admin/numbers/order/{order.pk}/{action}/", fields)

    return send
