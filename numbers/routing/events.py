"""Call forwarding in the audit trail."""

from projects.events import Event, declare

declare(
    Event("route.set", "route", "forwarded calls to {number} to {target}"),
    Event("route.cleared", "route", "removed the call forwarding of {number}"),
)
