"""Refused rules in a form, and choices that a page decides."""

from collections.abc import Callable
from typing import TypeVar, cast

from django.core.exceptions import ValidationError
from django.forms import BaseForm, ChoiceField
from django.http import HttpRequest, QueryDict

from portal.core.errors import INVALID, DomainError

Value = TypeVar("Value")
Cleaned = TypeVar("Cleaned")


def sent(request: HttpRequest) -> QueryDict | None:
    """For the form of a page: the fields that were sent, be it none at all; None when it is only opened."""
    return request.POST if request.method == "POST" else None


def add_domain_error(form: BaseForm, error: DomainError) -> None:
    """Puts a refused rule beside the field it names, or above the form if the form has no such field."""
    form.add_error(error.field if error.field in form.fields else None, error.message)
    vars(form)["refused_with"] = error.page_status


def form_status(*forms: BaseForm) -> int:
    """Of a page with these forms: 422 when one was sent and is not valid, or the status of the rule that refused it."""
    return next((int(getattr(form, "refused_with", INVALID)) for form in forms if form.errors), 200)


def call_service(form: BaseForm, call: Callable[[], object]) -> bool:
    """Whether ``call`` went through; a rule that it refused is in the form then."""
    try:
        call()
    except DomainError as error:
        add_domain_error(form, error)
        return False
    return True


def validated(rule: Callable[[Value], Cleaned], value: Value) -> Cleaned:
    """``rule(value)``, for the ``clean_<field>`` of a form: its DomainError becomes a ValidationError."""
    try:
        return rule(value)
    except DomainError as error:
        raise ValidationError(error.message, code=error.code) from error


def set_choices(form: BaseForm, name: str, *choices: tuple[object, str]) -> None:
    """Of a choice field, for one page."""
    cast(ChoiceField, form.fields[name]).choices = list(choices)
