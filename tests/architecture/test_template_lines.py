"""How templates break their lines: see docs/front-end.md, "Lines of a template"."""

import re
import subprocess
from collections.abc import Iterator

import pytest

from tests.architecture.layers import ROOT

LONGEST = 120
TEMPLATE = r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}"
# A tag of HTML; what the template fills in, and what is quoted, may hold a ">".
TAG = re.compile(
    rf"""<(?P<name>[a-zA-Z][\w-]*)(?P<inside>(?:{TEMPLATE}|"(?:{TEMPLATE}|[^"])*"|'(?:{TEMPLATE}|[^'])*'|[^>"'])*)>""",
    re.DOTALL,
)
SKIPPED = re.compile(r"\{% comment %\}.*?\{% endcomment %\}|<!--.*?-->", re.DOTALL)
QUOTED = re.compile(rf"""=("(?:{TEMPLATE}|[^"])*"|'(?:{TEMPLATE}|[^'])*')""", re.DOTALL)
BRANCH = re.compile(r"\{% *(?:if|elif|else|endif|for|endfor)\b.*?%\}")


def templates() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.html"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [path for path in listed.stdout.split() if (ROOT / path).exists()]


def too_long(text: str) -> Iterator[str]:
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > LONGEST:
            yield f"line {number}: {len(line)} columns"


def badly_broken(text: str) -> Iterator[str]:
    """Opening tags over several lines that do not have one attribute a line and ``>`` on a line of its own."""
    blank = SKIPPED.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    for tag in TAG.finditer(blank):
        inside = QUOTED.sub("=…", tag["inside"])
        if "\n" not in inside:
            # The value of an attribute may have lines of its own, but then the attribute has, too.
            if "\n" in tag["inside"]:
                yield f"line {line_of(blank, tag)}: <{tag['name']}: an attribute of several lines begins on a new one"
            continue
        first, *middle, last = inside.split("\n")
        if first.strip():
            yield f"line {line_of(blank, tag)}: <{tag['name']}: the first attribute stands on the next line"
        if last.strip(" /"):
            yield f"line {line_of(blank, tag)}: <{tag['name']}: the > stands on its own line"
        for line in middle:
            if len(re.sub(r"\{\{.*?\}\}", "x", BRANCH.sub(" ", line)).split()) > 1:
                yield f"line {line_of(blank, tag)}: <{tag['name']}: one attribute a line: {line.strip()}"


def line_of(text: str, found: re.Match[str]) -> int:
    return text.count("\n", 0, found.start()) + 1


@pytest.mark.parametrize("path", templates())
def test_lines_are_short_and_broken_tags_have_one_attribute_a_line(path):
    text = (ROOT / path).read_text(encoding="utf-8")
    assert [*too_long(text), *badly_broken(text)] == []


@pytest.mark.parametrize("text", [
    "x" * 121, "<p>\n" + "ü" * 121, f'<a href="{"x" * 112}">',
])  # fmt: skip
def test_a_planted_long_line_is_found(text):
    assert len([*too_long(text)]) == 1


@pytest.mark.parametrize("text", [
    '<a class="btn"\n  href="/">', '<a\n  class="btn" href="/"\n>', '<a\n  class="btn"\n  href="/">',
    '<a class="\n  btn\n">', "<a\n  {% if x %}hidden disabled{% endif %}\n>",
    '<a\n  {% if a > b %}href="/" hidden{% endif %}\n>', '<a\n  title="a > b" hidden\n>',
    '<input\n  {{ attributes }} hidden\n>', '<p>\n<a\nhidden\ntitle="{% if x == ">" %}"></a>',
])  # fmt: skip
def test_a_planted_broken_tag_is_found(text):
    assert [*badly_broken(text)]


@pytest.mark.parametrize("text", [
    '<a class="btn" href="/">Home</a>', '<a\n  class="btn"\n  href="/"\n>Home</a>', '<br>\n<img\n  src="/"\n/>',
    '<a\n  class="\n    btn {% if x %}on{% endif %}\n    wide\n  "\n  href="{% url "x" %}"\n>',
    "<a\n  {% if x %}\n    hidden\n    disabled\n  {% elif y %}checked{% endif %}\n>",
    "{% comment %}<a hidden\n disabled>{% endcomment %}", '{% if a < b and\n c > d %}', "<!-- <a hidden\n x> -->",
])  # fmt: skip
def test_what_is_well_broken_passes(text):
    assert [*too_long(text), *badly_broken(text)] == []
