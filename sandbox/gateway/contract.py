"""Checks requests and answers against the types that stripe-python ships, which Stripe generates from its own API
description: a misspelt parameter, however deeply nested, is found here and not in production.

``problems(value, type)`` yields one line per problem. With ``wire=True`` values are texts from a form body.
"""

import functools
import importlib
import re
import sys
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import stripe
import typing_extensions as te
from stripe._request_options import RequestOptions
from stripe._stripe_context import StripeContext
from stripe._stripe_object import StripeObject, UntypedStripeObject

# Options of the SDK's own calls share a class with the parameters.
OPTIONS = set(RequestOptions.__annotations__)
UNIONS = {typing.Union, types.UnionType}
MARKS = {te.Required, te.NotRequired, te.Annotated}
SCALARS: dict[Any, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {  # type → (on the wire, in JSON)
    int: (
        lambda v: isinstance(v, str) and re.fullmatch(r"-?\d+", v),
        lambda v: isinstance(v, int) and not isinstance(v, bool),
    ),
    bool: (lambda v: v in {"true", "false"}, lambda v: isinstance(v, bool)),
    str: (lambda v: isinstance(v, str), lambda v: isinstance(v, str)),
    float: (lambda v: isinstance(v, str), lambda v: isinstance(v, int | float)),
    Decimal: (lambda v: isinstance(v, str), lambda v: isinstance(v, str)),
}


class _Names(dict[str, Any]):
    """Names that the SDK imports for type checkers only."""

    def __missing__(self, name: str) -> Any:
        if hasattr(typing, name) or hasattr(te, name) or hasattr(stripe, name):
            return next(getattr(module, name) for module in (stripe, typing, te) if hasattr(module, name))
        if name in vars(importlib.import_module("builtins")):
            raise KeyError(name)
        return Any


@functools.cache
def fields(cls: Any) -> dict[str, Any]:
    """Field → type, with the SDK's forward references resolved."""
    module = dict(vars(sys.modules[cls.__module__]))
    for name, value in {"StripeContext": StripeContext, "Mapping": Mapping, **vars(stripe)}.items():
        module.setdefault(name, value)
    local = _Names(module) if te.is_typeddict(cls) else _Names(module, **vars(cls))
    return te.get_type_hints(cls, globalns=module, localns=local, include_extras=True)


def problems(value: Any, expected: Any, path: str = "", *, wire: bool = False) -> Iterator[str]:
    origin, inner = te.get_origin(expected), te.get_args(expected)
    if expected is Any or isinstance(expected, str | typing.TypeVar):
        return
    if origin in MARKS:
        yield from problems(value, inner[0], path, wire=wire)
    elif origin in UNIONS:
        yield from _union(value, inner, path, wire)
    elif origin in {te.Literal, typing.Literal}:
        if value not in inner:
            yield f"{path}: {value!r} is not one of {', '.join(map(str, inner))}"
    elif te.is_typeddict(expected):
        yield from _typed_dict(value, expected, path, wire)
    elif origin is list:
        yield from _list(value, inner[0], path, wire)
    elif origin is dict or (isinstance(origin, type) and issubclass(origin, UntypedStripeObject)):
        yield from _mapping(value, inner[-1] if inner else Any, path, wire)
    elif expected is type(None):
        if value is not None:
            yield f"{path}: {value!r} is not null"
    elif expected in SCALARS:
        if not SCALARS[expected][0 if wire else 1](value):
            yield f"{path}: {value!r} is not {expected.__name__}"
    elif isinstance(expected, type) and issubclass(expected, StripeObject):
        yield from _object(value, expected, path, wire)
    elif not (isinstance(origin, type) and issubclass(origin, StripeObject)):  # ListObject[T] is a page of T
        yield f"{path}: there is no check for {expected!r}"


def _union(value: Any, choices: tuple[Any, ...], path: str, wire: bool) -> Iterator[str]:
    if str in choices and any(te.get_origin(each) in {te.Literal, typing.Literal} for each in choices):
        choices = tuple(each for each in choices if each is not str)  # an open enum: only the known words
    found = [list(problems(value, each, path, wire=wire)) for each in choices]
    if all(found):
        yield from max(found, key=lambda lines: max(map(len, lines)))


def _typed_dict(value: Any, expected: Any, path: str, wire: bool) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is not an object"
        return
    known = fields(expected)
    for name, part in value.items():
        if name not in known or name in OPTIONS:
            yield f"{path}.{name}: unknown parameter"
        else:
            yield from problems(part, known[name], f"{path}.{name}", wire=wire)
    for name in expected.__required_keys__ - set(value):
        if te.get_origin(known[name]) is not te.NotRequired:
            yield f"{path}.{name}: missing"


def _object(value: Any, expected: type[StripeObject], path: str, wire: bool) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is not {expected.__name__}"
        return
    known = fields(expected)  # type: ignore[arg-type]  # classes are hashable
    for name, part in value.items():
        if name not in known:
            yield f"{path}.{name}: {expected.__name__} has no such field"
        else:
            yield from problems(part, known[name], f"{path}.{name}", wire=wire)


def _list(value: Any, expected: Any, path: str, wire: bool) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{path}: {value!r} is not a list"
        return
    for number, part in enumerate(value):
        yield from problems(part, expected, f"{path}[{number}]", wire=wire)


def _mapping(value: Any, expected: Any, path: str, wire: bool) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{path}: {value!r} is not an object"
        return
    for name, part in value.items():
        yield from problems(part, expected, f"{path}.{name}", wire=wire)


def missing_fields(value: Mapping[str, Any], cls: type[StripeObject]) -> list[str]:
    """Fields that an answer of this type always has and ``value`` has not."""
    return [
        name
        for name, expected in fields(cls).items()  # type: ignore[arg-type]  # classes are hashable
        if not name.startswith("_")
        and name not in value
        and te.get_origin(expected) is not typing.ClassVar
        and not (te.get_origin(expected) in UNIONS and type(None) in te.get_args(expected))
        and name not in {"OBJECT_NAME", "deleted"}
    ]


def params(name: str) -> Any:
    """``checkout.SessionCreateParams`` → its TypedDict."""
    module, _, cls = f"params.{name}".rpartition(".")
    return getattr(importlib.import_module(f"stripe.{module}"), cls)


def decode_form(text: str) -> dict[str, Any]:
    """``a[b][0][c]=v`` as nested objects and lists, as Stripe reads it."""
    root: dict[str, Any] = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        *parents, last = [part for part in re.split(r"[\[\]]", key) if part]
        place = root
        for part in parents:
            place = place.setdefault(part, {})
        place[last] = value
    return {key: _lists(value) for key, value in root.items()}


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {key: _lists(part) for key, part in value.items()}
    if inner and all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner
