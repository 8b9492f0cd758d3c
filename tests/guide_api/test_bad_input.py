"""Whatever is sent, the answer is a refusal in the call's own envelope: never a 5xx, never a change."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing.ledger import queries as ledger
from numbers.models import CallRoute
from tests.support.leases import make_lease

pytestmark = pytest.mark.django_db
POSTS = ("/purchasenumber", "/api/callrouting")
NAMES = ("projectid", "authtoken", "number", "action", "calltype", "pstn_number")
GARBAGE = [
    b"",
    b"\x00",
    b"\xff\xfe\xfa",
    b"{",
    b"{}",
    b"[]",
    b"null",
    b"true",
    b"1",
    b'"x"',
    b"{" * 9000,
    b"[" * 9000,
    b'{"a":' * 2000,
    b'{"projectid": 1e999}',
    b'{"projectid": NaN}',
    b'{"projectid": ' + b"9" * 6000 + b"}",
    b'{"projectid": "\\u0000", "authtoken": "x"}',
    b'{"projectid": "\\ud800", "authtoken": "x"}',
    b'{"projectid": "a", "projectid": "b"}',
    b'{"projectid": {"a": 1}}',
    b'{"projectid": ["a"]}',
    b'{"projectid": true, "authtoken": "x"}',
    b'{"projectid": 1.5, "authtoken": "x"}',
    b'{"\\ud800": 1}',
    b"projectid=%00&authtoken=x",
    b"projectid=%ff&authtoken=%fe",
    b"projectid=a&projectid=b",
    b"&" * 2000,
    b"&".join(b"a%d=1" % n for n in range(900)),
    b"projectid=" + b"x" * 9000,
    b"\xef\xbb\xbf{}",
    b'--x\r\nContent-Disposition: form-data; name="projectid"\r\n\r\n\x00\xff\r\n--x--\r\n',
    b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nabc\r\n--x--\r\n',
    b"--x\r\n",
]
examples = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def _no_limits(settings):
    settings.LIST_NUMBERS_PER_MINUTE = settings.FAILED_KEYS_PER_MINUTE = settings.PROJECT_WRITES_PER_MINUTE = 0


def code_of(response):
    body = json.loads(response.content)
    return body.get("data", {}).get("code") if "code" not in body else body["code"]


def refused(response):
    assert 400 <= response.status_code < 500, response.content
    assert code_of(response) == response.status_code
    assert response.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/x-www-form-urlencoded",
        "text/plain",
        "",
        "multipart/form-data",
        "multipart/form-data; boundary=x",
        "image/png",
        "application/json; charset=utf-16",
        "/",
        ";;;",
        "application/json;;;=;",
    ],
)
def test_byte_garbage(client, path, content_type):
    for body in GARBAGE:
        refused(client.generic("POST", path, body, content_type))


@pytest.mark.parametrize("path", POSTS)
def test_a_body_too_large_is_413(client, path):
    response = client.generic("POST", path, b"projectid=" + b"x" * 20_000, "application/x-www-form-urlencoded")
    refused(response)
    assert response.status_code == 413
    broken = client.generic("POST", path, b"a=1", "application/x-www-form-urlencoded", CONTENT_LENGTH="9" * 30)
    assert broken.status_code == 413


FORM, AS_JSON, MULTIPART = "application/x-www-form-urlencoded", "application/json", "multipart/form-data; boundary=x"
# What is sent, and why it is refused: (status, code, field).
REASONS = [
    ("image/png", b"a=1", (415, "unsupported_media_type", None)),
    (AS_JSON, b"[]", (400, "bad_request", None)),
    (AS_JSON, b'{"projectid": NaN}', (400, "bad_request", None)),
    (AS_JSON, b'{"projectid": "a", "projectid": "b"}', (400, "invalid_parameter", "projectid")),
    (AS_JSON, b'{"projectid": {"a": 1}}', (400, "invalid_parameter", "projectid")),
    (AS_JSON, b'{"projectid": 1.5}', (400, "invalid_parameter", "projectid")),
    (AS_JSON, b'{"projectid": "\\u0000"}', (400, "invalid_parameter", "projectid")),
    (AS_JSON, b'{"projectid": "\\ud800"}', (400, "invalid_parameter", "projectid")),
    (AS_JSON, b'{"\\u0000": "a"}', (400, "bad_request", None)),
    (AS_JSON, b'{"projectid": null}', (400, "missing_parameter", "projectid")),
    (FORM, b"projectid=a&projectid=b", (400, "invalid_parameter", "projectid")),
    (FORM, b"projectid=%00", (400, "invalid_parameter", "projectid")),
    (FORM, b"projectid=\xff", (400, "bad_request", None)),
    (FORM, b"projectid=%20", (400, "missing_parameter", "projectid")),
    (FORM, b"&".join(b"a%d=1" % n for n in range(50)), (400, "missing_parameter", "projectid")),
    (FORM, b"&".join(b"a%d=1" % n for n in range(51)), (400, "bad_request", None)),
    (FORM, b"projectid=" + b"x" * 200, (400, "missing_parameter", "authtoken")),
    (FORM, b"projectid=" + b"x" * 201, (400, "invalid_parameter", "projectid")),
    (FORM, b"projectid=a&a=" + b"x" * 16_370, (400, "invalid_parameter", "a")),  # 16,384 bytes
    (FORM, b"projectid=a&a=" + b"x" * 16_371, (413, "too_large", None)),
    (
        MULTIPART,
        b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nabc\r\n--x--\r\n',
        (400, "bad_request", None),
    ),
]


@pytest.mark.parametrize("path", POSTS)
def test_each_is_refused_for_its_own_reason(client, path):
    for kind, body, reason in REASONS:
        response = client.generic("POST", path, body, kind)
        refused(response)
        said = response.json().get("data", response.json())
        assert (response.status_code, said["error"], said.get("field")) == reason, (kind, body[:60])


@examples
@given(
    path=st.sampled_from(POSTS),
    body=st.binary(max_size=300),
    kind=st.sampled_from(
        ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain"]
    ),
)
def test_any_bytes(client, path, body, kind):
    refused(client.generic("POST", path, body, kind))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@examples
@given(path=st.sampled_from(POSTS), values=st.dictionaries(st.sampled_from(NAMES), JSON))
def test_any_json_with_the_right_names(client, path, values):
    refused(client.generic("POST", path, json.dumps(values), "application/json"))


WORDS = (
    st.text(max_size=40) | st.from_regex(r"\A\+?[0-9 ]{0,20}\Z") | st.sampled_from(["3", "purchase", "+12125550101"])
)


@examples
@given(values=st.fixed_dictionaries(dict.fromkeys(NAMES[2:], WORDS)))
def test_right_keys_and_any_other_values(client, keys_once, values):
    """The number exists and is another project's: even the luckiest example changes nothing."""
    for path in POSTS:
        body = json.dumps(keys_once.sent | values)
        refused(client.generic("POST", path, body, "application/json"))
    assert ledger.balance(keys_once.project.pk) == 100
    assert not keys_once.project.leases.exists()
    assert not CallRoute.objects.exists()


@pytest.fixture
def keys_once(keys):
    make_lease()
    return keys


@examples
@given(
    values=st.dictionaries(
        st.sampled_from(["country", "limit", "number_type", "state", "pattern", "match", "sms", "voice"]),
        WORDS | st.sampled_from(["US", "GB", "0,20", "5,100", "DID", "tollfree", "start", "end", "1"]),
    )
)
def test_any_listing_parameters(client, values):
    response = client.get("/listnewnumbers", values)
    assert response.status_code in (400, 404, 422), response.content
    assert code_of(response) == response.status_code


@examples
@given(
    st.fixed_dictionaries(
        {
            "pattern": st.text(alphabet="0123456789*?ABC +-x", min_size=1, max_size=40),
            "match": st.sampled_from(["start", "contains", "end"]),
            "state": st.text(max_size=90),
        }
    )
)
def test_any_pattern(client, values):
    response = client.get("/listnewnumbers", {"country": "US", "limit": "0,5", "number_type": "DID"} | values)
    assert response.status_code in (400, 404, 422), response.content


@pytest.mark.parametrize(
    "query", ["%", "country=%ff", "country=%00", "a=1&" * 60, "&&&", "country=US&limit=%F0%9F%98%80"]
)
def test_broken_query_strings(client, query):
    refused(client.get(f"/listnewnumbers?{query}"))
