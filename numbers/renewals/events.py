"""Months and their payment, in the audit trail."""

from projects.events import Event, declare

declare(
    Event("number.past_due", "phone", "could not renew {number}: not enough credit"),
    Event("number.suspended", "phone", "suspended {number}: its renewal is not paid"),
    Event("number.restored", "phone", "renewed {number}: it is active again"),
    Event("renewal.moved", "sort-descending", "moved {number} to place {place} of the renewal order"),
)
