"""URLs of customers' servers as they type them."""

import string
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from yarl import URL

from portal.core.errors import DomainError
from portal.outbound.urls import parse_url

GUIDE = "https://example.com:443/incomingsms"


NO_NAMES = [
    *("a_b", "-a.example", "a-.example", "a..example", "example.com..", "%61.example", "ex*mple.com", "☃☃.example.."),
    *(
        "x" * 64 + ".example",
        "a." * 130 + "com",
        "a" * 300 + ".example",
        "ä" * 300 + ".example",
        "xn--a.exa!mple",
        "ｅx%.com",
    ),
    *("\u0661.\u05d0.example", "xn--zzzzzz99999.ä.example"),
]


def refusal(typed):
    with pytest.raises(DomainError) as caught:
        parse_url(typed, field="fallback_url")
    error = caught.value
    assert (error.field, error.status, error.page_status) == ("fallback_url", 400, 422)
    return error


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        (GUIDE, GUIDE),
        ("https://example.com/incomingsms:443", GUIDE),
        ("  HTTPS://Example.COM.:443/incomingsms\n", GUIDE),
        ("http://example.com:80", "http://example.com:80/"),
        ("http://example.com/:8080", "http://example.com:8080/"),
        ("https://example.com/a/b:8443?x=1", "https://example.com:8443/a/b?x=1"),
        ("https://example.com:8443/a:443", "https://example.com:8443/a:443"),
        ("https://example.com:00443/", "https://example.com:443/"),
        ("https://example.com:443?x=1", "https://example.com:443/?x=1"),
        ("https://example.com:443/?", "https://example.com:443/"),
        ("https://example.com:443/ä b".replace(" ", "%20"), "https://example.com:443/%C3%A4%20b"),
        ("https://example.com:443/a?to=ü&x[]=<1>", "https://example.com:443/a?to=%C3%BC&x%5B%5D=%3C1%3E"),
        ("https://example.com:443/50%?x=%zz%2", "https://example.com:443/50%25?x=%25zz%252"),
        ("https://example.com:443/%2e%2E/%61?a+b?c/d", "https://example.com:443/%2e%2E/%61?a+b?c/d"),
        ("https://bücher.example:443/", "https://xn--bcher-kva.example:443/"),
        ("https://BÜCHER。example:443/", "https://xn--bcher-kva.example:443/"),
        ("https://faß.example:443/", "https://xn--fa-hia.example:443/"),
        ("https://ｅｘａｍｐｌｅ．ｃｏｍ:443/", "https://example.com:443/"),
        ("https://xn--bcher-kva.example:443/", "https://xn--bcher-kva.example:443/"),
        ("https://a-1.b2.example.co.uk:65535/", "https://a-1.b2.example.co.uk:65535/"),
    ],
)
def test_one_form(typed, url):
    assert parse_url(typed) == url


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        *((typed, "Enter the URL of your server") for typed in ("", "   ")),
        *((typed, "begins with https:// or http://") for typed in ("example.com:443/a", "ftp://example.com:21/", "/a")),
        *((typed, "begins with https:// or http://") for typed in ("https:/example.com:443/", "javascript:alert(1)")),
        ("//example.com:443/", "begins with https:// or http://"),
        ("https://anna:secret@example.com:443/", "user name and password"),
        ("https://@example.com:443/", "user name and password"),
        ("https://example.com:443/#top", "Leave out #"),
        ("https://example.com:443/a#", "Leave out #"),
        *(
            (f"https://example.com:443/a{each}b", "no spaces")
            for each in " \t\r\n\x00\x7f\xa0\u200b\u2028\u202e\ud800\ufeff"
        ),
        (r"https://example.com:443\a", "backslashes"),
        (r"https:\\example.com:443/", "backslashes"),
        ("https://:443/", "host name is missing"),
        ("https:///incomingsms:443", "host name is missing"),
        *((f"https://{host}:443/", "not a host name") for host in NO_NAMES),
        *((f"https://{host}:443/", "whole host name") for host in ("intra", "router")),
        *((f"https://example.com:{port}/", "from 1 to 65535") for port in ("0", "65536", "99999", "123456")),
        *((f"https://example.com/a:{port}", "from 1 to 65535") for port in ("0", "65536")),
        *((f"https://example.com:{port}/", "another service") for port in (22, 25, 587, 5060)),
        *(
            (f"https://example.com:{port}/", "one host name and one port")
            for port in ("4x3", "-1", "443:443", "４４３")
        ),
        ("https://example.com:443/" + "a" * 2000, "longer than 2000"),
        ("https://example.com:443/" + "ä" * 1000, "longer than 2000"),
    ],
)
def test_refused(typed, words):
    error = refusal(typed)
    assert error.code == "invalid_webhook_url"
    assert words in error.message


@pytest.mark.parametrize(
    ("typed", "url"),
    [
        ("https://Example.com/incomingsms", GUIDE),
        ("http://example.com", "http://example.com:80/"),
        ("https://example.com:/a", "https://example.com:443/a"),
        ("https://example.com/a?b=1:80", "https://example.com:443/a?b=1:80"),
        ("https://example.com/a:123456", "https://example.com:443/a:123456"),
        ("https://bücher.example/ä", "https://xn--bcher-kva.example:443/%C3%A4"),
    ],
)
def test_without_a_port_the_url_to_copy_is_shown(typed, url):
    error = refusal(typed)
    assert error.code == "invalid_webhook_url"
    assert f"needs a port. Did you mean {url}?" in error.message
    assert error.extra == {"suggestion": url}
    assert parse_url(url) == url


IP_ADDRESSES = [
    *("8.8.8.8", "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "1.2.3.4.5", "example.1"),
    *("[::1]", "[2606:4700::1111]", "[::ffff:1.2.3.4]", "[fe80::1%25eth0]", "[127.0.0.1]", "example.0x7f"),
    *("①②⑦.⓪.⓪.①", "１２７.０.０.１", "127。0。0。1", "127.0.0.1."),
]


@pytest.mark.parametrize("host", IP_ADDRESSES)
def test_ip_addresses_in_any_notation(host):
    error = refusal(f"http://{host}:80/")
    assert (error.code, "host name such as example.com, not an IP" in error.message) == ("invalid_webhook_url", True)


@pytest.mark.parametrize(
    "host", ["localhost", "a.localhost", "LOCALHOST.", "printer.local", "metadata.google.internal"]
)
def test_names_inside_of_networks(host):
    error = refusal(f"http://{host}:80/")
    assert (error.code, "public internet" in error.message) == ("webhook_url_private", True)


def test_an_installation_for_demo_and_tests_takes_what_is_inside_of_networks(settings):
    settings.WEBHOOK_PRIVATE_TARGETS = True
    for host in ("127.0.0.1", "[::1]", "localhost", "receiver", "10.1.2.3", "example.com"):
        assert parse_url(f"http://{host}:8003/sms") == f"http://{host}:8003/sms"
    for host in ("127.1", "0x7f000001", "[::1%25lo]", "a_b"):
        assert refusal(f"http://{host}:8003/").code == "invalid_webhook_url"


TEXT = st.text(st.characters(codec="utf-8") | st.sampled_from(":/?#@[]%\\. 0aÄ①"), max_size=60)
LETTERS = st.text(string.ascii_letters + string.digits + "äß①。-._~!$&'()*+,;=:@%/<>[]{}|^`\"", max_size=40)


def is_stable(typed):
    try:
        url = parse_url(typed)
    except DomainError:
        return
    assert url.isascii()
    assert url.isprintable()
    assert " " not in url
    assert parse_url(url) == url
    parts, sent = urlsplit(url), URL(url, encoded=True)
    assert parts.netloc == f"{parts.hostname}:{parts.port}"
    assert (parts.fragment, parts.username, parts.password) == ("", None, None)
    # All of us read the same host, and the request is the URL byte for byte.
    assert sent.raw_host == parts.hostname
    assert f"{sent.scheme}://{parts.netloc}{sent.raw_path_qs}" == url


@given(TEXT)
@example("https://example.com:443/%")
def test_anything_is_refused_or_becomes_one_form(typed):
    is_stable(typed)


@given(
    host=st.sampled_from(["example.com", "Ä.example"]) | LETTERS,
    path=LETTERS,
    query=LETTERS,
    port=st.integers(0, 99999),
)
def test_anything_after_a_scheme_is_refused_or_becomes_one_form(host, path, query, port):
    is_stable(f"https://{host}:{port}/{path}?{query}")
    is_stable(f"http://{host}/{path}:{port}?{query}")
