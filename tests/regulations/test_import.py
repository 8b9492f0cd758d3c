"""``import_requirements``: all or nothing, twice is once, and an error names its entry."""

import json
from datetime import date

import pytest
from django.core.management import CommandError, call_command

from numbers.models import DocumentType, Number, Regulation, Requirement
from numbers.regulations.importing import ImportProblem, load
from numbers.regulations.queries import regulation_for
from sandbox.feed import countries
from sandbox.feed.number_types import TYPES
from tests.architecture.layers import ROOT

pytestmark = pytest.mark.django_db
DEMO = ROOT / "sandbox" / "requirements.json"
TODAY = date(2026, 6, 15)
PASSPORT = {"code": "passport", "name": "Passport", "hint": "The photo page", "has_expiry": True}
BILL = {"code": "bill", "name": "Utility bill"}
GERMANY = {
    "countries": ["DE", "AT"],
    "number_types": ["did"],
    "holders": ["individual", "business"],
    "valid_from": "2026-01-01",
    "summary": "In the area.",
    "requirements": [
        {"title": "Identity", "document_types": ["passport"]},
        {"title": "Address", "document_types": ["bill"], "address_scope": "city", "count": 2, "explanation": "Yours"},
    ],
}


def data(types=(PASSPORT, BILL), rules=(GERMANY,), **more):
    return json.dumps({"document_types": list(types), "regulations": list(rules)} | more)


def everything():
    return [
        list(model.objects.order_by("pk").values())
        for model in (DocumentType, Regulation, Requirement, Requirement.document_types.through)
    ]


def test_a_file_is_loaded():
    result = load(data())
    assert str(result) == "added document types 2, added lines 8, added regulations 4"
    assert DocumentType.objects.get(code="passport").has_expiry
    rule = Regulation.objects.get(country="AT", number_type="did", holder="business")
    assert (rule.valid_from, rule.valid_until, rule.summary, rule.is_demo) == (
        date(2026, 1, 1),
        None,
        "In the area.",
        False,
    )
    assert [
        (
            line.position,
            line.title,
            line.count,
            line.address_scope,
            line.explanation,
            [kind.code for kind in line.document_types.all()],
        )
        for line in rule.requirements.all()
    ] == [(1, "Identity", 1, "none", "", ["passport"]), (2, "Address", 2, "city", "Yours", ["bill"])]


def test_twice_is_once():
    load(data())
    before = everything()
    assert str(load(data())) == "unchanged document types 2, unchanged lines 8, unchanged regulations 4"
    assert everything() == before


def test_a_changed_file_changes_the_rows_and_keeps_their_identity():
    load(data())
    ids = list(Requirement.objects.order_by("pk").values_list("pk", flat=True))
    lines = [{"title": "Identity of the user", "document_types": ["passport", "bill"]}]
    load(data(rules=[GERMANY | {"valid_until": "2027-01-01", "requirements": lines}]))
    assert set(Regulation.objects.values_list("valid_until", flat=True)) == {date(2027, 1, 1)}
    assert list(Requirement.objects.order_by("pk").values_list("pk", "title")) == [
        (pk, "Identity of the user") for pk in ids[::2]
    ]
    assert Requirement.objects.first().document_types.count() == 2
    lines[0]["document_types"] = ["bill"]
    load(data(rules=[GERMANY | {"valid_until": "2027-01-01", "requirements": lines}]))
    assert [kind.code for kind in Requirement.objects.first().document_types.all()] == ["bill"]


def test_demo_data_is_flagged_and_not_loaded_by_mistake():
    with pytest.raises(ImportProblem, match="demo data, no real regulations"):
        load(data(demo=True))
    load(data(demo=True), demo=True)
    assert set(Regulation.objects.values_list("is_demo", flat=True)) == {True}
    assert set(DocumentType.objects.values_list("is_demo", flat=True)) == {True}


def test_only_new_leaves_what_staff_keep():
    load(data())
    DocumentType.objects.filter(code="bill").update(name="Bill of staff")
    Regulation.objects.filter(country="DE", holder="business").update(
        valid_from=date(2020, 1, 1), valid_until=date(2026, 3, 1), summary="By staff"
    )
    later = GERMANY | {"valid_from": "2027-01-01", "countries": ["DE", "FR"]}
    before = everything()[0]
    result = load(data(rules=[GERMANY | {"valid_until": "2027-01-01"}, later]), only_new=True)
    assert result.counts["kept regulations"] == 6
    assert result.counts["added regulations"] == 2
    assert everything()[0] == before
    assert Regulation.objects.get(country="DE", holder="business").summary == "By staff"
    assert Regulation.objects.filter(country="FR").count() == 2


def test_only_new_adds_several_of_one_kind():
    rules = [GERMANY | {"valid_until": "2027-01-01"}, GERMANY | {"valid_from": "2027-01-01"}]
    assert load(data(rules=rules), only_new=True).counts["added regulations"] == 8


def changed(**parts):
    return data(rules=[GERMANY, GERMANY | {"countries": ["FR"]} | parts])


def with_line(**parts):
    return changed(requirements=[GERMANY["requirements"][0], GERMANY["requirements"][1] | parts])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "The file is no JSON"),
        ("[1]", "must hold one object"),
        (data(rule=[]), "Unknown: rule."),
        (json.dumps({"regulations": {}}), "regulations must be a list"),
        (data(types=[PASSPORT, 7]), "document type 2: must be an object"),
        (data(types=[PASSPORT, {"code": "x"}]), "document type 2: missing: name"),
        (data(types=[PASSPORT | {"colour": "red"}]), "document type 1: unknown: colour"),
        (data(types=[PASSPORT | {"has_expiry": "yes"}]), "document type 1: has_expiry must be true or false"),
        (data(types=[BILL, PASSPORT | {"code": "a pass"}]), "document type 2 “a pass”: code: Enter a valid"),
        (data(types=[PASSPORT | {"name": "x" * 81}]), "name: Ensure this value has at most 80 characters"),
        (changed(countries="FR"), "regulation 2: countries must be a list"),
        (changed(countries=[7]), "regulation 2: countries must be a list of texts"),
        (changed(countries=["QQ"]), "regulation 2 (QQ, did, individual): country: There is no country “QQ”"),
        (changed(countries=[""]), "regulation 2 (any country, did, individual): number_type: A rule for any country"),
        (changed(number_types=["pager"]), "regulation 2 (FR, pager, individual): number_type:"),
        (changed(holders=["church"]), "regulation 2 (FR, did, church): holder:"),
        (changed(valid_from="1.1.2026"), "regulation 2: valid_from must be a day as in 2026-01-31"),
        (changed(valid_from=None), "regulation 2: valid_from must be a day"),
        (changed(valid_until="2025-01-01"), "valid_until: This day must come after the first one"),
        (
            changed(countries=["DE"], valid_from="2026-02-01"),
            "(DE, did, individual): Another regulation for this country",
        ),
        (changed(summary=5), "regulation 2: summary must be text"),
        (with_line(title=""), "regulation 2 (FR, did, individual): line 2: title: This field cannot be blank"),
        (with_line(count=6), "line 2: count: From 1 to 5 documents"),
        (with_line(count=True), "line 2: count must be a whole number"),
        (with_line(count=10**12), "line 2: count:"),
        (with_line(address_scope="moon"), "line 2: address_scope: Value 'moon' is not a valid choice"),
        (with_line(document_types=["bill", "visa"]), "line 2: document_types: there is no “visa”"),
        (with_line(document_types=[]), "line 2: document_types: at least one is needed"),
        (changed(countries=["D\x00"]), "regulation 2: countries holds a NUL character"),
        (with_line(colour=1), "line 2: unknown: colour"),
        (with_line(title="a\x00b"), "line 2: title holds a NUL character"),
    ],
)
def test_an_error_names_its_entry_and_nothing_is_changed(text, words):
    load(data(types=[PASSPORT], rules=[]))
    before = everything()
    with pytest.raises(ImportProblem) as problem:
        load(text)
    assert words in str(problem.value)
    assert everything() == before


def test_the_command(tmp_path, capsys):
    file = tmp_path / "rules.json"
    file.write_text(data(), encoding="utf-8")
    call_command("import_requirements", file)
    assert "added regulations 4" in capsys.readouterr().out
    file.write_text(data(rules=[GERMANY | {"countries": ["QQ"]}]), encoding="utf-8")
    with pytest.raises(CommandError, match=r"rules.json: regulation 1 .*no country “QQ”.* Nothing was changed\."):
        call_command("import_requirements", file)
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_requirements", tmp_path / "other.json")
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match="not UTF-8"):
        call_command("import_requirements", file)


# -- the demo's file --------------------------------------------------------------------------------------------


@pytest.fixture
def demo():
    load(DEMO.read_text(encoding="utf-8"), demo=True)


def asked(country, number_type, holder, on=TODAY):
    rule = regulation_for(Number(country=country, type=number_type), holder=holder, on=on)
    assert rule is not None, (country, number_type, holder)
    return [(line.title, line.address_scope) for line in rule.requirements.all()]


def test_the_demo_requires_documents_wherever_its_feed_says_so(demo):
    for country in countries.CODES:
        kept = Regulation.objects.filter(country=country)
        for kind in TYPES:
            for holder in ("individual", "business"):
                lines = asked(country, kind.name, holder)
                assert kept.filter(holder=holder).exists(), f"{country} relies on the fallback"
                if countries.terms(country, kind).docs_required:
                    assert lines, (country, kind.name, holder)
    assert set(Regulation.objects.values_list("is_demo", flat=True)) == {True}


def test_the_demo_requires_what_is_usual(demo):
    assert asked("US", "did", "business") == asked("CA", "tollfree", "individual") == []
    assert asked("DE", "did", "individual") == [("Proof of identity", "none"), ("Proof of address", "city")]
    assert asked("DE", "did", "business") == [("Business registration", "none"), ("Proof of address", "city")]
    assert asked("DE", "tollfree", "business")[1] == ("Proof of address", "country")
    assert ("Business registration", "country") in asked("IN", "did", "business")
    assert asked("VA", "did", "business") == [("Business registration", "none"), ("Proof of address", "any")]
    assert asked("PL", "did", "individual")[1] != asked("PL", "did", "individual", on=date(2028, 1, 1))[1]


def test_the_demo_can_be_loaded_again(demo):
    before = everything()
    text = DEMO.read_text(encoding="utf-8")
    load(text, demo=True)
    load(text, demo=True, only_new=True)
    assert everything() == before


def test_every_demo_type_is_asked_for_somewhere_and_every_line_tells_whose(demo):
    used = set(Requirement.document_types.through.objects.values_list("documenttype__code", flat=True))
    assert used == set(DocumentType.objects.values_list("code", flat=True))
    assert not DocumentType.objects.filter(hint="").exists()
    assert not Regulation.objects.filter(summary="").exists()
