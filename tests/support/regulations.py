"""Regulations and types of documents."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from numbers.models import DocumentType, Regulation, Requirement


def make_document_type(code: str = "address_proof", **extra: Any) -> DocumentType:
    """The type with this code; made when it is not there yet."""
    values = {"name": code.replace("_", " ").capitalize(), "has_expiry": False} | extra
    return DocumentType.objects.get_or_create(code=code, defaults=values)[0]


def make_regulation(
    country: str = "GB", holder: str = "business", lines: Iterable[Any] = ("address_proof",), **extra: Any
) -> Regulation:
    """A regulation in force since 2020. A line is the code of a document type, or a dict: ``types`` (codes), ``title``,
    ``count``, ``address_scope``, ``explanation``."""
    values = {"valid_from": date(2020, 1, 1)} | extra
    regulation = Regulation.objects.create(country=country, holder=holder, **values)
    for position, line in enumerate(lines, 1):
        wanted = {"types": [line]} if isinstance(line, str) else dict(line)
        types = [make_document_type(code) for code in wanted.pop("types")]
        rule = {"title": types[0].name, "position": position} | wanted
        Requirement.objects.create(regulation=regulation, **rule).document_types.set(types)
    return regulation
