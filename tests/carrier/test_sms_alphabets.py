"""The bytes that gateways hand over, in the alphabets that they name, are the text of the message."""

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from numbers.carrier import credentials
from numbers.models import Message, MessagePart
from tests.carrier.sms import KANNEL, bearer, encoded, from_jasmin, from_kannel, hand_over, message, part
from tests.messaging.test_decoding import SEPTETS, septets, utf16
from tests.support.leases import DID, make_lease

pytestmark = pytest.mark.django_db
EMOJI = "Hi \N{GRINNING FACE} é"


@pytest.fixture
def secret():
    return credentials.create(switch_id="gw1", scopes=["sms"])[1]


@pytest.fixture(autouse=True)
def lease():
    return make_lease()


def stored():
    found = Message.objects.order_by("-id")[0]
    return found.text, found.encoding


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"text": "Grüße {1} €", "encoding": "gsm7"}, ("Grüße {1} €", "gsm7")),
        ({"text": "Grüße {1} €"}, ("Grüße {1} €", "gsm7")),
        ({"text": EMOJI}, (EMOJI, "ucs2")),
        ({"text": EMOJI, "encoding": "UTF-8"}, (EMOJI, "utf8")),
        ({"text": "\ufeffx\ufffe"}, ("\ufeffx\ufffe", "ucs2")),
        ({"text": "a\0b\ud800c"}, ("ab\ufffdc", "ucs2")),
        ({"text": "x", "raw_hex": septets("{€}").hex(), "encoding": "GSM-7"}, ("{€}", "gsm7")),
        ({"text": None, "raw_hex": utf16(EMOJI).hex(), "encoding": "UCS-2"}, (EMOJI, "ucs2")),
        ({"text": None, "raw_hex": utf16(EMOJI).hex().upper(), "encoding": 8}, (EMOJI, "ucs2")),
        ({"text": None, "raw_hex": "636166e9", "encoding": "latin1"}, ("café", "latin1")),
        ({"text": None, "raw_hex": "00ff", "encoding": "binary"}, ("00ff", "binary")),
        ({"text": None, "raw_hex": "00ff"}, ("00ff", "binary")),
        ({"text": "x", "raw_hex": "00ff", "encoding": "klingon"}, ("x", "gsm7")),
        ({"text": "x", "raw_hex": "zz", "encoding": "ucs2"}, ("x", "ucs2")),
        ({"text": "", "raw_hex": "", "encoding": ""}, ("", "gsm7")),
    ],
)
def test_json(secret, fields, expected):
    assert hand_over(message(**fields), secret).status_code == 202
    assert stored() == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"text": "Grüße {1} €".encode(), "coding": "0", "charset": "GSM"}, ("Grüße {1} €", "gsm7")),
        ({"text": "Grüße".encode(), "coding": "0", "charset": "UTF-8"}, ("Grüße", "gsm7")),
        ({"text": "Grüße".encode("latin-1"), "coding": "0", "charset": "ISO-8859-1"}, ("Grüße", "gsm7")),
        ({"text": "5 €".encode("cp1252"), "coding": "0", "charset": "WINDOWS-1252"}, ("5 €", "gsm7")),
        ({"text": septets("@{€}"), "coding": "0", "charset": "GSM"}, ("@{€}", "gsm7")),
        ({"text": b"a@b.example $_[]", "coding": "0", "charset": "GSM"}, ("a@b.example $_[]", "gsm7")),
        ({"text": utf16(EMOJI), "coding": "2", "charset": "UTF-16BE"}, (EMOJI, "ucs2")),
        ({"text": utf16(EMOJI), "coding": "2", "charset": None}, (EMOJI, "ucs2")),
        ({"text": utf16("&=+ %\n"), "coding": "2", "charset": "UTF-16BE"}, ("&=+ %\n", "ucs2")),
        ({"text": EMOJI.encode(), "coding": "2", "charset": "UTF-8"}, (EMOJI, "ucs2")),
        ({"text": b"\x00\xff&=%", "coding": "1", "charset": "BINARY"}, ("00ff263d25", "binary")),
        ({"text": b"plain", "coding": None, "charset": None}, ("plain", "utf8")),
        ({"text": b"plain", "coding": "9", "charset": "klingon"}, ("plain", "utf8")),
        ({"text": None}, ("", "gsm7")),
    ],
)
def test_kannel(secret, fields, expected):
    assert from_kannel(secret, **fields).status_code == 200
    assert stored() == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("text=%E2%82%AC+%5B+%5D+%7B%7D+%40+_+%C2%A3+%C3%BC&coding=0&charset=UTF-8&udh=", ("€ [ ] {} @ _ £ ü", "gsm7")),
        ("text=a'b%3B%C2%A4(x)%C2%BF%22%0A&coding=0&charset=UTF-8&udh=", ("a'b;¤(x)¿\"\n", "gsm7")),
        ("text=%00G%00r%00%FC%00%DF%00e%00+%D8%3D%DE%00&coding=2&charset=UTF-16BE&udh=", ("Grüße 😀", "ucs2")),
        ("text=%00%FF%26%3D%25%05&coding=1&charset=8-BIT&udh=", ("00ff263d2505", "binary")),
        ("text=&coding=0&charset=UTF-8&udh=", ("", "gsm7")),
    ],
)
def test_queries_of_kannel_1_4_5(secret, query, expected):
    """As it wrote them for a get-url with all of the contract's fields."""
    head = "id=8764786b-41c1-44c7-943c-56c466d9ed4e&from=%2B442079460018&to=%2B12125550101"
    answer = Client().get(f"{KANNEL}?{head}&{query}&smsc=carrier&time=1795975643&foreign=", headers=bearer(secret))
    assert (answer.status_code, answer.content) == (200, b"")
    assert stored() == expected


def test_parts_of_kannel_1_4_5(secret):
    head = "from=%2B442079460018&to=%2B12125550101&coding=2&charset=UTF-16BE&smsc=carrier&time=1795975644&foreign="
    for rest in ("id=1&text=%00a%D8%3D&udh=%06%08%04%00%CC%02%01", "id=2&text=%DE%00&udh=%06%08%04%00%CC%02%02"):
        assert Client().get(f"{KANNEL}?{head}&{rest}", headers=bearer(secret)).status_code == 200
    assert stored() == ("a😀", "ucs2")


@pytest.mark.parametrize(
    ("content", "fields", "expected"),
    [
        (septets("@ü {€}"), {"coding": b"\x00"}, ("@ü {€}", "gsm7")),
        (septets("@ü {€}"), {"coding": b"0"}, ("@ü {€}", "gsm7")),
        (septets("@ü {€}"), {"coding": None}, ("@ü {€}", "gsm7")),
        (b"a@b", {"coding": b"\x01"}, ("a@b", "ascii")),
        (b"caf\xe9", {"coding": b"\x03"}, ("café", "latin1")),
        (utf16(EMOJI), {"coding": b"\x08"}, (EMOJI, "ucs2")),
        (utf16(EMOJI), {"coding": b"8"}, (EMOJI, "ucs2")),
        (utf16(EMOJI), {"coding": b"\x18"}, (EMOJI, "ucs2")),  # a flash message
        (b"\x00\xff", {"coding": b"\x02"}, ("00ff", "binary")),
        (b"\x00\xff", {"coding": b"\x04"}, ("00ff", "binary")),
        (b"\x00\xff", {"coding": b"\xf5"}, ("00ff", "binary")),
        (b"????", {"coding": b"\x08", "binary": utf16(EMOJI).hex()}, (EMOJI, "ucs2")),
        (septets("ok"), {"binary": None}, ("ok", "gsm7")),
        (septets("ok"), {"binary": "zz"}, ("ok", "gsm7")),
        (b"", {}, ("", "gsm7")),
    ],
)
def test_jasmin(secret, content, fields, expected):
    assert from_jasmin(secret, content, **fields).status_code == 200
    assert stored() == expected


MANY = settings(deadline=None, suppress_health_check=list(HealthCheck), max_examples=25)


@MANY
@given(text=st.text(max_size=150))
def test_any_text_arrives_in_all_three_ways(secret, text):
    expected = text.replace("\0", "")
    hand_over(message(text=text), secret)
    assert stored()[0] == expected
    from_kannel(secret, text=utf16(text), coding="2", charset="UTF-16BE")
    assert stored()[0] == expected
    from_jasmin(secret, utf16(text), coding=b"\x08")
    assert stored()[0] == expected


@MANY
@given(text=st.text(st.sampled_from(sorted(SEPTETS)), max_size=150))
def test_any_septets_arrive(secret, text):
    from_jasmin(secret, septets(text))
    assert stored()[0] == text
    hand_over(message(text=None, raw_hex=septets(text).hex() or None, encoding="gsm7"), secret)
    assert stored()[0] == text


# -- which part ---------------------------------------------------------------------------------------------------


def parts():
    return [(each.reference, each.total, each.no) for each in MessagePart.objects.order_by("id")]


@pytest.mark.parametrize(
    "header",
    [bytes.fromhex("050003cc0201"), bytes.fromhex("060804" + "00cc" + "0201"), b"050003cc0201", b"050003CC0201"],
)
def test_headers_of_kannel(secret, header):
    from_kannel(secret, udh=header)
    assert parts() == [("204", 2, 1)]


@pytest.mark.parametrize(
    "header", [b"", b"\x05\x00", b"\xff" * 300, bytes.fromhex("050003cc0203"), "é".encode(), b"0x"]
)
def test_a_broken_header_makes_no_part(secret, header):
    assert from_kannel(secret, udh=header).status_code == 200
    assert stored()[0] == "Hello"


@pytest.mark.parametrize("header", ["050003cc0201", "06080400cc0201"])
def test_headers_in_front_of_jasmins_content(secret, header):
    from_jasmin(secret, bytes.fromhex(header) + b"Hello")
    assert parts() == [("204", 2, 1)]
    assert bytes(MessagePart.objects.get().content) == b"Hello"


@pytest.mark.parametrize(
    ("described", "expected"),
    [
        ({"ref": 204, "total": 2, "no": 1}, [("204", 2, 1)]),
        ({"ref": "204", "total": "2", "no": "1"}, [("204", 2, 1)]),
        ({"ref": 65535, "total": 255, "no": 255}, [("65535", 255, 255)]),
        ({"ref": "a b\x00" * 50, "total": 2, "no": 2}, [("ab" * 20, 2, 2)]),
        ({"total": 2, "no": 2}, [("0", 2, 2)]),
        ({"ref": 1, "total": 1, "no": 1}, []),
        ({"ref": 1, "total": 2, "no": 3}, []),
        ({"ref": 1, "total": 2, "no": 0}, []),
        ({"ref": 1, "total": 256, "no": 1}, []),
        ({"ref": 1, "total": "two", "no": True}, []),
        ({"ref": 1, "total": -2, "no": 1.5}, []),
        ({}, []),
        ([1, 2, 3], []),
        ("1/2", []),
    ],
)
def test_parts_of_json(secret, described, expected):
    assert hand_over(message(part=described), secret).status_code == 202
    assert parts() == expected
    assert Message.objects.count() == (not expected)


def test_a_header_that_says_the_same_as_the_part_is_no_content(secret):
    hand_over(part(1, 2, bytes.fromhex("050003cc0201") + b"a", 204, encoding="gsm7"), secret)
    hand_over(part(2, 2, b"b", 204, encoding="gsm7"), secret)
    assert stored()[0] == "ab"


def test_a_plus_in_kannels_text_is_a_blank(secret):
    query = encoded({"from": "1", "to": DID, "coding": "0"})
    Client().get(f"{KANNEL}?{query}&text=a+b%2B%26", headers=bearer(secret))
    assert stored()[0] == "a b+&"
