"""Which addresses and names are in the public internet."""

import ipaddress

import pytest

from portal.outbound.addresses import is_internal_name, is_public, parse_address

PRIVATE = (
    # IPv4: each range at both of its ends
    *("0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1"),
    *("127.255.255.255", "169.254.0.0", "169.254.169.254", "169.254.255.255", "172.16.0.0", "172.31.255.255"),
    *(
        "192.0.0.0",
        "192.0.0.170",
        "168.63.129.16",
        "192.88.99.1",
        "192.168.0.0",
        "192.168.255.255",
        "198.18.0.0",
        "198.19.255.255",
    ),
    *("224.0.0.1", "239.255.255.255", "240.0.0.0", "255.255.255.255"),
    # IPv6: what is no global unicast, and what is reserved of it
    *(
        "::",
        "::1",
        "::2",
        "100::",
        "100:0:0:1::1",
        "64:ff9b:1::1",
        "5f00::1",
        "fc00::",
        "fdff::1",
        "fe80::1",
        "febf::1",
    ),
    *("fec0::1", "ff02::1", "4000::1", "2001::1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:30::1"),
    # IPv4 inside of IPv6
    *(
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:0:127.0.0.1",
    ),
    *("64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "64:ff9b::10.1.2.3", "64:ff9b:1::8.8.8.8"),
    *("2002:7f00:1::", "2002:a00:1::1", "2002:c0a8:101::1", "2001:0:a00:1::", "2001:0:808:808:0:0:80ff:fffe"),
    *("2600::5efe:10.0.0.1", "2600::200:5efe:127.0.0.1"),
)
PUBLIC = (
    *(
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
    ),
    *(
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "198.17.255.255",
        "198.20.0.0",
    ),
    *("223.255.255.255", "2001:4860:4860::8888", "2001:200::1", "2600::1", "2a00:1450:4001::1", "3ffe::1"),
    *("::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::1", "2600::5efe:8.8.8.8"),
)
DOCUMENTATION = ("192.0.2.1", "198.51.100.7", "203.0.113.9", "2001:db8::1", "3fff::1", "3fff:fff::1")


@pytest.mark.parametrize("text", PRIVATE)
def test_not_public(text):
    address = parse_address(text)
    assert address is not None
    assert not is_public(address)
    assert not is_public(address, documentation=True)


@pytest.mark.parametrize("text", PUBLIC)
def test_public(text):
    assert is_public(parse_address(text))


@pytest.mark.parametrize("text", DOCUMENTATION)
def test_ranges_for_examples_are_public_only_for_who_says_so(text):
    assert not is_public(parse_address(text))
    assert is_public(parse_address(text), documentation=True)


def test_nothing_that_the_registries_call_private_is_public():
    """The standard library's copy of them, at the ends of each of its ranges; it calls a few more public than we do."""
    texts = {f"{first}.{second}.0.1" for first in range(256) for second in range(0, 256, 3)}
    texts |= {f"{group:x}::1" for group in range(0, 0x10000, 101)}
    wrong = [text for text in texts if is_public(parse_address(text)) and not ipaddress.ip_address(text).is_global]
    assert wrong == []


@pytest.mark.parametrize(
    "text", ["", "127.1", "0x7f000001", "2130706433", "0177.0.0.1", "fe80::1%eth0", "::1%1", "a.b"]
)
def test_no_address(text):
    assert parse_address(text) is None


def test_brackets():
    assert str(parse_address("[2001:DB8::0009]")) == "2001:db8::9"


@pytest.mark.parametrize(
    "name", ["localhost", "a.localhost", "printer.local", "metadata.google.internal", "x.home.arpa"]
)
def test_names_inside_of_networks(name):
    assert is_internal_name(name)


@pytest.mark.parametrize("name", ["localhost.example.com", "mylocalhost", "example.com", "internal.example.com"])
def test_names_in_the_internet(name):
    assert not is_internal_name(name)
