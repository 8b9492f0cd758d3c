"""Who is acting: handed to every service as ``by=`` and written into the audit trail."""

from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Actor:
    kind: str  # user, token, staff, system
    label: str
    user_id: int | None = None
    ip: str | None = None


SYSTEM = Actor(kind="system", label="system")


def from_request(request: HttpRequest) -> Actor:
    """The signed-in person, acting as a member of a project."""
    from allauth.account.adapter import get_adapter  # needs the app registry

    user = request.user
    return Actor("user", str(user), user.pk, get_adapter().get_client_ip(request))


def for_staff(request: HttpRequest, team: str) -> Actor:
    """Somebody of ``team``; the customer reads the team's name, the trail keeps who it was."""
    from allauth.account.adapter import get_adapter  # needs the app registry

    return Actor("staff", team, request.user.pk, get_adapter().get_client_ip(request))


def for_token(pid: str, hint: str, ip: str | None) -> Actor:
    return Actor("token", f"API token …{hint} of {pid}", None, ip)
