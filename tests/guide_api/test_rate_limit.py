"""The limiter that the edges for machines share."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.test import RequestFactory

from portal.core import rate_limit
from portal.core.rate_limit import TooManyRequestsError

NOON = datetime(2026, 11, 20, 12, 0, 15, tzinfo=UTC)


def test_a_window_fills_and_the_next_one_is_empty():
    with time_machine.travel(NOON, tick=False) as clock:
        for _ in range(3):
            rate_limit.hit("x", "a", per_minute=3)
        with pytest.raises(TooManyRequestsError) as caught:
            rate_limit.hit("x", "a", per_minute=3)
        assert caught.value.extra["retry_after"] == 45
        rate_limit.hit("x", "b", per_minute=3)
        rate_limit.hit("y", "a", per_minute=3)
        clock.shift(45)
        rate_limit.hit("x", "a", per_minute=3)


def test_zero_is_no_limit():
    for _ in range(5):
        rate_limit.hit("x", "a", per_minute=0)
    assert rate_limit.count("x", "a") == 1, "what is not limited is not counted"
    rate_limit.check("x", "a", per_minute=0)
    assert rate_limit.count("x", "a") == 2, "and looking does not count"


@pytest.mark.usefixtures("one_minute")
def test_looking_does_not_count():
    for _ in range(5):
        rate_limit.check("x", "a", per_minute=1)
    rate_limit.count("x", "a")
    with pytest.raises(TooManyRequestsError):
        rate_limit.check("x", "a", per_minute=1)


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "", "192.0.2.1"),
        (0, "198.51.100.9", "192.0.2.1"),
        (1, "198.51.100.9", "198.51.100.9"),
        (1, "10.9.9.9, 198.51.100.9", "198.51.100.9"),
        (2, "10.9.9.9, 198.51.100.9, 192.0.2.77", "198.51.100.9"),
        (2, "198.51.100.9", "192.0.2.1"),
        (1, "garbage", ""),
        (1, " , ", "192.0.2.1"),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_only_our_own_proxies_are_believed(settings, proxies, forwarded, address):
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", headers={"X-Forwarded-For": forwarded})
    assert rate_limit.client_address(request) == address
