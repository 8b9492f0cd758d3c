import pytest

from numbers.models import CallRoute
from numbers.routing.route_settings import of_route
from portal.jobs.outbox import run_due_jobs
from tests.support.leases import make_lease
from tests.support.routing_files import start_routing_import

DIDS = ("+12125550100", "+12125550101", "+12125550102")


@pytest.fixture
def leases(project):
    return [make_lease(did, project=project) for did in DIDS]


@pytest.fixture
def checked(project, leases):
    """Sends a table and has it checked."""

    def check(*lines):
        record = start_routing_import(project, "\n".join(lines))
        run_due_jobs()
        record.refresh_from_db()
        return record

    return check


def set_for(lease):
    return of_route(CallRoute.objects.filter(lease=lease).first())


def report(record):
    return [(row.line, row.number, row.words) for row in record.rows.all()]
