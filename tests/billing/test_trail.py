"""What the credits of a project leave in its audit trail: who did it, from where, and how much it was."""

import pytest
from django.urls import reverse

from billing.payments.checkout import new_form_token
from billing.payments.models import TopUp
from projects.models import AuditEntry
from tests.billing.conftest import intent_of

pytestmark = pytest.mark.django_db


def trail(project, *actions):
    """(who, what, facts) of the entries about money, oldest first."""
    entries = AuditEntry.objects.filter(project=project, action__startswith="credits.").order_by("id")
    return [(each.actor_kind, each.action, each.data) for each in entries if not actions or each.action in actions]


def test_starting_a_payment_is_recorded_with_who_agreed_to_what(gateway, project, owner, browser, settings):
    form = {"amount": "49.90", "agree": "on", "form_token": new_form_token()}
    for _ in range(2):  # a double click
        browser.post(reverse("billing:top_up", args=[project.pid]), form, REMOTE_ADDR="192.0.2.7")
    top_up = TopUp.objects.get()
    entry = AuditEntry.objects.get(project=project, action="credits.payment_started")
    assert (entry.subject, entry.actor_user, entry.actor_label, entry.ip) == (
        str(top_up.ref),
        owner,
        owner.email,
        "192.0.2.7",
    )
    assert entry.data == {
        "amount": "49.90",
        "terms": settings.TERMS_VERSION,
        "refund_policy": settings.REFUND_POLICY_VERSION,
    }


def test_a_payment_that_is_refused_starts_nothing(gateway, project, browser):
    answer = browser.post(reverse("billing:top_up", args=[project.pid]), {"amount": "49.90", "form_token": "a" * 32})
    assert (answer.status_code, trail(project)) == (422, [])


def test_what_the_gateway_tells_is_recorded_as_the_portals_own_doing(gateway, project, open_top_up, activate):
    top_up = open_top_up("50.00")
    gateway.gateway.pay(top_up.session_id)
    activate()
    refund = gateway.gateway.create_refund({"payment_intent": intent_of(gateway, top_up), "amount": "2000"})
    activate()
    gateway.gateway.fail_refund(refund["id"])
    activate(gateway.deliveries.events * 2)
    top_up.refresh_from_db()
    booked = ("credits.top_up", "credits.reversal", "credits.reinstate")
    assert trail(project, *booked) == [
        ("system", "credits.top_up", {"amount": "50.000000"}),
        ("system", "credits.reversal", {"amount": "-20.000000"}),
        ("system", "credits.reinstate", {"amount": "20.000000"}),
    ]
    subjects = AuditEntry.objects.filter(project=project, action__in=booked).values_list("subject", flat=True)
    assert set(subjects) == {top_up.receipt_number}
