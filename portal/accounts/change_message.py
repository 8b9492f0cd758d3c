"""What was changed on an admin page, in words for its history: what it was and what it became."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Manager, Model
from django.forms import BaseModelFormSet, ModelForm

SHOWN = 120  # characters of a value


def describe(form: ModelForm, formsets: Iterable[BaseModelFormSet]) -> str:
    """``Summary: “a” → “b”. Line “Proof of address” removed.`` Call after saving."""
    found = _fields(form)
    for formset in formsets:
        for line in formset.forms:
            known = line in formset.initial_forms
            if line in formset.deleted_forms:
                found += [f"Line “{line.instance}” removed"] if known else []
            elif line.has_changed():
                changes = "; ".join(_fields(line))
                found.append(f"Line “{line.instance}” {'changed' if known else 'added'}: {changes}")
    return ". ".join(found) + "." if found else "Saved without a change."


def _fields(form: ModelForm) -> list[str]:
    changes = []
    for name in form.changed_data:
        label = str(form.fields[name].label or name)
        before, after = _words(form, name, form.initial.get(name)), _words(form, name, form.cleaned_data.get(name))
        changes.append(f"{label}: {before} → {after}")
    return changes


def _words(form: ModelForm, name: str, value: Any) -> str:
    """As people read it: the name of a choice, the names of rows."""
    if value in (None, "", []):
        return "nothing"
    if isinstance(value, Model):
        return str(value)
    if hasattr(value, "__iter__") and not isinstance(value, str | Manager):
        return ", ".join(sorted(map(str, value))) or "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    choices = dict(getattr(form.fields[name], "choices", None) or ())
    text = str(choices.get(value, value))
    return f"“{text[:SHOWN]}…”" if len(text) > SHOWN else f"“{text}”"
