"""Call forwarding in the audit trail."""

from projects.events import Event, declare

declare(
    Event("route.set", "route", "forwarded calls to {number} to {target}"),
    Event("route.cleared", "route", "removed the call forwarding of {number}"),
    Event("route.changed", "route", "changed the incoming calls of {number}: {changes}"),
    Event("route.imported", "route", "imported the routing of {numbers} from {subject}"),
    Event("call_settings.changed", "route", "changed the Number Settings: {changes}"),
)
