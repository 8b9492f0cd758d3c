"""docs/vocabulary.md and the program use the same words."""

import re
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs/vocabulary.md").read_text(encoding="utf-8")
TABLE = re.compile(r"<!-- states: (\S+) -->\n\|[^\n]*\n\|[-|]+\|\n((?:\|[^\n]*\n)+)")
STATES = {
    name: [tuple(cell.strip().strip("`") for cell in row.split("|")[1:3]) for row in rows.strip().splitlines()]
    for name, rows in TABLE.findall(PAGE)
}
# Words of the last table that mean nothing else, as they would stand in a sentence.
NOT = re.compile(
    r"\b(hand(ed|s|ing)? (it |them )?(in|over)\b(?! to)|hand-over|(take|taken|took|takes|taking) back|waits for\b|"
    r"somebody|was not taken|has been told|were told|was told|on hold|asked for by|credit does not reach|works on\b|"
    r"(number|it|they) rests?\b)",
    re.IGNORECASE,
)
TEXTS = [
    path
    for path in sorted((ROOT / "templates").rglob("*"))
    if path.suffix in (".html", ".txt") and "legal" not in path.parts
]


def choices(name):
    module, holder, choice = name.rsplit(".", 2)
    found = getattr(getattr(import_module(module), holder), choice).choices
    return [(str(value), str(label)) for value, label in found]


@pytest.mark.parametrize("name", STATES)
def test_states_are_called_as_the_vocabulary_says(name):
    assert STATES[name] == choices(name)


def test_every_machine_has_its_table():
    assert sorted(name.split(".")[-2] for name in STATES) == [
        "AppUserImport",
        "AppUserImportRow",
        "CallRecord",
        "Document",
        "Lease",
        "Message",
        "Number",
        "Order",
        "Project",
        "Submission",
        "TopUp",
        "WebhookDelivery",
    ]


def reads(text):
    """What a person reads of a template: neither tags nor comments nor template code."""
    text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}|<!--.*?-->", " ", text, flags=re.DOTALL)
    text = re.sub(r"{%.*?%}|{{.*?}}", " ", text, flags=re.DOTALL)
    shown = " ".join(re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]*)"', text))
    return re.sub(r"<[^>]*>", " ", text) + " " + shown


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_pages_and_mails_use_no_word_that_has_a_better_one(path):
    found = [match.group(0) for match in NOT.finditer(reads(path.read_text(encoding="utf-8")))]
    assert found == [], "docs/vocabulary.md has the word to use instead"


@pytest.mark.parametrize(
    "sentence",
    [
        "The document was handed in.",
        "It was taken back",
        "Somebody signed in",
        "The number rests",
        "Your file was not taken",
        "It works on for 3 days",
        "waits for review",
        "Our team has been told",
    ],
)
def test_the_words_are_recognised(sentence):
    assert NOT.search(reads(f"<p>{sentence}</p>"))
