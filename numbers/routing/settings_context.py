"""What the page Number Settings is given."""

from collections.abc import Callable
from dataclasses import dataclass
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
from numbers.routing.version_pages import VersionList, version_list
from portal.accounts import countries
from projects.access import Right
from projects.models import Project

PAGE = "numbers:number_settings"


@dataclass(frozen=True, slots=True)
class Section:
    """What a higher room has on the page: a card with a form, and its versions. ``template`` is given ``section``;
    ``facts`` are for it alone."""

    template: str
    form: forms.Form
    facts: Any
    versions: VersionList
    restore_url: str


# Gets the form that was sent, which may be another's, and the query of the address.
BuildSection = Callable[[Project, forms.Form | None, QueryDict], Section]
_SECTIONS: list[BuildSection] = []


def section(build: BuildSection) -> BuildSection:
    """Registers a section; they stand in the order of registration. It may cost one query."""
    _SECTIONS.append(build)
    return build


def settings_context(project: Project, now: datetime, form: forms.Form | None, query: QueryDict) -> dict[str, Any]:
    """``form`` is one that was sent."""
    set_ = project_settings(project.pk)
    made = _forms(set_)
    made.update({name: form for name, each in made.items() if type(each) is type(form)})
    sections = [build(project, form, query) for build in _SECTIONS]
    here = reverse(PAGE, args=[project.pid])
    limits = Limits.of(set_)
    return {
        "set": set_,
        "limits": limits,
        "blocked": BlockedCallers.of(set_.blocked),
        "countries": None if set_.countries is None else [countries.name(code) for code in set_.countries],
        "spent": spent(project.pk, now),
        "inheriting": inheriting(project.pk),
        "sections": sections,
        "forms": [*made.values(), *(each.form for each in sections)],
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
