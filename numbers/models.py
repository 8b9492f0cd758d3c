from numbers.calls.models import CallRecord, CallRecordBatch, CallRecordKey, ParkedCallRecord
from numbers.carrier.models import SwitchCredential, SwitchSecret
from numbers.compliance.models import OrderRequirement, Submission
from numbers.documents.models import Document
from numbers.inventory.models import CityStat, FeedImport, Number, NumberStat, Place, SupplyChange
from numbers.leases.models import Lease, LeaseCharge
from numbers.messaging.models import (
    Message,
    MessageKey,
    MessagePart,
    MessageSettingsVersion,
    NumberMessageSettings,
    ProjectMessageSettings,
)
from numbers.orders.models import Order, OrderMessage
from numbers.regulations.models import DocumentType, Regulation, Requirement
from numbers.routing.models import BarredRange, CallRoute, ProjectCallSettings, RoutingVersion, SpendAlert, SpendHour
from numbers.routing_files.models import RoutingImport, RoutingImportRow

__all__ = [
    "BarredRange",
    "CallRecord",
    "CallRecordBatch",
    "CallRecordKey",
    "CallRoute",
    "CityStat",
    "Document",
    "DocumentType",
    "FeedImport",
    "Lease",
    "LeaseCharge",
    "Message",
    "MessageKey",
    "MessagePart",
    "MessageSettingsVersion",
    "Number",
    "NumberMessageSettings",
    "NumberStat",
    "Order",
    "OrderMessage",
    "OrderRequirement",
    "ParkedCallRecord",
    "Place",
    "ProjectCallSettings",
    "ProjectMessageSettings",
    "Regulation",
    "Requirement",
    "RoutingImport",
    "RoutingImportRow",
    "RoutingVersion",
    "SpendAlert",
    "SpendHour",
    "Submission",
    "SupplyChange",
    "SwitchCredential",
    "SwitchSecret",
]
