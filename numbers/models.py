from numbers.carrier.models import SwitchCredential
from numbers.inventory.models import Number, NumberStat
from numbers.leases.models import Lease, LeaseCharge
from numbers.orders.models import Order
from numbers.routing.models import CallRoute

__all__ = ["CallRoute", "Lease", "LeaseCharge", "Number", "NumberStat", "Order", "SwitchCredential"]
