"""What happened to an order and to its documents, and what was written about it."""

from django.db.models import Q, QuerySet

from numbers.compliance.models import Submission
from numbers.documents.models import Document
from numbers.orders.models import Order, OrderMessage
from projects import audit
from projects.models import AuditEntry

# Of a file, before and after it is submitted; recorded without the order.
DOCUMENT_ACTIONS = (
    "document.uploaded",
    "document.checked",
    "document.refused",
    "document.check_failed",
    "document.replaced",
    "document.offered",
    "document.withdrawn",
)


def messages(order: Order) -> QuerySet[OrderMessage]:
    """What the customer may read of the conversation, oldest first; notes of staff stay theirs."""
    return order.messages.exclude(kind=OrderMessage.Kind.NOTE).select_related("author").order_by("id")


def history(order: Order, count: int = 50) -> QuerySet[AuditEntry]:
    """What happened to it and to its documents since it was placed, and who looked at these; newest first."""
    meant = Document.objects.filter(
        Q(only_for=order) | Q(pk__in=Submission.objects.filter(requirement__order=order).values("document"))
    )
    return audit.of_order_and_documents(
        order.project_id, order.ref, documents=meant, actions=DOCUMENT_ACTIONS, since=order.created_at, count=count
    )
