"""The billing team looks everything up and changes nothing."""

import pytest
from django.contrib.admin.utils import quote
from django.urls import reverse

from tests.support.people import staff_client

pytestmark = pytest.mark.django_db
PAGES = ["account", "transfer", "topup", "stripeevent"]


@pytest.fixture
def desk():
    return staff_client("Billing")


@pytest.fixture
def paid(gateway, open_top_up, activate):
    top_up = open_top_up()
    gateway.gateway.pay(top_up.session_id)
    activate()
    top_up.refresh_from_db()
    return top_up


@pytest.mark.parametrize("model", PAGES)
def test_lists_searches_and_details(model, desk, paid):
    address = reverse(f"admin:billing_{model}_changelist")
    searches = {
        "account": paid.project.pid, "transfer": f"top_up:{paid.pk}:0", "topup": paid.payment_intent,
        "stripeevent": paid.events.first().pk,
    }  # fmt: skip
    for query in ("", "?q=" + searches[model], "?q=" + paid.project.pid, "?q=%27%25"):
        assert desk.get(address + query).status_code == 200, query
    found = desk.get(address, {"q": searches[model]}).context["cl"].result_list
    assert len(found) >= 1
    detail = reverse(f"admin:billing_{model}_change", args=[quote(found[0].pk)])
    assert desk.get(detail).status_code == 200
    assert desk.post(detail, {"balance": "99"}).status_code == 403
    assert desk.get(reverse(f"admin:billing_{model}_add")).status_code == 403
    delete = reverse(f"admin:billing_{model}_delete", args=[quote(found[0].pk)])
    assert desk.post(delete, {"post": "yes"}).status_code == 403


@pytest.mark.parametrize("model", PAGES)
def test_other_staff_do_not_see_payments(model, paid):
    assert staff_client("Provisioning").get(reverse(f"admin:billing_{model}_changelist")).status_code == 403


def test_payments_that_need_attention_can_be_listed(desk, paid):
    type(paid).objects.update(problem="amount is 40, not 50")
    page = desk.get(reverse("admin:billing_topup_changelist"), {"attention": "problem"})
    assert "amount is 40, not 50" in page.content.decode()
