"""The route simulator: what would happen if somebody called a number now. It asks what a switch asks."""

from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from numbers.console.number.forms import SimulatorForm
from numbers.leases import queries
from numbers.leases.models import Lease
from numbers.routing import explanation
from numbers.routing.advice import BY_REFUSAL
from numbers.routing.call_state import call_state
from numbers.routing.decision import decide
from portal.core.forms import form_status
from portal.core.htmx import is_htmx
from projects.access import Right, project_view
from projects.models import Project


def simulate_call_url(lease: Lease) -> str:
    """Of a pretend call to the number, where the demo has a switch for that; else ""."""
    where = settings.SANDBOX_CALLS_URL
    return f"{where}/?{urlencode({'did': lease.number.e164})}" if where else ""


@require_safe
@project_view(Right.VIEW)
def simulator(request: HttpRequest, project: Project, lease: int) -> HttpResponse:
    found, form = queries.find(project, lease), SimulatorForm(request.GET)
    context = {"lease": found, "number": found.number, "simulator_form": form}
    context["simulate_call_url"] = simulate_call_url(found)
    if form.is_valid():
        caller, now = form.cleaned_data["caller"], timezone.now()
        decision = decide(call_state(found.number.e164, caller, now), caller)
        context |= {
            "decision": decision,
            "caller": caller,
            "outcome": explanation.outcome(decision),
            "lines": explanation.lines(decision),
            "advice": BY_REFUSAL.get(decision.refusal),
            "asked_at": now,
        }
    template = "numbers/number/_simulation.html" if is_htmx(request) else "numbers/number/simulator.html"
    return render(request, template, context, status=form_status(form))
