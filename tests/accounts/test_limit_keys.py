"""One function says what a limit by address counts: IPv4 by address, IPv6 by /64; in allauth's limits and in ours."""

import pytest
from allauth.core.internal.ratelimit import get_ip
from django.test import Client, RequestFactory

from portal.core import rate_limit
from portal.core.network import client_address, network
from tests.accounts import steps

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("pid_x", "pid_x"),
    ],
)
def test_key_of_an_address(address, key):
    assert network(address) == key


@pytest.mark.usefixtures("one_minute")
def test_our_limits_count_the_whole_network():
    for host in range(3):
        rate_limit.hit("x", f"2001:db8:1:2::{host}", per_minute=3)
    with pytest.raises(rate_limit.TooManyRequestsError):
        rate_limit.hit("x", "2001:db8:1:2:ffff::9", per_minute=3)
    rate_limit.hit("x", "2001:db8:1:3::9", per_minute=3)


def test_allauths_limits_count_the_whole_network(settings):
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    answers = [
        steps.login(Client(REMOTE_ADDR=f"2001:db8:1:2::{host}"), password="wrong").status_code for host in range(3)
    ]
    assert answers == [422, 422, 429]
    assert steps.login(Client(REMOTE_ADDR="4221:db8:1:3::1"), password="wrong").status_code == 422


@pytest.mark.parametrize("peer", ["::ffff:192.0.2.7", "192.0.2.7"])
def test_an_ipv4_client_on_an_ipv6_socket_is_not_all_of_ipv4(peer):
    request = RequestFactory().get("/", REMOTE_ADDR=peer)
    assert client_address(request) == "192.0.2.7"
    assert get_ip(request) == "192.0.2.7"
