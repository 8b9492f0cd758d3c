"""What templates/numbers/messaging/_panel.html needs, for every page that shows it."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from numbers.leases.models import Lease
from numbers.messaging.forms import MessagingForm
from numbers.messaging.queries import SetUrl, own_settings, set_url
from projects.access import Right
from projects.webhooks.targets import TargetSettings

NOTHING = "Nothing is set: messages are kept, but not delivered."
VERSIONS, VERSIONS_TITLE = "message-versions", "Versions of the message settings"


@dataclass(frozen=True, slots=True)
class MessagingPanel:
    own: TargetSettings
    to: SetUrl | None
    form: MessagingForm
    may_change: bool

    @property
    def now(self) -> str:
        """For whoever has just changed it."""
        if self.to is None:
            return NOTHING
        if self.to.inherited:
            return f"Messages now follow the project default, {self.to}."
        return f"Messages now go to {self.to}."


def messaging_context(lease: Lease, form: MessagingForm | None = None) -> dict[str, Any]:
    """``lease`` with :func:`numbers.messaging.queries.whole`. ``form`` is one that was sent and refused."""
    own, live = own_settings(lease), lease.ended_at is None
    panel = MessagingPanel(
        own=own,
        to=set_url(lease),
        form=form or MessagingForm(lease=lease, stored=own),
        may_change=live and lease.project.is_active and Right.MANAGE_NUMBERS in lease.project.my_rights,
    )
    return {
        "lease": lease,
        "number": lease.number,
        "messaging": panel,
        "simulate_sms_url": _simulate_sms_url(lease) if live else "",
    }


def _simulate_sms_url(lease: Lease) -> str:
    """Of a pretend SMS to the number, where the demo has a gateway for that; else ""."""
    where = settings.SANDBOX_CALLS_URL
    return f"{where}/sms?{urlencode({'to': lease.number.e164})}" if where else ""
