"""The SIP domain of a project, below ``SIP_DOMAIN``: where its app users register, and who they are to a switch."""

from django.conf import settings

from projects.models import PID


def sip_domain(pid: str) -> str:
    """``pid_….sip.example.test``"""
    return f"{pid}.{settings.SIP_DOMAIN}"


def pid_of(domain: str) -> str | None:
    """The Project ID in a domain as a switch writes it, in any case; None for what is no project's."""
    pid, dot, below = domain.lower().partition(".")
    return pid if dot and below == settings.SIP_DOMAIN.lower() and PID.fullmatch(pid) else None
