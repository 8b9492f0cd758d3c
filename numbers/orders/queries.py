"""Reads on a project's orders."""

from numbers.leases.models import Lease
from numbers.orders.models import Order
from numbers.regulations.models import Holder
from projects.models import Project


def usual_holder(project: Project) -> str:
    """Of the project's latest order."""
    latest = Order.objects.filter(project=project).order_by("-id").values_list("holder", flat=True).first()
    return latest or Holder.BUSINESS.value


def under_key(project: Project, purchase_key: str | None) -> Lease | Order | None:
    """What a purchase key got before, with its number: one key gets one thing."""
    if purchase_key is None:
        return None
    for model in (Lease, Order):
        found = model.objects.select_related("number").filter(project=project, purchase_key=purchase_key).first()
        if found is not None:
            return found
    return None
