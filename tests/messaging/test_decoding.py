"""Bytes of a message become its text, however they are cut into parts."""

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from numbers.messaging.decoding import alphabets, gsm7, text, udh
from numbers.messaging.decoding.udh import Concatenation
from numbers.messaging.models import Encoding

GSM, UCS2, LATIN1, ASCII, UTF8, BINARY = (
    Encoding.GSM7, Encoding.UCS2, Encoding.LATIN1, Encoding.ASCII, Encoding.UTF8, Encoding.BINARY
)  # fmt: skip
# The table of 3GPP TS 23.038 as its rows stand there, by columns of 16, written down once more.
TABLE = """
@Δ 0¡P¿p
£_!1AQaq
$Φ"2BRbr
¥Γ#3CScs
èΛ¤4DTdt
éΩ%5EUeu
ùΠ&6FVfv
ìΨ'7GWgw
òΣ(8HXhx
ÇΘ)9IYiy
\nΞ*:JZjz
Ø\x1b+;KÄkä
øÆ,<LÖlö
\ræ-=MÑmñ
Åß.>NÜnü
åÉ/?O§oà
"""
ROWS = [line for line in TABLE.replace("\n\nΞ", "\n\0Ξ")[1:-1].split("\n") if line]
BASIC = {
    column * 16 + row: "\n" if char == "\0" else char
    for row, line in enumerate(ROWS)
    for column, char in enumerate(line)
}
EXTENSION = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
SEPTETS = {char: bytes([code]) for code, char in BASIC.items() if char != "\x1b"} | {
    char: bytes([0x1B, code]) for char, code in EXTENSION.items()
}


def septets(message):
    return b"".join(SEPTETS[char] for char in message)


def utf16(message):
    return message.encode("utf-16-be", "surrogatepass")


def pieces(content, cuts):
    places = [0, *sorted(cut % (len(content) + 1) for cut in cuts), len(content)]
    return [content[a:b] for a, b in pairwise(places)]


def test_every_septet_of_the_table():
    assert len(BASIC) == 128
    assert {code: gsm7.decode(bytes([code])) for code in BASIC if code != 0x1B} == {
        code: char for code, char in BASIC.items() if code != 0x1B
    }


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\x1be", "€"),
        (b"\x1b\x1b\x1be", " €"),
        (b"\x1bA", "A"),  # not in the extension: as without the escape
        (b"x\x1b", "x "),
        (b"", ""),
    ],
)
def test_escapes(content, expected):
    assert gsm7.decode(content) == expected


@given(st.text(st.sampled_from(sorted(SEPTETS)), max_size=400), st.lists(st.integers(0), max_size=6), st.randoms())
def test_septets_cut_anywhere_and_shuffled_are_the_text(message, cuts, order):
    parts = [(no, piece, GSM) for no, piece in enumerate(pieces(septets(message), cuts), start=1)]
    order.shuffle(parts)
    assert text.joined(parts) == message


@given(st.text(max_size=200), st.lists(st.integers(0), max_size=6), st.randoms())
def test_utf_16_cut_anywhere_even_within_a_character_is_the_text(message, cuts, order):
    parts = [(no, piece, UCS2) for no, piece in enumerate(pieces(utf16(message), cuts), start=1)]
    order.shuffle(parts)
    assert text.joined(parts) == message.replace("\0", "")


@given(st.text(max_size=100), st.lists(st.integers(0), max_size=4))
def test_text_cut_within_a_surrogate_pair_is_the_text(message, cuts):
    """As in JSON: each part says one half, as an escape of its own."""
    units = utf16(message)
    halves = [units[at : at + 2].decode("utf-16-be", "surrogatepass") for at in range(0, len(units), 2)]
    cut = pieces(halves, cuts)
    parts = [(no, text.from_text("".join(piece)), UCS2) for no, piece in enumerate(cut, start=1)]
    assert text.joined(parts) == message.replace("\0", "")


@given(st.binary(max_size=300), st.sampled_from(Encoding))
def test_whatever_bytes_are_text_that_the_database_takes(content, alphabet):
    found = text.decode(content, alphabet)
    found.encode()
    assert "\0" not in found


@pytest.mark.parametrize(
    ("content", "alphabet", "expected"),
    [
        (b"\xd8\x3d\x00A", UCS2, "\ufffdA"),  # half a pair
        (b"\x00A\xd8\x3d", UCS2, "A\ufffd"),
        (b"\x00A\x00", UCS2, "A\ufffd"),
        (b"\x00\x00\x00A", UCS2, "A"),
        (b"a\0b", ASCII, "ab"),
        (b"\0a", GSM, "@a"),
        (b"caf\xe9", LATIN1, "café"),
        (b"\x80 5", LATIN1, "€ 5"),
        (b"\x81", LATIN1, "\x81"),
        ("grün".encode(), UTF8, "grün"),
        (b"gr\xfcn", UTF8, "grün"),
        (b"gr\xfcn", ASCII, "grün"),
        (b"gr\xfcn", GSM, "grün"),  # bytes that are no septets
        ("grün".encode(), GSM, "grün"),
        (b"\x00\xff\x7f", BINARY, "00ff7f"),
    ],
)
def test_bytes_that_are_odd(content, alphabet, expected):
    assert text.decode(content, alphabet) == expected


def test_where_a_part_is_missing_nothing_runs_together():
    assert text.joined([(1, utf16("a")[:1], UCS2), (3, utf16("é"), UCS2)]) == "\ufffdé"
    assert text.joined([(3, b"e", GSM), (1, b"a\x1b", GSM)]) == "a e"
    assert text.joined([(1, b"\x1b", GSM), (2, utf16("é"), UCS2), (3, b"\xff", BINARY)]) == " éff"
    assert text.joined([]) == ""


# -- alphabets ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("gsm7", GSM), ("GSM", GSM), ("GSM-7", GSM), ("GSM 03.38", GSM), ("7bit", GSM), ("0", GSM),
        ("UCS-2", UCS2), ("utf-16be", UCS2), ("UTF-16", UCS2), ("unicode", UCS2), ("8", UCS2), ("16bit", UCS2),
        ("ISO-8859-1", LATIN1), ("latin1", LATIN1), ("WINDOWS-1252", LATIN1), ("3", LATIN1),
        ("us-ascii", ASCII), ("IA5", ASCII), ("1", ASCII),
        ("UTF-8", UTF8), ("utf8", UTF8),
        ("binary", BINARY), ("8bit", BINARY), ("8-bit", BINARY), ("4", BINARY),
        ("", None), ("klingon", None), ("256", None), ("²", None),
    ],
)  # fmt: skip
def test_usual_names(name, expected):
    assert alphabets.named(name) == expected


@pytest.mark.parametrize(
    ("coding", "expected"),
    [
        (0x00, GSM), (0x01, ASCII), (0x02, BINARY), (0x03, LATIN1), (0x04, BINARY), (0x05, BINARY), (0x08, UCS2),
        (0x10, GSM), (0x13, GSM), (0x14, BINARY), (0x18, UCS2), (0x1C, BINARY), (0x20, BINARY),
        (0xC8, GSM), (0xD0, GSM), (0xE0, UCS2), (0xF0, GSM), (0xF1, GSM), (0xF4, BINARY), (0xF5, BINARY),
    ],
)  # fmt: skip
def test_data_codings(coding, expected):
    assert alphabets.of_coding(coding) == expected


# -- user data headers --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("050003cc0302", Concatenation("204", 3, 2)),
        ("060804abcd0302", Concatenation("43981", 3, 2)),
        ("0b0504158a0000" + "0003cc0302", Concatenation("204", 3, 2)),  # ports first
        ("0a" + "0003cc0302" + "0003010201", Concatenation("1", 2, 1)),  # the last one counts
        ("0a" + "0003cc0302" + "0003cc0304", Concatenation("204", 3, 2)),  # unless it cannot be
        ("050003cc0101", None),  # one of one is whole
        ("050003cc0300", None),
        ("050003cc0304", None),
        ("050003cc0000", None),
        ("050003cc03", None),
        ("050003cc030200", None),
        ("040003cc0302", None),
        ("050004cc0302", None),
        ("040002cc03", None),
        ("0600", None),
        ("00", None),
        ("", None),
        ("ff", None),
    ],
)
def test_headers(header, expected):
    assert udh.parse(bytes.fromhex(header)) == expected


@given(st.binary(max_size=300))
def test_no_header_is_an_error(header):
    found = udh.parse(header)
    assert found is None or 1 <= found.no <= found.total <= 255


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("050003cc030248", (Concatenation("204", 3, 2), b"H")),
        ("060804abcd030248", (Concatenation("43981", 3, 2), b"H")),
        ("050003cc0302", (Concatenation("204", 3, 2), b"")),
        ("050003cc0304", (None, bytes.fromhex("050003cc0304"))),
        ("050003cc0101", (None, bytes.fromhex("050003cc0101"))),
        ("050003cc", (None, bytes.fromhex("050003cc"))),
        ("48656c6c6f", (None, b"Hello")),
        ("", (None, b"")),
    ],
)
def test_a_header_in_front_of_the_content(content, expected):
    assert udh.split(bytes.fromhex(content)) == expected


@given(st.text(max_size=30), st.integers(0, 2**16 - 1), st.integers(2, 255))
def test_any_part_is_split_from_its_header(message, reference, total):
    no = random.Random(reference).randint(1, total)
    for header in (
        bytes([5, 0, 3, reference % 256, total, no]),
        bytes([6, 8, 4]) + reference.to_bytes(2) + bytes([total, no]),
    ):
        found, rest = udh.split(header + message.encode())
        assert (found, rest) == (udh.parse(header), message.encode())
        assert (found.total, found.no) == (total, no)
