"""What staff look at, in the audit trail."""

from projects.events import Event, declare

declare(
    Event(
        "document.viewed",
        "file-text",
        "viewed “{subject}” for the order of {ordered}",
        staff="opened “{subject}”",
        staff_icon="eye",
    ),
)
