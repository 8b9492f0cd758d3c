"""What happens to a leased number, in the audit trail."""

from projects.events import Event, declare

declare(
    Event("number.renamed", "phone", "renamed {number}"),
    Event("number.tagged", "phone", "changed the tags of {number}"),
    Event("number.released", "phone", "released {number}"),
    Event("number.released_unpaid", "phone", "released {number}: its renewal was not paid"),
    Event("number.release_scheduled", "phone", "scheduled the release of {number} for {on}"),
    Event("number.release_withdrawn", "phone", "withdrew the release of {number} scheduled for {on}"),
    Event("number.release_undone", "phone", "undid the release of {number}"),
    Event("number.locked", "phone", "locked {number} against release"),
    Event("number.unlocked", "phone", "unlocked {number}"),
)
