"""Template built-ins of the portal: money, numbers, icons, flags, form controls."""

import re
from decimal import Decimal
from functools import cache

from django import template
from django.conf import settings
from django.forms import (
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    ClearableFileInput,
    RadioSelect,
    Select,
    Widget,
)
from django.forms.boundfield import BoundWidget
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from billing import money
from portal.accounts import calling_codes, countries, form_drafts, telephone

register = template.Library()
ICONS = settings.BASE_DIR / "static" / "vendor" / "icons"
_NAME = re.compile(r"^[a-z0-9-]+$")


@register.simple_tag(takes_context=True)
def csrf_token(context: template.Context) -> SafeString:
    """Django's, and whose page the form stands on: a draft of it is restored for that person (accounts.form_drafts)."""
    token, request = context.get("csrf_token"), context.get("request")
    if not token or token == "NOTPROVIDED":  # noqa: S105  # as Django's tag
        return SafeString("")
    hidden = format_html('<input type="hidden" name="csrfmiddlewaretoken" value="{}">', token)
    owner = form_drafts.owner_token(request) if request else ""
    return (
        format_html('{}<input type="hidden" name="{}" value="{}">', hidden, form_drafts.OWNER, owner)
        if owner
        else hidden
    )


@register.filter
def amount(value: Decimal | None) -> str:
    return "" if value is None else money.display(value)


@register.filter
def phone(value: str) -> str:
    """``+12125550100`` → ``+1 212-555-0100``."""
    return telephone.international(value)


@register.filter
def phones(text: str) -> str:
    """``Setup of +12125550100`` → ``Setup of +1 212-555-0100``."""
    return telephone.spell_out(text)


@register.filter
def country_name(code: str) -> str:
    """``US`` → ``United States``; an unknown code stays as it is."""
    return countries.name(code)


@register.filter
def country_in_a_sentence(code: str) -> str:
    """``US`` → ``the United States``."""
    return countries.in_a_sentence(code)


@register.filter
def picker_data(code: str) -> SafeString:
    """Attributes of a country's <option> in a picker: what people may look for it by."""
    return calling_codes.picker_data(code)


@cache
def _drawing(name: str) -> str:
    """What is inside the icon's <svg>. Raises KeyError for a name that is not vendored."""
    path = ICONS / f"{name}.svg"
    if not _NAME.match(name) or not path.is_file():
        raise KeyError(f'There is no icon "{name}": add it to "icons" in package.json and run `make vendor`.')
    inside = re.search(r"<svg[^>]*>(.*)</svg>", path.read_text(encoding="utf-8"), re.DOTALL)
    assert inside is not None, path  # noqa: S101  the file is ours
    frame = '<path stroke="none" d="M0 0h24v24H0z" fill="none" />'
    return " ".join(inside.group(1).replace(frame, "").split())


@register.simple_tag
def icon(name: str, label: str = "", **attrs: str) -> SafeString:
    """A Tabler outline icon as inline SVG: an image to a screen reader if ``label`` is given.

    ``{% icon "phone" %}``, ``{% icon "message" label="SMS" class="text-success" %}``
    """
    extra = f" {attrs['class']}" if attrs.get("class") else ""
    voice = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon{}" viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" '
        'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" {}>{}</svg>',
        extra,
        voice,
        mark_safe(_drawing(name)),  # noqa: S308  vendored file
    )


@register.filter
def thousands(value: int) -> str:
    """``12345`` → ``12,345``."""
    return f"{value:,}"


@register.simple_tag
def flag_address(code: str) -> str:
    return static(f"vendor/flags/{code.lower()}.svg")


@register.simple_tag
def flag(code: str, alt: str | None = None) -> SafeString:
    """The flag of an ISO 3166 alpha-2 code, named by its country; pass ``alt=""`` beside a written name."""
    if not re.fullmatch(r"[A-Za-z]{2}", code or ""):
        return mark_safe("")
    return format_html(
        '<img class="flag-img" src="{}" alt="{}" width="20" height="15" loading="lazy" decoding="async">',
        flag_address(code),
        country_name(code.upper()) if alt is None else alt,
    )


def _control_class(widget: Widget) -> str:
    if isinstance(widget, CheckboxInput | RadioSelect | CheckboxSelectMultiple):
        return "form-check-input"
    if isinstance(widget, Select):
        return "form-select"
    return "form-control"


@register.simple_tag
def control(field: BoundField, **attrs: str) -> SafeString:
    """The field's widget in the portal's dress; ``aria-describedby`` and ``aria-invalid`` come from Django.

    Extra attributes may be given: ``{% control form.q placeholder="Search" %}``.
    """
    widget = field.field.widget
    classes = [_control_class(widget), widget.attrs.get("class", ""), attrs.pop("class", "")]
    if field.errors:
        classes.append("is-invalid")
    names: dict[str, str | bool] = {name.replace("_", "-"): value for name, value in attrs.items()}
    return field.as_widget(attrs=names | {"class": " ".join(filter(None, classes))})


@register.simple_tag
def choices(field: BoundField) -> list[BoundWidget]:
    """A field's radio buttons or checkboxes, each with ``tag``, ``choice_label``, ``id_for_label``."""
    field.field.widget.attrs["class"] = "form-check-input"  # a form has its own copy of its fields
    return list(field.subwidgets)


@register.filter
def layout(field: BoundField) -> str:
    """Which of the field layouts the widget needs: ``check``, ``choices``, ``file`` or ``line``."""
    widget = field.field.widget
    if isinstance(widget, CheckboxInput):
        return "check"
    if isinstance(widget, RadioSelect | CheckboxSelectMultiple):
        return "choices"
    return "file" if isinstance(widget, ClearableFileInput) else "line"


TOAST_LOOKS = {
    "success": ("success", "circle-check"),
    "warning": ("warning", "alert-triangle"),
    "error": ("danger", "alert-circle"),
}


@register.filter
def toast_colour(tags: str) -> str:
    return next((look for tag, (look, _) in TOAST_LOOKS.items() if tag in tags.split()), "info")


@register.filter
def toast_icon(tags: str) -> str:
    return next((name for tag, (_, name) in TOAST_LOOKS.items() if tag in tags.split()), "info-circle")
