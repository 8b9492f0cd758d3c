"""The public pages: landing, pricing, legal texts."""

import re
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from numbers.inventory import queries as inventory
from portal.core.headers import public_page
from portal.core.htmx import is_htmx


@dataclass(frozen=True)
class LegalDocument:
    title: str
    current: str  # the version in force, a month: "2026-11"


HEADING = re.compile(r'<h2 id="([a-z-]+)">(.*?)</h2>')
LEGAL_TEXTS = settings.BASE_DIR / "templates" / "shell" / "legal"


def legal_versions(document: str) -> list[str]:
    """Versions of a legal text that are kept, newest first."""
    return sorted(
        (path.stem.removeprefix(f"{document}-") for path in LEGAL_TEXTS.glob(f"{document}-*.html")), reverse=True
    )


def legal_documents() -> dict[str, LegalDocument]:
    return {
        "terms": LegalDocument("Terms & Conditions", settings.TERMS_VERSION),
        "refunds": LegalDocument("Refund & cancellation policy", settings.REFUND_POLICY_VERSION),
        "privacy": LegalDocument("Privacy policy", settings.PRIVACY_VERSION),
    }


@login_not_required
@require_safe
@public_page
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "shell/home.html", {"countries": inventory.countries()})


@login_not_required
@require_safe
@public_page
def pricing(request: HttpRequest) -> HttpResponse:
    """Prices of numbers by country. A country that has none, or is not one, is shown as such."""
    countries = inventory.countries()
    code = request.GET.get("country", "").strip().upper()[:2]
    known = {country.code for country in countries}
    if not code and known:
        code = "US" if "US" in known else countries[0].code
    rows = inventory.price_list(code) if code in known else []
    context = {"countries": countries, "code": code, "rows": rows, "is_known": code in known}
    template = "shell/_price_list.html" if is_htmx(request) else "shell/pricing.html"
    response = render(request, template, context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@login_not_required
@require_safe
def pricing_html(request: HttpRequest) -> HttpResponse:
    address, query = reverse("shell:pricing"), request.META.get("QUERY_STRING", "")
    return redirect(f"{address}?{query}" if query else address, permanent=True)


@login_not_required
@require_safe
@public_page
def legal(request: HttpRequest, document: str) -> HttpResponse:
    """The text in force; ``?version=2026-11`` shows an earlier one: people agreed to it, so it stays."""
    entry = legal_documents()[document]
    versions = legal_versions(document)
    version = request.GET.get("version") or entry.current
    if version not in versions:
        raise Http404
    text = render_to_string(f"shell/legal/{document}-{version}.html", request=request)
    context = {
        "document": entry,
        "version": version,
        "in_force": date.fromisoformat(f"{version}-01"),
        "is_current": version == entry.current,
        "others": [other for other in versions if other != version],
        "text": text,
        "contents": HEADING.findall(text),
    }
    return render(request, "shell/legal.html", context)
