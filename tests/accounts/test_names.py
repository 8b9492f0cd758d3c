"""One rule for every name that a person types, at the page and in the services."""

import pytest

from numbers.documents.upload_rules import clean_name as document_name
from numbers.leases.services import clean_name as friendly_name
from numbers.leases.tags import clean_tag
from portal.core.names import is_readable
from projects.services import clean_name as project_name
from tests.support.refusals import refusal

BAD = [
    "A\x00B",
    "A\nB",
    "A\r\nBcc: eve@evil.example",
    "A\u202egnp.exe",
    "A\u2066B\u2069",
    "A\u200bB",
    "A\u2028B",
    "A\u2029B",
    "A\x85B",
    "A\x1b[31mB",
    "\u061cA\u200fB",
    "A\ufeffB",
    "A\ud800B",
    "A\ue000B",
]
GOOD = ["Ada Example", "Søren Ærø", "李小龍", "محمد", "O'Neil & Sons (UK) Ltd. – №1", "é".encode().decode(), "📞 Desk"]


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_seen_is_refused_everywhere(name):
    assert not is_readable(name)
    for clean, field in (
        (project_name, "name"),
        (friendly_name, "friendly_name"),
        (document_name, "name"),
        (clean_tag, "tags"),
    ):
        error = refusal(clean, name)
        assert error.field == field


@pytest.mark.parametrize("name", GOOD)
def test_names_of_the_world_are_kept(name):
    assert is_readable(name)
    assert project_name(name) == friendly_name(name) == document_name(name) == name


def test_white_space_around_a_name_is_no_fault():
    assert project_name("  Acme\t Calls\n") == "Acme Calls"
