"""The desk wears the portal's colours."""

import re
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static" / "css"


def blocks(selector):
    """Declarations of each block whose selector ends so."""
    text = (STATIC / "tokens.css").read_text(encoding="utf-8")
    found = re.findall(re.escape(selector) + r" \{([^}]*)\}", re.sub(r"/\*.*?\*/", "", text))
    return [[line.strip() for line in each.strip().splitlines()] for each in found]


def test_dark_is_the_same_by_choice_and_by_the_system():
    (chosen,) = blocks('html[data-theme="dark"]')
    (by_system,) = blocks('html:not([data-theme="light"]):has(> body[data-admin-utc-offset])')
    assert len(chosen) > 20
    assert by_system == chosen


def test_the_desk_has_no_colours_of_its_own():
    text = (STATIC / "desk.css").read_text(encoding="utf-8")
    found = set(re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[^{}]*;)", text))
    assert found <= {"#fff", "#000", "#1b2430"}  # on a filled button, a shade of it, and the sheet of paper
