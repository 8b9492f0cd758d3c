"""The security events of an account: who changed what about it, when and from where."""

from typing import Any

from django.db.models import QuerySet

from portal.accounts.models import SecurityEvent, User

# What happened, as the person reads it. An action without words is spelled out.
WORDS = {
    "account.activated": "Account activated",
    "password.changed": "Password changed",
    "password.reset": "Password reset by mail",
    "password.retired": "Password disabled after too many wrong codes",
    "email.changed": "E-mail address changed",
    "phone.requested": "New phone number entered, waiting for confirmation",
    "phone.withdrawn": "New phone number withdrawn",
    "phone.changed": "Phone number changed",
    "second_factor_set_up": "Authenticator app set up",
    "second_factor_replaced": "Authenticator app replaced",
    "second_factor_reset": "Second factor removed",
    "recovery_codes_replaced": "Recovery codes replaced",
    "recovery_code_used": "Signed in with a recovery code",
    "session.ended": "Another session ended",
    "sessions.ended": "All other sessions ended",
    "staff.closed": "Account suspended",
    "staff.opened": "Account reinstated",
    "staff.rights": "Rights at this portal changed",
    "staff.email": "E-mail address changed",
}


def record(*, user: User, action: str, by: User | None, ip: str | None = None, **data: Any) -> SecurityEvent:
    """Call inside the transaction of the change. ``by`` is None for the portal itself; ``data`` holds no secret."""
    kinds = SecurityEvent.ActorKind
    kind = kinds.SYSTEM if by is None else kinds.PERSON if by.pk == user.pk else kinds.STAFF
    return SecurityEvent.objects.create(user=user, action=action, actor_kind=kind, actor=by, ip=ip or None, data=data)


def recent(user: User, count: int = 8) -> QuerySet[SecurityEvent]:
    """Newest first."""
    return SecurityEvent.objects.filter(user=user).order_by("-id")[:count]


def in_words(event: SecurityEvent) -> str:
    return WORDS.get(event.action) or event.action.replace(".", " ").replace("_", " ").capitalize()
