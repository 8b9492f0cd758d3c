"""SIP servers that calls may be sent to."""

import pytest

from numbers.routing.sip_targets import is_internal, parse_server
from portal.core.errors import DomainError


def refusal(host, port=5060, transport="udp"):
    with pytest.raises(DomainError) as caught:
        parse_server(host, port, transport)
    return caught.value.code, caught.value.field


@pytest.mark.parametrize(
    ("typed", "host", "authority"),
    [
        ("203.0.113.9", "203.0.113.9", "203.0.113.9:5060"),
        (" SIP.Example.COM. ", "sip.example.com", "sip.example.com:5060"),
        ("2001:DB8::0009", "2001:db8::9", "[2001:db8::9]:5060"),
        ("[2001:db8::9]", "2001:db8::9", "[2001:db8::9]:5060"),
        ("bücher.example", "xn--bcher-kva.example", "xn--bcher-kva.example:5060"),
    ],
)
def test_what_is_accepted(typed, host, authority):
    server = parse_server(typed, 5060, "udp")
    assert (server.host, server.authority) == (host, authority)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.8.9.10", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254"),
        *("0.0.0.0", "100.64.0.1", "192.0.0.8", "198.18.0.1", "224.0.0.1", "255.255.255.255"),
        *("::", "::1", "fe80::1", "fc00::1", "fd12:3456::1", "ff02::1", "fec0::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe"),
        *("2002:7f00:1::", "2002:0a00:0001::1", "[::1]"),
        *("localhost", "a.localhost", "printer.local", "metadata.google.internal", "sip.lan", "x.home.arpa", "x.corp"),
    ],
)
def test_nothing_inside_a_network(host, settings):
    assert refusal(host) == ("sip_target_private", "sip_host")
    settings.SIP_PRIVATE_TARGETS = True
    assert not is_internal(parse_server(host, 5060, "udp").host) if host != "localhost" else True


@pytest.mark.parametrize(
    "host",
    [
        *("", " ", "sip", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "1.2.3", "256.1.1.1", "1.2.3.4.5"),
        *("a b.example", "a..example", "-a.example", "a-.example", "a_b.example", "x" * 64 + ".example", "a." * 130),
        *("sip:1.2.3.4", "sips:x.example", "http://x.example", "x.example/path", "anna@x.example"),
        *("x.example:5060", "203.0.113.9:5060", "[2001:db8::9]:5060", "2001:db8::9%eth0", "1.2.3.4;transport=tcp"),
        *('a".example', "<a>.example", "a\r\nb.example", "a\x00.example", "\ud800.example"),
    ],
)
def test_what_is_no_host(host):
    assert refusal(host) == ("invalid_sip_server", "sip_host")


@pytest.mark.parametrize(
    ("port", "transport", "field"),
    [(0, "udp", "sip_port"), (65536, "udp", "sip_port"), (None, "udp", "sip_port"), (5060, "sctp", "sip_transport")],
)
def test_ports_and_transports(port, transport, field):
    assert refusal("203.0.113.9", port, transport) == ("invalid_sip_server", field)
