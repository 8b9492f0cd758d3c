"""What a stranger, a broken switch or a hostile caller may send to the carrier API, for tests/carrier/test_fuzz.py."""

import base64
import gzip
import json
import re
from urllib.parse import quote_from_bytes

from django.urls import URLResolver, get_resolver
from hypothesis import strategies as st

from tests.support.leases import DID

HOSTILE = "\"><sip:evil@evil.example>\r\nX-Evil: 1\x01'\\ äé\N{ARABIC-INDIC DIGIT ONE}"
USERS, SIP, TRUNK = "+12125550102", "+12125550103", "+12125550104"


# -- the addresses ------------------------------------------------------------------------------------------------


def walk(resolver, above=""):
    for entry in resolver.url_patterns:
        here = above + str(entry.pattern).removeprefix("^").removesuffix("$").removesuffix("/?")
        if isinstance(entry, URLResolver):
            yield from walk(entry, here)
        else:
            yield here


ADDRESSES = sorted(each for each in walk(get_resolver()) if each.startswith("carrier/"))
GAP = re.compile(r"\(\?P<\w+>(?:\[[^]]*\]|[^()\[\]])*\)|<[^<>]+>")


# -- what is sent -------------------------------------------------------------------------------------------------

ODD = [
    *(DID, USERS, SIP, TRUNK, "+12125550199", "12125550101", " 12125550101", "00442079460018", "anonymous", "", "."),
    *("+" + "9" * 400, "-1", "1e9", "NaN", "+1212555010\N{ARABIC-INDIC DIGIT ONE}", "\N{FULLWIDTH DIGIT ONE}" * 9),
    *(f"{DID}\r\nX: y", f'"{DID}"', f"<sip:{DID}@x>", "\x00", f"{DID}\x00", "..", "%", "%0d%0a", "a/b", "\U0001f4de"),
    *(HOSTILE, "sip:" + HOSTILE, f"sip:{DID};<x>@h", "A" * 9000, "' OR 1=1 --", "alice", "sip.example.test"),
]  # fmt: skip
TEXTS = st.sampled_from(ODD) | st.text(max_size=40)
BYTES = TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass")) | st.binary(max_size=40)
VALUES = st.recursive(
    TEXTS
    | st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(
        [-1, 0, 10**400, -(2**63), 2**63, 1e308, 1795176000, "1795176000.25", float("nan"), float("inf")]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=5,
)
FIELDS = (
    "cdr_id call_id did caller start_time end_time answer_time duration leg target gateway attempt sip_code kind "
    "received_at answered_by hangup_by route_source route_etag number_id project_id caller_name attestation"
).split()
GOOD = {"start_time": "1795176000", "end_time": "1795176060", "duration": "60", "did": DID}
RECORDS = st.fixed_dictionaries({"cdr_id": TEXTS}, optional=dict.fromkeys(FIELDS[1:], VALUES)).map(
    lambda record: GOOD | record
)
BATCHES = st.fixed_dictionaries(
    {"batch_id": TEXTS, "cdrs": st.lists(RECORDS | VALUES, max_size=3) | VALUES},
    optional={"switch_id": VALUES, "x": VALUES},
)
SMS_FIELDS = "message_id from text encoding raw_hex smsc received_at part".split()
MESSAGES = st.fixed_dictionaries(
    {"to": st.just(DID) | VALUES},
    optional=dict.fromkeys(SMS_FIELDS, VALUES)
    | {"part": st.fixed_dictionaries(dict.fromkeys(("ref", "total", "no"), st.integers(-1, 300) | VALUES)) | VALUES},
)
PAIRS = st.lists(
    st.tuples(
        st.sampled_from("id from to text coding charset udh time smsc binary content origin-connector".split()) | TEXTS,
        BYTES
        | st.sampled_from([DID.encode(), b"0", b"1", b"2", b"8", b"\x08", b"\x05\x00\x03\x01\x02\x01", b"UTF-16BE"]),
    ),
    max_size=9,
).map(lambda pairs: [("to", DID.encode()), *pairs] if len(pairs) % 2 else pairs)


def encoded(pairs):
    return "&".join(
        f"{quote_from_bytes(name.encode('utf-8', 'surrogatepass'))}={quote_from_bytes(value)}" for name, value in pairs
    )


BODIES = st.one_of(
    MESSAGES.map(lambda each: json.dumps(each).encode()),
    PAIRS.map(lambda pairs: encoded(pairs).encode()),
    BATCHES.map(lambda each: json.dumps(each).encode()),
    VALUES.map(lambda each: json.dumps(each).encode()),
    BATCHES.map(lambda each: gzip.compress(json.dumps(each).encode())[:-5]),
    st.binary(max_size=200),
    st.sampled_from(
        [
            b"",
            b"{",
            b"[" * 100_000,
            b'{"cdrs":' * 30_000,
            b'{"batch_id":"a","batch_id":"b","cdrs":[],"cdrs":1}',
            b'{"batch_id":"\\ud800","cdrs":[{"cdr_id":"\\ud800\\u0000","start_time":1e999}]}',
            b'\xff\xfe{"batch_id":"a"}',
            b'{"batch_id":"\xff","cdrs":[]}',
            b'{"batch_id":"n","cdrs":[{"cdr_id":"n","start_time":' + b"9" * 5000 + b"}]}",
            b'{"batch_id":"m","cdrs":[' + b"1," * 500 + b"1]}",
            b"batch_id=a&cdrs=b",
            b"x" * 1_000_001,
        ]
    ),
)
HEADER = st.sampled_from(
    [
        *(each for each in ODD if each.isascii()),
        "\xff\xfe",
        "Bearer",
        "Basic " + "A" * 999,
        '"x", W/"y", *',
        "gzip",
        "br",
    ]
) | st.text(st.characters(max_codepoint=255), max_size=30)
HEADERS = st.dictionaries(
    st.sampled_from(
        "HTTP_IF_NONE_MATCH HTTP_CONTENT_ENCODING HTTP_ACCEPT HTTP_COOKIE HTTP_RANGE HTTP_X_FORWARDED_FOR "
        "HTTP_FORWARDED HTTP_X_REQUEST_ID HTTP_CONTENT_TYPE HTTP_EXPECT HTTP_ORIGIN HTTP_X_HTTP_METHOD_OVERRIDE".split()
    ),
    HEADER,
    max_size=3,
)
TYPES = st.sampled_from(
    [
        *("application/json", "application/json; charset=utf-16", "text/plain; charset=no", "multipart/form-data"),
        *("multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "", "\xff/\x00", "image/png"),
    ]
)
METHODS = st.sampled_from(["GET"] * 6 + ["POST"] * 4 + ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW"])


def basic(text):
    return "Basic " + base64.b64encode(text.encode()).decode()


@st.composite
def requests(draw):
    """(method, address, body, content type, headers without the credential)"""
    values = lambda _: quote_from_bytes(draw(BYTES), safe=draw(st.sampled_from(["", "/", "/;=+@:"])))  # noqa: E731
    address = "/" + GAP.sub(values, draw(st.sampled_from(ADDRESSES))) + draw(st.sampled_from(["", "/", "//", "/x"]))
    address += "?" + encoded(draw(PAIRS)) + draw(st.sampled_from(["", "&from", "&from=&from=", "&%ff=%", ";"]))
    return draw(METHODS), address, draw(BODIES), draw(TYPES), draw(HEADERS)
