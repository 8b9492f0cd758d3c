"""What templates/numbers/routing/_panel.html needs, for every page that shows it."""

from typing import Any

from numbers.leases.models import Lease
from numbers.routing.barred import barred_reason
from numbers.routing.forms import PstnForm
from numbers.routing.models import CallRoute
from numbers.routing.targets import Target, describe
from portal.accounts import countries


def routing_context(lease: Lease, form: PstnForm | None = None) -> dict[str, Any]:
    """``lease`` with its number, and its call route where the caller has it already."""
    route = getattr(lease, "call_route", None)
    target: Target | None = None
    if route is not None and route.kind == CallRoute.Kind.PSTN:
        target = describe(route.pstn_target)
    if form is None:
        region = target.region if target and target.region in countries.NAMES else lease.number.country
        form = PstnForm(initial={"country_code": region})
    return {
        "lease": lease,
        "number": lease.number,
        "pstn": target,
        "route_form": form,
        "barred": barred_reason(target.e164) if target else "",
    }
