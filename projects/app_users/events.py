"""App users in the audit trail."""

from projects.events import Event, declare

EVENTS = (
    Event("app_user.added", "user-plus", "added the app user {subject}"),
    Event("app_user.edited", "user", "changed the display name of the app user {subject}"),
    Event("app_user.deactivated", "user", "deactivated the app user {subject}"),
    Event("app_user.activated", "user-check", "activated the app user {subject}"),
    Event("app_user.password_reset", "key", "reset the SIP password of the app user {subject}"),
    Event("app_user.imported", "users", "imported {app_users} from {subject}"),
    Event("app_user.passwords_taken", "key", "downloaded the SIP passwords of {app_users} imported from {subject}"),
)
declare(*EVENTS)
ACTIONS = frozenset(event.action for event in EVENTS)
