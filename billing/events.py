"""Movements of credits that are written into the audit trail."""

from projects.events import Event, declare

declare(
    Event("credits.payment_started", "wallet", "started a payment of {amount}"),
    Event("credits.top_up", "wallet", "added {amount} of credits"),
    Event("credits.reversal", "wallet", "reversed {amount} after a refund or dispute"),
    Event("credits.reinstate", "wallet", "reinstated {amount} of credits"),
)
