"""No time of day is shown without its zone: in templates of pages and mails, and in texts made by the source."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.utils import formats

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted([*(ROOT / "templates").rglob("*.html"), *(ROOT / "templates").rglob("*.txt")])
SOURCES = sorted(path for room in ("billing", "numbers", "portal", "projects") for path in (ROOT / room).rglob("*.py"))
# A clock in a format of Django's: H, G, g or h with minutes, P or a whole format by name.
FORMAT = re.compile(r"""(?:\|(?:date|time):|\{%\s*now\s+)(["'])(.*?)\1.*?[}%]\}(.{0,12})""", re.DOTALL)


def is_clock(words):
    return bool(re.search(r"[HGgh]:i|P|TIME", words)) and not re.search(r"[TeO]$|c$", words)


def offences(template):
    table_says_it = "(UTC)" in template
    return [
        words
        for _, words, after in FORMAT.findall(template)
        if is_clock(words) and not re.match(r"(</\w+>)*\s*UTC", after) and not table_says_it
    ]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_time_in_a_template_says_its_zone(path):
    assert offences(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(("template", "found"), [
    ('{{ x|date:"j M Y, H:i" }}', ["j M Y, H:i"]), ('{{ x|date:"j M Y, H:i" }} UTC', []),
    ('{{ x|date:"j M Y, H:i T" }}', []), ('<time>{{ x|date:"H:i" }}</time> UTC', []), ('{{ x|date:"j M Y" }}', []),
    ('{{ x|time:"P" }}', ["P"]), ('{% now "H:i" %}', ["H:i"]), ('{{ x|date:"c" }}', []),
    ('<th>Date (UTC)</th>{{ x|date:"H:i" }}', []),
])  # fmt: skip
def test_the_scan_of_templates_sees(template, found):
    assert offences(template) == found


def test_every_time_in_a_text_of_the_source_says_its_zone():
    """On its line, or a few lines above: a column is headed once."""
    found = []
    for path in SOURCES:
        lines = path.read_text(encoding="utf-8").splitlines()
        found += [
            f"{path.relative_to(ROOT)}:{number + 1}"
            for number, line in enumerate(lines)
            if "%H:%M" in line and "UTC" not in "".join(lines[max(0, number - 3) : number + 1])
        ]
    assert found == []


def test_what_django_formats_by_itself_says_it_too():
    """The admin's lists and details."""
    moment = datetime(2026, 11, 5, 9, 7, tzinfo=UTC)
    for name in ("DATETIME_FORMAT", "SHORT_DATETIME_FORMAT"):
        assert formats.date_format(moment, name) == "5 Nov 2026, 09:07 UTC"
    assert formats.localize(moment) == "5 Nov 2026, 09:07 UTC"
