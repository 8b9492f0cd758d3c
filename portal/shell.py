"""The public pages: landing, pricing, legal texts."""

import re
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.views.decorators.http import require_safe


@dataclass(frozen=True)
class LegalDocument:
    title: str
    current: str  # the version in force, a month: "2026-11"


def legal_documents() -> dict[str, LegalDocument]:
    return {
        "terms": LegalDocument("Terms & Conditions", settings.TERMS_VERSION),
        "refunds": LegalDocument("Refund & cancellation policy", settings.REFUND_POLICY_VERSION),
        "privacy": LegalDocument("Privacy policy", settings.PRIVACY_VERSION),
    }


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "shell/home.html")


@login_not_required
@require_safe
def pricing(request: HttpRequest) -> HttpResponse:
    """Prices of numbers by country. A country that has none, or is not one, is shown as such."""
    from numbers.inventory import queries as inventory

    countries = inventory.countries()
    code = request.GET.get("country", "").strip().upper()[:2]
    known = {country.code for country in countries}
    if not code and known:
        code = "US" if "US" in known else countries[0].code
    rows = inventory.price_list(code) if code in known else []
    context = {"countries": countries, "code": code, "rows": rows, "is_known": code in known}
    template = "shell/_price_list.html" if request.htmx else "shell/pricing.html"  # type: ignore[attr-defined]
    return render(request, template, context)


@login_not_required
@require_safe
def legal(request: HttpRequest, document: str) -> HttpResponse:
    """The text in force, or with ``?version=2026-11`` an earlier one. Old texts stay: people agreed to them."""
    entry = legal_documents()[document]
    version = request.GET.get("version") or entry.current
    if not re.fullmatch(r"\d{4}-\d{2}", version, re.ASCII):
        raise Http404
    name = f"shell/legal/{document}-{version}.html"
    try:
        get_template(name)
    except TemplateDoesNotExist:
        raise Http404 from None
    return render(request, name, {"document": entry, "version": version, "is_current": version == entry.current})
