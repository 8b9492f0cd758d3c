"""A suspended project: what its members read, and what it still can."""

import re

import pytest
from django.utils import timezone

from billing.ledger import queries as ledger
from billing.payments.models import TopUp
from numbers.leases import releasing
from numbers.models import CallRoute, Document, Lease, Order
from projects import suspension, tokens
from projects.actor import SYSTEM
from projects.models import AuditEntry
from tests.projects.suspending import REASON, TARGET, suspend
from tests.support.inventory import make_number
from tests.support.leases import DID, NOW
from tests.support.pages import html
from tests.support.people import actor
from tests.support.people import sign_in as signed_in
from tests.support.projects import add_member
from tests.support.refusals import refused
from tests.support.regulations import make_document_type
from tests.support.switches import switch_secret

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(client, lease):
    signed_in(client, lease.project.created_by)
    return client


# -- what it means --------------------------------------------------------------------------------------------------


def test_members_read_the_reason_on_every_page_and_everything_else(owner, lease):
    suspend(lease.project)
    below = f"/projects/{lease.project.pid}"
    for where in (
        "/",
        "/credits/",
        "/credits/history/",
        "/keys/",
        "/settings/",
        "/numbers/buy/",
        "/numbers/purchased/",
        f"/numbers/purchased/{lease.pk}/",
        "/numbers/renewals/",
        "/numbers/documents/",
    ):
        answer = owner.get(below + where)
        assert answer.status_code == 200, where
        assert REASON in html(answer), where
    for where in ("/credits/history.csv", "/numbers/purchased/export.csv"):
        assert owner.get(below + where).status_code == 200
    assert "Suspended" in html(owner.get("/projects/"))
    assert "Archived" not in html(owner.get("/projects/"))


def test_they_can_pay_release_and_change_keys(owner, lease, gateway):
    suspend(lease.project)
    below = f"/projects/{lease.project.pid}"
    shown = html(owner.get(f"{below}/credits/"))
    assert f'action="{below}/credits/add/"' in shown
    token = re.search(r'name="form_token" value="([^"]*)"', shown)[1]
    sent = {"amount": "10.00", "agree": "on", "form_token": token}
    assert owner.post(f"{below}/credits/add/", sent).status_code in (302, 303)
    assert TopUp.objects.get().project == lease.project
    tokens.rotate(project=lease.project, by=SYSTEM)
    tokens.promote(project=lease.project, by=SYSTEM)
    releasing.release(lease=Lease.objects.get(pk=lease.pk), by=SYSTEM, now=NOW, at_period_end=False)
    lease.refresh_from_db()
    assert lease.status == "released"


def test_nothing_is_bought_ordered_uploaded_or_set(owner, lease):
    make_number("+12125550102", setup_price=0, monthly_price=0)
    make_number("+12125550103", docs_required=True)
    make_document_type("bill")
    suspend(lease.project)
    below = f"/projects/{lease.project.pid}"
    entries = AuditEntry.objects.count()
    for where, sent in (
        ("/numbers/buy/12125550102/", {"expected_total": "0.0000", "form_token": "a"}),
        ("/numbers/buy/12125550103/", {"expected_total": "3.0000", "form_token": "b", "order": "1"}),
        (f"/numbers/purchased/{lease.pk}/route/pstn/", {"target": "+442079460019"}),
        (f"/numbers/purchased/{lease.pk}/route/delete/", {}),
        (f"/numbers/purchased/{lease.pk}/name/", {"friendly_name": "x"}),
        (f"/numbers/purchased/{lease.pk}/tags/", {"tags": "x"}),
        (f"/numbers/purchased/{lease.pk}/lock/", {}),
        (f"/numbers/renewals/{lease.pk}/move/", {"to": "up"}),
        ("/numbers/documents/upload/", {}),
        ("/settings/", {"name": "Other"}),
        ("/settings/archive/", {"typed_name": lease.project.name}),
        ("/settings/restore/", {}),
    ):
        assert owner.post(below + where, sent).status_code in (302, 403, 409, 422), where
    assert AuditEntry.objects.count() == entries
    assert (Lease.objects.count(), Order.objects.count(), Document.objects.count()) == (1, 0, 0)
    assert CallRoute.objects.get().pstn_target == TARGET
    assert ledger.balance(lease.project.pk) == 50


def test_the_page_of_a_number_says_why_it_cannot_be_bought(owner, lease):
    make_number("+12125550102", setup_price=0, monthly_price=0)
    suspend(lease.project)
    answer = owner.post(f"/projects/{lease.project.pid}/numbers/buy/12125550102/", {"form_token": "a"})
    assert REASON in html(answer, 422)
    assert "Restore" not in html(answer, 422)


def test_calls_are_barred_and_ring_again_when_it_is_lifted(client, lease):
    secret = switch_secret()
    ask = {"headers": {"Authorization": f"Bearer {secret}"}}
    where = f"/carrier/v1/routes/{DID}"
    assert client.get(where, **ask).status_code == 200
    suspend(lease.project)
    answer = client.get(where, **ask)
    assert (answer.status_code, answer.json()["error"]) == (403, "barred")
    suspension.lift(project=lease.project, by=SYSTEM)
    assert client.get(where, **ask).status_code == 200


# -- auth tokens ----------------------------------------------------------------------------------------------------


def calls(client, keys, **changed):
    sent = keys.sent | changed
    return (
        client.post("/purchasenumber", sent | {"number": "+12125550102", "action": "purchase"}),
        client.post("/api/callrouting", sent | {"number": DID, "calltype": "3", "pstn_number": TARGET}),
    )


def test_tokens_of_a_suspended_project_are_refused_with_the_reason(client, keys):
    make_number("+12125550102")
    suspend(keys.project)
    bought, routed = calls(client, keys)
    assert (bought.status_code, bought.json()["error"]) == (403, "project_suspended")
    assert REASON in bought.json()["message"]
    assert (routed.status_code, routed.json()["data"]["code"]) == (403, 403)
    assert routed.json()["data"]["error"] == "project_suspended"
    assert keys.project.tokens.get().last_used_at is None
    assert calls(client, keys, authtoken=tokens.new_secret())[0].json()["error"] == "invalid_keys"
    suspension.lift(project=keys.project, by=SYSTEM)
    assert calls(client, keys)[0].status_code == 200


def test_tokens_of_a_project_whose_owners_account_is_closed_are_refused(client, keys):
    make_number("+12125550102")
    owner = keys.project.created_by
    owner.is_active = False
    owner.save()
    member = add_member(keys.project, "admin")
    for answer, body in ((each, each.json()) for each in calls(client, keys)):
        assert answer.status_code == 403
        assert body.get("data", body)["error"] == "owner_inactive"
        assert "account" in body.get("data", body)["message"]
    assert calls(client, keys, authtoken=tokens.new_secret())[0].json()["error"] == "invalid_keys"
    for act in (tokens.rotate, lambda **given: tokens.reveal(slot="primary", **given)):
        refused("owner_inactive", act, project=keys.project, by=actor(member))
    owner.is_active = True
    owner.save()
    assert calls(client, keys)[0].status_code == 200


def test_the_token_is_looked_up_in_one_query(keys, django_assert_num_queries):
    now = timezone.now()
    tokens.authenticate(keys.pid, keys.token, now)
    with django_assert_num_queries(1):
        assert tokens.authenticate(keys.pid, keys.token, now)
