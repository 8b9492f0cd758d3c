"""Fixtures of everything that touches money: the sandbox gateway, and the ledger's integrity after every test."""

import pytest
from django.db import connection, transaction

KEY = "sk_sandbox_test"


@pytest.fixture(scope="session")
def sandbox_gateway():
    from sandbox.gateway.server import Sandbox

    sandbox = Sandbox("", ["whsec_test_current"], mode="hold").start()
    yield sandbox
    sandbox.stop()


@pytest.fixture
def gateway(sandbox_gateway, settings):
    """The sandbox gateway over real HTTP, and a portal configured for it. Webhooks are held until a test hands
    them over (``gateway.deliveries``); with ``live_server`` they go there."""
    from billing.payments.gateway import BREAKER

    settings.SANDBOX = True
    settings.STRIPE_SECRET_KEY = KEY
    settings.STRIPE_API_BASE = sandbox_gateway.url
    settings.SITE_URL = "http://127.0.0.1"
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_test_current", "whsec_test_previous"]
    sandbox_gateway.deliveries.mode = "hold"
    sandbox_gateway.deliveries.webhook_url = ""
    sandbox_gateway.deliveries.events.clear()
    sandbox_gateway.api.faults.clear()
    sandbox_gateway.api.log.clear()
    BREAKER.reset()
    yield sandbox_gateway
    BREAKER.reset()


@pytest.fixture
def spoiled(db):
    """What the test writes by hand is undone before the ledger is checked."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def ledger_integrity(request):
    """Whatever a test did, the ledger must be sound afterwards."""
    uses_database = request.node.get_closest_marker("django_db") or {
        "db",
        "transactional_db",
        "live_server",
    } & set(request.fixturenames)
    if not uses_database:
        yield
        return
    request.getfixturevalue("db")  # so that this ends before the database is rolled back or emptied
    yield
    from billing.ledger import integrity
    from billing.ledger.models import Account

    if not connection.needs_rollback and Account.objects.exists():
        found = integrity.problems()
        assert not found, "\n".join(found)
