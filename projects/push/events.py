"""What the audit trail says of push credentials; the subject is the platform's label, ``app`` the app or project."""

from projects.events import Event, declare

declare(
    Event("push_credential.uploaded", "bell", "uploaded the {subject} for {app}"),
    Event("push_credential.replaced", "bell", "replaced the {subject}, now for {app}"),
    Event("push_credential.removed", "bell", "removed the {subject} for {app}"),
)
