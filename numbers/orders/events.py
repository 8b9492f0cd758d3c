"""Purchases, orders and their review, in the audit trail."""

from projects.events import Event, declare

declare(
    Event("number.purchased", "phone", "bought {number}"),
    Event("number.ordered", "phone", "ordered {number}", staff="ordered the number", staff_icon="shopping-cart"),
    Event(
        "order.approved",
        "file-text",
        "approved the order of {number}",
        staff="approved the order",
        staff_icon="circle-check",
    ),
    Event(
        "order.approval_taken_back",
        "file-text",
        "withdrew the approval of the order of {number}",
        staff="withdrew the approval",
        staff_icon="arrow-back-up",
    ),
    Event(
        "order.handover_tried_again",
        "file-text",
        "retried the activation of {number}",
        staff="retried the activation",
        staff_icon="refresh",
    ),
    Event("order.activated", "file-text", "activated {number}", staff="activated the number", staff_icon="phone-check"),
    Event(
        "order.rejected",
        "file-text",
        "rejected the order of {number}",
        staff="rejected the order; the hold and the number were released",
        staff_icon="ban",
    ),
    Event(
        "order.cancelled",
        "file-text",
        "cancelled the order of {number}",
        staff="cancelled the order; the hold and the number were released",
        staff_icon="x",
    ),
    Event(
        "order.expired",
        "file-text",
        "expired the order of {number}: its documents were not submitted in time",
        staff="expired the order; the hold and the number were released",
        staff_icon="hourglass",
    ),
    Event("order.question_asked", "file-text", "asked a question about the order of {number}"),
    Event("order.documents_asked", "file-text", "requested more documents for the order of {number}"),
    Event("order.answered", "file-text", "wrote to our team about the order of {number}"),
    Event(
        "document.handed_in",
        "file-text",
        "submitted the document “{subject}” for “{line}” of the order of {ordered}",
        staff="submitted “{subject}” for {line}",
        staff_icon="upload",
    ),
    Event(
        "document.accepted",
        "file-text",
        "accepted “{subject}” for the order of {ordered}",
        staff="accepted “{subject}” for {line}",
        staff_icon="circle-check",
    ),
    Event(
        "document.accepted_unopened",
        "file-text",
        "accepted “{subject}” for the order of {ordered} without opening it",
        staff="accepted “{subject}” for {line} without anyone having opened it",
        staff_icon="alert-triangle",
    ),
    Event(
        "document.rejected",
        "file-text",
        "rejected “{subject}” for the order of {ordered}",
        staff="rejected “{subject}” for {line}: {reason}",
        staff_icon="circle-x",
    ),
)
