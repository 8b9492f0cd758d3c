"""The content security policy allows no inline script and no inline style, so no page may hold any."""

import re
from pathlib import Path

import pytest

from portal.templatetags.portal import ICONS

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"
EMAILS = (TEMPLATES / "emails", TEMPLATES / "account" / "email")
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if not any(mails in path.parents for mails in EMAILS))
COMMENT = re.compile(r"\{#.*?#\}|\{% comment.*?%\}.*?\{% endcomment %\}", re.DOTALL)
FORBIDDEN = {
    "a script without src": re.compile(r"<script(?![^>]*\ssrc=)[^>]*>", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "an event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "a javascript address": re.compile(r"""(?:href|action|src)\s*=\s*["']?\s*javascript:""", re.IGNORECASE),
    "htmx code to be evaluated": re.compile(r"""\shx-(?:on|vals=["']js:|headers=["']js:)""", re.IGNORECASE),
    "something from another host": re.compile(
        r"""<(?:script|link|img|iframe|source)\b[^>]*\s(?:src|href)=["']?(?:https?:)?//""", re.IGNORECASE
    ),
}


def offences(text: str) -> list[str]:
    # a tag's quotes and angle brackets must not end the element that it stands in
    text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "x", COMMENT.sub("", text), flags=re.DOTALL)
    return [f"{what}: {found.group(0)[:80]}" for what, pattern in FORBIDDEN.items() for found in pattern.finditer(text)]


def test_there_are_pages_to_look_at():
    assert len(PAGES) > 30


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_page_holds_nothing_inline(path):
    assert offences(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "sin",
    [
        "<script>alert(1)</script>",
        '<script type="module">import "x"</script>',
        "<style>p { color: red }</style>",
        '<p class="a" style="color:red">',
        '<a {% if x > 1 %}href="b"{% endif %} style="color:red">',
        '<button onclick="go()">',
        '<a href="javascript:go()">',
        '<div hx-on:click="go()">',
        """<div hx-vals='js:{"a": 1}'>""",
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="//cdn.example/x.css">',
    ],
)
def test_the_scan_sees(sin):
    """The negative control: each of these must be found."""
    assert offences(sin)


@pytest.mark.parametrize(
    "good",
    [
        """<script type="module" src="{% static 'js/x.js' %}"></script>""",
        '<p class="style">only = text</p>',
        "{# <script>in a comment</script> #}",
        '<a href="https://example.test/">a link may lead elsewhere</a>',
    ],
)
def test_the_scan_lets_pass(good):
    assert offences(good) == []


def icons_named(text: str) -> set[str]:
    named = set(re.findall(r"""\{% icon ["']([^"']+)["']""", text))
    return named | set(re.findall(r"""\bicon=["']([^"']+)["']""", text))


def test_every_icon_that_a_template_names_is_vendored():
    missing = {
        (str(path.relative_to(TEMPLATES)), name)
        for path in PAGES
        for name in icons_named(path.read_text(encoding="utf-8"))
        if not (ICONS / f"{name}.svg").is_file()
    }
    assert missing == set()


def test_the_icon_scan_sees():
    assert icons_named('{% icon "phone" %}{% include "a.html" with icon="inbox" %}') == {"phone", "inbox"}


SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_neither_evaluates_nor_writes_markup(path):
    found = re.findall(
        r"\beval\(|new Function|innerHTML|insertAdjacentHTML|document\.write|setAttribute\(\"style",
        path.read_text(encoding="utf-8"),
    )
    assert found == []


AUTOFOCUS = re.compile(r"<(?:a|button)\b[^>]*\sautofocus")
# A move in the renewal order is undone by the button beside it, and one goes on with the same.
MAY_BE_REPEATED = {"numbers/renewals/_order.html"}


def test_no_button_and_no_link_has_the_focus_from_the_start():
    """An Enter pressed once too often would press it."""
    found = [
        str(path.relative_to(TEMPLATES))
        for path in PAGES
        if AUTOFOCUS.search(re.sub(r"\{%.*?%\}", lambda tag: tag[0].replace(">", ""), path.read_text("utf-8")))
    ]
    assert set(found) == MAY_BE_REPEATED


def test_no_form_disables_its_button_while_it_is_sent():
    """The focus would be lost; js/requests.js holds the form instead."""
    assert [path for path in PAGES if "hx-disabled-elt" in path.read_text("utf-8")] == []
