"""Settings for the calls of a whole project: versions, and what is refused."""

from dataclasses import replace
from decimal import Decimal

import pytest

from numbers.models import ProjectCallSettings
from numbers.routing import project_services, versions
from numbers.routing.route_settings import ProjectSettings, SipServer, of_project
from projects.actor import SYSTEM
from projects.models import AuditEntry
from tests.support.leases import NOW
from tests.support.refusals import refused

pytestmark = pytest.mark.django_db
SERVER = SipServer("203.0.113.9", 5060)
WHO = {"by": SYSTEM, "now": NOW}


def test_settings_of_a_project_are_versions_too(lease, settings):
    project = lease.project
    project_services.set_trunk(project=project, server=SERVER, **WHO)
    project_services.block_caller(project=project, entry="anonymous", **WHO)
    project_services.change_settings(
        project=project,
        change=lambda set_: replace(
            set_, countries=("GB", "US"), spend_cap=Decimal("20.5"), dearest_price=Decimal("0.1"), channels=3
        ),
        **WHO,
    )
    project_services.set_trunk(project=project, server=None, **WHO)
    project_services.unblock_caller(project=project, entry="anonymous", **WHO)
    stored = versions.of_project(project.pk)
    assert [each for version in reversed(stored) for each in version.changes] == [
        "SIP trunk for incoming calls: 203.0.113.9:5060 instead of none.",
        "Blocked: callers who hide their number.",
        "Calls may be forwarded to: United Kingdom, United States.",
        "Dearest price per minute: 0.10 USD.",
        "Spending cap for calls in 24 hours: 20.50 USD.",
        "Calls at once: 3.",
        "SIP trunk for incoming calls: none instead of 203.0.113.9:5060.",
        "No longer blocked: callers who hide their number.",
    ]
    assert AuditEntry.objects.filter(action="call_settings.changed").count() == 5
    project_services.restore(project=project, version=2, **WHO)
    assert of_project(ProjectCallSettings.objects.get()) == ProjectSettings(trunk=SERVER, blocked=("anonymous",))


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({"spend_cap": Decimal(-1)}, "spend_cap_invalid", "spend_cap"),
        ({"spend_cap": Decimal(1001)}, "spend_cap_invalid", "spend_cap"),
        ({"dearest_price": Decimal(11)}, "call_price_limit_invalid", "dearest_price"),
        ({"channels": 0}, "channels_invalid", "channels"),
        ({"channels": 101}, "channels_invalid", "channels"),
        ({"trunk": SipServer("127.0.0.1", 5060)}, "sip_target_private", "sip_host"),
        ({"blocked": tuple(f"+4420794{n:05}" for n in range(501))}, "too_many_blocked", "caller"),
    ],
)
def test_settings_of_a_project_that_are_refused(lease, values, code, field):
    error = refused(
        code,
        project_services.change_settings,
        project=lease.project,
        change=lambda set_: replace(set_, **values),
        **WHO,
    )
    assert (error.field, ProjectCallSettings.objects.count()) == (field, 0)
