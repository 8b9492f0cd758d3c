"""Document types and regulations from a JSON file: all of it or nothing, and twice is the same as once.

::

    {"demo": true,
     "document_types": [{"code": "passport", "name": "Passport", "hint": "…", "has_expiry": true}],
     "regulations": [{"countries": ["DE", "AT"], "number_types": [""], "holders": ["individual"],
                      "valid_from": "2026-01-01", "valid_until": null, "summary": "…",
                      "requirements": [{"title": "Proof of identity", "explanation": "…", "count": 1,
                                        "document_types": ["passport"], "address_scope": "none"}]}]}

An entry stands for one regulation per country, number type and holder it names; "" is any.
"""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model

from numbers.regulations import services
from numbers.regulations.models import DocumentType, Regulation, Requirement

TYPE_FIELDS = {"code": str, "name": str, "hint": str, "has_expiry": bool, "is_active": bool}
REGULATION_FIELDS = {
    "countries": list,
    "number_types": list,
    "holders": list,
    "summary": str,
    "valid_from": date,
    "valid_until": date,
    "requirements": list,
}
REQUIREMENT_FIELDS = {"title": str, "explanation": str, "document_types": list, "count": int, "address_scope": str}
NEEDED = {"code", "name", "countries", "holders", "valid_from", "requirements", "title", "document_types"}
WORDS = {str: "text", bool: "true or false", int: "a whole number", list: "a list", date: "a day as in 2026-01-31"}


class ImportProblem(Exception):  # noqa: N818  its message is for whoever wrote the file
    """What is wrong and in which entry."""


@dataclass
class Result:
    counts: Counter[str] = field(default_factory=Counter)  # "added regulations" → 12

    def __str__(self) -> str:
        return ", ".join(f"{name} {count}" for name, count in sorted(self.counts.items())) or "nothing to do"


Keys = tuple[str, str, str]  # country, number type, holder


@transaction.atomic
def load(text: str, *, demo: bool = False, only_new: bool = False) -> Result:
    """Brings the tables up to date with the file; raises :class:`ImportProblem` and changes nothing.

    ``demo`` flags everything as made up; a file that says it is demo data is refused without it. ``only_new`` leaves
    alone what exists, and adds no regulation where staff keep one for the same country, type and holder.
    """
    data = _read(text)
    if data.get("demo") and not demo:
        raise ImportProblem("The file holds demo data, no real regulations. Load it with --demo.")
    services.keep_still()
    result = Result()
    for number, entry in enumerate(_list(data, "document_types"), 1):
        with _named(f"document type {number}"):
            _type(_checked(entry, TYPE_FIELDS) | {"is_demo": demo}, only_new, result)
    types = {kind.code: kind for kind in DocumentType.objects.all()}
    kept = set(Regulation.objects.values_list("country", "number_type", "holder")) if only_new else set()
    for number, entry in enumerate(_list(data, "regulations"), 1):
        with _named(f"regulation {number}"):
            row = _checked(entry, REGULATION_FIELDS) | {"is_demo": demo}
            for keys in product(row["countries"], row.get("number_types", [""]), row["holders"]):
                if keys in kept:
                    result.counts["kept regulations"] += 1
                else:
                    _regulation(keys, row, types, result)
    return result


def _read(text: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except ValueError as error:
        raise ImportProblem(f"The file is no JSON: {error}") from error
    if not isinstance(data, dict):
        raise ImportProblem("The file must hold one object with document_types and regulations.")
    if unknown := sorted(set(data) - {"demo", "document_types", "regulations"}):
        raise ImportProblem(f"Unknown: {', '.join(unknown)}.")
    return data


def _list(data: dict[str, Any], name: str) -> list[Any]:
    found = data.get(name, [])
    if not isinstance(found, list):
        raise ImportProblem(f"{name} must be a list.")
    return found


@contextmanager
def _named(entry: str) -> Iterator[None]:
    """Puts the entry's name before what is wrong with it."""
    try:
        yield
    except ValidationError as error:
        raise ImportProblem(f"{entry}: {_words(error)}") from error
    except ImportProblem as error:
        raise ImportProblem(f"{entry} {error}" if str(error)[:1] in "(“" else f"{entry}: {error}") from error


def _words(error: ValidationError) -> str:
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    problems = [(name, " ".join(messages)) for name, messages in error.message_dict.items()]
    return "; ".join(words if name == "__all__" else f"{name}: {words}" for name, words in problems)


def _checked(entry: Any, fields: dict[str, type]) -> dict[str, Any]:
    """The entry with days as dates; raises for what is unknown, missing or of another kind."""
    if not isinstance(entry, dict):
        raise ImportProblem("must be an object.")
    if unknown := sorted(set(entry) - set(fields)):
        raise ImportProblem(f"unknown: {', '.join(unknown)}.")
    if missing := sorted(NEEDED & set(fields) - set(entry)):
        raise ImportProblem(f"missing: {', '.join(missing)}.")
    row: dict[str, Any] = {}
    for name, value in entry.items():
        kind = fields[name]
        if kind is date:
            row[name] = _day(name, value)
        elif type(value) is not kind:
            raise ImportProblem(f"{name} must be {WORDS[kind]}.")
        elif isinstance(value, list) and name != "requirements" and not all(isinstance(each, str) for each in value):
            raise ImportProblem(f"{name} must be a list of texts.")
        elif name != "requirements" and "\\x00" in repr(value):
            raise ImportProblem(f"{name} holds a NUL character.")
        else:
            row[name] = value
    return row


def _day(name: str, value: Any) -> date | None:
    if value is None and name == "valid_until":
        return None
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ImportProblem(f"{name} must be {WORDS[date]}.")


def _type(row: dict[str, Any], only_new: bool, result: Result) -> None:
    with _named(f"“{row['code']}”"):
        kind = DocumentType.objects.filter(code=row["code"]).first()
        if kind is not None and only_new:
            result.counts["kept document types"] += 1
        else:
            _save(kind or DocumentType(), row, "document types", result)


def _regulation(keys: Keys, row: dict[str, Any], types: dict[str, DocumentType], result: Result) -> None:
    country, number_type, holder = keys
    with _named(f"({country or 'any country'}, {number_type or 'any type'}, {holder})"):
        found = {"country": country, "number_type": number_type, "holder": holder, "valid_from": row["valid_from"]}
        regulation = Regulation.objects.filter(**found).first() or Regulation()
        values = {"summary": row.get("summary", ""), "valid_until": row.get("valid_until"), "is_demo": row["is_demo"]}
        _save(regulation, found | values, "regulations", result)
        kept = list(regulation.requirements.all())
        for position, entry in enumerate(row["requirements"], 1):
            with _named(f"line {position}"):
                line = kept[position - 1] if position <= len(kept) else Requirement(regulation=regulation)
                _line(line, _checked(entry, REQUIREMENT_FIELDS) | {"position": position}, types, result)
        for line in kept[len(row["requirements"]) :]:
            line.delete()
            result.counts["removed lines"] += 1


def _line(line: Requirement, row: dict[str, Any], types: dict[str, DocumentType], result: Result) -> None:
    codes = row.pop("document_types")
    if not codes:
        raise ImportProblem("document_types: at least one is needed.")
    if unknown := sorted(set(codes) - set(types)):
        raise ImportProblem(f"document_types: there is no “{'”, “'.join(unknown)}”.")
    plain = {"explanation": "", "count": 1, "address_scope": "none"}
    _save(line, plain | row, "lines", result)
    accepted = {types[code].pk for code in codes}
    if set(line.document_types.values_list("pk", flat=True)) != accepted:
        line.document_types.set(accepted)


def _save(row: Model, values: dict[str, Any], what: str, result: Result) -> None:
    """Validated as the admin's forms do; a row that is as it should be is not written."""
    new = row.pk is None
    before = {name: getattr(row, name) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    if not new and before == values:
        result.counts[f"unchanged {what}"] += 1
        return
    row.full_clean()
    row.save()
    result.counts[f"{'added' if new else 'changed'} {what}"] += 1
