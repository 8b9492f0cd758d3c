"""POST /purchasenumber: bought at once, or ordered when documents are needed."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse

from numbers.compliance import ordering
from numbers.guide_api import envelopes
from numbers.leases.models import Lease
from numbers.orders import services
from numbers.orders.models import Order
from portal.core.errors import DomainError
from projects.actor import Actor
from projects.models import Project


def purchase_or_order(*, project: Project, e164: str, by: Actor, key: str | None, now: datetime) -> HttpResponse:
    """Raises what the services raise, but ``number_already_yours`` for what this project holds or ordered."""
    arguments: dict[str, Any] = {"project": project, "e164": e164, "by": by, "purchase_key": key, "now": now}
    try:
        lease = services.purchase(**arguments, expected_total=None)
    except DomainError as error:
        if error.code == "docs_required":
            order = ordering.place_order(**arguments, expected_total=None)
            return _response(e164, "ordered", order, str(order.ref), 202)
        if error.code == "number_taken" and error.extra.get("own"):
            raise DomainError(
                "number_already_yours", f"{e164} is yours already. Nothing was charged.", field="number"
            ) from None
        raise
    return _response(e164, "purchased", lease, str(lease.pk), 200)


def _response(e164: str, state: str, bought: Lease | Order, order_id: str, code: int) -> HttpResponse:
    costs = {"setup_cost": bought.setup_price, "monthly_cost": bought.monthly_price}
    return envelopes.purchase_response({"number": e164, "state": state} | costs | {"order_id": order_id}, code)
