"""What the page Number Settings is given."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.urls import reverse

from numbers.routing import versions
from numbers.routing.forms import server_initial
from numbers.routing.limits import Limits
from numbers.routing.queries import inheriting, project_settings
from numbers.routing.route_settings import ProjectSettings
from numbers.routing.routing_context import BlockedCallers
from numbers.routing.settings_forms import ALL, CHOSEN, ForwardingForm, ProjectBlockForm, SpendCapForm, TrunkForm
from numbers.routing.spend import spent
from numbers.routing.version_pages import version_list
from portal.accounts import countries
from projects.access import Right
from projects.models import Project


def settings_context(project: Project, now: datetime, form: forms.Form | None, query: QueryDict) -> dict[str, Any]:
    """``form`` is one that was sent."""
    set_ = project_settings(project.pk)
    made = _forms(set_)
    if form is not None:
        made[next(name for name, each in made.items() if type(each) is type(form))] = form
    here = reverse("numbers:number_settings", args=[project.pid])
    limits = Limits.of(set_)
    return {
        "set": set_,
        "limits": limits,
        "blocked": BlockedCallers.of(set_.blocked),
        "countries": None if set_.countries is None else [countries.name(code) for code in set_.countries],
        "spent": spent(project.pk, now),
        "inheriting": inheriting(project.pk),
        "forms": list(made.values()),
        "may_change": project.is_active and Right.MANAGE_NUMBERS in project.my_rights,
        **{f"{name}_form": each for name, each in made.items()},
        "versions": version_list(versions.of_project(project.pk), here, query),
    }


def _forms(set_: ProjectSettings) -> dict[str, forms.Form]:
    forwarding = {
        "which": ALL if set_.countries is None else CHOSEN,
        "countries": list(set_.countries or ()),
        "dearest_price": _shown(set_.dearest_price),
        "channels": set_.channels,
    }
    return {
        "trunk": TrunkForm(initial=server_initial(set_.trunk)),
        "block": ProjectBlockForm(),
        "forwarding": ForwardingForm(initial=forwarding),
        "cap": SpendCapForm(initial={"spend_cap": _shown(set_.spend_cap)}),
    }


def _shown(amount: Any) -> str:
    """``20.5`` → ``20.50``; without the currency, as it is typed."""
    if amount is None:
        return ""
    text = f"{amount:f}"
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.rstrip('0').ljust(2, '0')}"
