"""A feed of a hundred numbers, to be damaged."""

import csv
import io

import pytest

from numbers.inventory import feed
from numbers.models import Number


def text_of(rows):
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([feed.HEADER, *rows])
    return out.getvalue()


def row(n, **changes):
    values = dict(
        zip(
            feed.HEADER,
            (f"+1702555{n:04d}", "US", "Nevada", "Las Vegas", "did", "voice|sms", "0", "1.00", "no", "zeta", f"Z-{n}"),
            strict=True,
        )
    )
    return list((values | changes).values())


@pytest.fixture
def stock(load):
    """A hundred numbers of one supplier."""
    assert load(text_of(row(n) for n in range(100)))[0] == 0


def on_sale():
    return Number.objects.filter(status="available").count()
