"""Who may look, who may decide, and who does not get near."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from numbers.documents import preview
from numbers.models import Order
from tests.desk.conftest import reviewer
from tests.support.people import browser_of, make_user, sign_in, staff_client

pytestmark = pytest.mark.django_db
LOOK = ["queue", "page"]
OPEN = ["picture", "download", "viewer"]
ACT = ["take", "beat", "accept", "reject-document", "ask", "approve", "reject", "note", "take-over", "retry-activation"]


def calls(order, submission):
    one = [order.pk, submission.pk]
    do = {
        name: ("post", f"/admin/numbers/order/{order.pk}/{name}/")
        for name in ("accept", "reject-document", "ask", "approve", "reject", "note", "retry-activation")
    }
    return do | {
        "queue": ("get", reverse("admin:numbers_order_changelist")),
        "page": ("get", reverse("admin:numbers_order_change", args=[order.pk])),
        "picture": ("get", reverse("admin:desk_picture", args=[*one, 1])),
        "download": ("get", reverse("admin:desk_download", args=one)),
        "viewer": ("get", reverse("admin:desk_viewer", args=one)),
        "take": ("post", reverse("admin:desk_take_selected")),
        "beat": ("post", reverse("admin:desk_beat", args=[order.pk])),
        "take-over": ("post", reverse("admin:desk_take", args=[order.pk])),
    }


def statuses(client, order, submission, names):
    found = calls(order, submission)
    return {name: getattr(client, found[name][0])(found[name][1]).status_code for name in names}


def test_billing_staff_look_and_do_nothing(in_review):
    order, address, _ = in_review
    client = browser_of(reviewer("Bill", team="Billing"))
    assert statuses(client, order, address, LOOK) == dict.fromkeys(LOOK, 200)
    assert statuses(client, order, address, OPEN + ACT) == dict.fromkeys(OPEN + ACT, 403)
    page = client.get(reverse("admin:numbers_order_change", args=[order.pk]), {"view": address.pk}).content.decode()
    for offered in ("/accept/", "/approve/", "/documents/", "Approve", '<form method="post" action="/admin/numbers'):
        assert offered not in page
    assert Order.objects.get().status == "in_review"


def test_staff_without_a_team_get_nothing(in_review):
    order, address, _ = in_review
    client = staff_client()
    everything = LOOK + OPEN + ACT
    assert statuses(client, order, address, everything) == dict.fromkeys(everything, 403)


def test_the_right_alone_is_not_enough(in_review):
    """Somebody with the permission who is no (longer) staff, and staff without the second factor."""
    order, address, _ = in_review
    customer = make_user()
    customer.user_permissions.add(Permission.objects.get(codename="review_order"))
    unverified = Client()
    unverified.force_login(reviewer("Una"))
    everything = LOOK + OPEN + ACT
    for client in (browser_of(customer), Client(), unverified):
        assert statuses(client, order, address, everything) == dict.fromkeys(everything, 302)


def test_customers_do_not_get_in(in_review, owner):
    order, address, _ = in_review
    client = browser_of(owner)
    for method, path in calls(order, address).values():
        assert getattr(client, method)(path, follow=True).status_code == 403
    assert not order.project.audit_entries.filter(action="document.viewed").exists()


def test_reviewers_and_superusers_decide(in_review, provisioner, superuser):
    order, address, _ = in_review
    preview.draw(document_id=address.document_id, pages=[1], width=preview.WIDTH)  # as a worker does before
    for user in (provisioner, superuser):
        assert statuses(browser_of(user), order, address, LOOK + OPEN) == dict.fromkeys(LOOK + OPEN, 200)


def test_nothing_changes_by_reading(desk, in_review):
    order, address, _ = in_review
    for name, (_, path) in calls(order, address).items():
        if name in ACT:
            assert desk.get(path).status_code == 302, name  # to the page with the form
    assert desk.post(reverse("admin:numbers_order_change", args=[order.pk]), {"status": "active"}).status_code == 403
    assert desk.get(reverse("admin:numbers_order_add")).status_code == 403
    assert desk.post(reverse("admin:numbers_order_delete", args=[order.pk]), {"post": "yes"}).status_code == 403


def test_forms_need_their_token(provisioner, in_review):
    order, address, _ = in_review
    client = sign_in(Client(enforce_csrf_checks=True), provisioner)
    answer = client.post(reverse("admin:desk_accept", args=[order.pk]), {"submission": address.pk})
    assert answer.status_code == 403
    assert client.post(reverse("admin:desk_beat", args=[order.pk])).status_code == 403


def test_the_desk_opens_on_its_queue_and_the_lists_stay_near(desk):
    answer = desk.get(reverse("admin:index"))
    assert (answer.status_code, answer["Location"]) == (302, reverse("admin:numbers_order_changelist"))
    queue = desk.get(answer["Location"]).content.decode()
    lists = reverse("admin:index") + "?lists=1"
    assert f'href="{lists}"' in queue
    page = desk.get(lists)
    assert page.status_code == 200
    assert reverse("admin:accounts_user_changelist") in page.content.decode()


def test_who_does_not_review_orders_begins_with_the_lists(db):
    page = browser_of(reviewer("Bill", team="Billing")).get(reverse("admin:index"))
    assert page.status_code == 200
    assert "All lists" not in page.content.decode()
