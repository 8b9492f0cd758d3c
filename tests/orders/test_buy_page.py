"""The confirm dialog over HTTP: as a page and as a fragment, and what each refusal offers as the next step."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from billing.ledger import queries as ledger
from numbers.models import Lease, Number, Order
from projects.models import Project, Role
from tests.orders.conftest import NOW
from tests.support.pages import text
from tests.support.people import sign_in
from tests.support.projects import add_member, make_project
from tests.support.purchases import order_number, purchase_number

HTMX = {"HX-Request": "true"}


@pytest.fixture
def url(project, number):
    return reverse("numbers:buy", args=[project.pid, number.e164[1:]])


def fields(page):
    """The hidden fields, as a browser would send them."""
    text = page.content.decode()
    return {name: re.search(f'name="{name}" value="([^"]*)"', text)[1] for name in ("form_token", "expected_total")}


def refusal(page) -> str | None:
    found = re.search(r'data-refusal="([a-z_]+)"', page.content.decode())
    return found[1] if found else None


def test_dialog_shows_the_sums(customer, url):
    page = customer.get(url)
    words = text(page)
    for part in (
        "+1 212-555-0100",
        "Total today 3.50 USD",
        "Your credits now 10.00 USD",
        "Your credits afterwards 6.50 USD",
        "Purchase for 3.50 USD",
    ):
        assert part in words
    assert "<title>+1 212-555-0100" in page.content.decode()


def test_fragment_for_htmx_has_no_page_around_it(customer, url):
    page = customer.get(url, headers=HTMX)
    assert page.templates[0].name == "numbers/orders/_buy_dialog.html"
    assert "<html" not in page.content.decode()


def test_purchase_leads_to_the_list_with_the_new_row_marked(customer, project, url):
    page = customer.post(url, fields(customer.get(url)), follow=True)
    lease = Lease.objects.get()
    assert page.redirect_chain == [(f"/projects/{project.pid}/numbers/purchased/?new={lease.pk}", 302)]
    assert "Number +1 212-555-0100 purchased successfully." in text(page)
    assert f'id="lease-{lease.pk}" class="row-new"' in page.content.decode()
    assert ledger.balance(project.pk) == Decimal("6.5")


def test_purchase_by_htmx_redirects_the_whole_page(customer, project, url):
    page = customer.post(url, fields(customer.get(url)), headers=HTMX)
    assert page.status_code == 200
    assert page["HX-Redirect"] == f"/projects/{project.pid}/numbers/purchased/?new={Lease.objects.get().pk}"


def test_double_click_buys_once(customer, project, url):
    form = fields(customer.get(url))
    assert customer.post(url, form).url == customer.post(url, form).url
    assert Lease.objects.count() == 1
    assert ledger.balance(project.pk) == Decimal("6.5")


def test_two_dialogs_have_two_tokens(customer, url):
    assert fields(customer.get(url))["form_token"] != fields(customer.get(url))["form_token"]


def test_taken_meanwhile_points_to_similar_numbers(customer, project, number, url):
    form = fields(customer.get(url))
    faster = make_project(credit=5)
    purchase_number(faster, number.e164, now=NOW)
    page = customer.post(url, form, headers=HTMX)
    assert (page.status_code, refusal(page), page["HX-Retarget"]) == (409, "number_taken", "#modal")
    assert "has just been taken by another customer" in text(page)
    similar = f"/projects/{project.pid}/numbers/buy/?country=US&amp;pattern=2125&amp;match=start"
    assert similar in page.content.decode()
    assert "Purchase for" not in text(page)
    assert customer.get(similar.replace("&amp;", "&")).status_code == 200


def test_missing_credit_points_to_adding_it_and_back(customer, project, url):
    Number.objects.update(setup_price=Decimal("8.255"))
    page = customer.post(url, fields(customer.get(url)))
    assert (page.status_code, refusal(page)) == (402, "insufficient_credit")
    assert "0.755 USD more" in text(page)
    assert f"/projects/{project.pid}/credits/?amount=0.76&amp;next={url.replace('/', '%2F')}" in page.content.decode()
    assert Lease.objects.count() == 0


def test_changed_price_is_shown_and_can_be_confirmed(customer, project, url):
    form = fields(customer.get(url))
    Number.objects.update(monthly_price=Decimal("3"))
    page = customer.post(url, form)
    assert (page.status_code, refusal(page)) == (409, "price_changed")
    assert "Purchase for 4.00 USD" in text(page)
    again = fields(page)
    assert again == {"form_token": form["form_token"], "expected_total": "4.000000"}
    assert customer.post(url, again).status_code == 302
    assert ledger.balance(project.pk) == Decimal("6")


def test_number_that_needs_documents_is_ordered(customer, project, regulated_number):
    url = reverse("numbers:buy", args=[project.pid, regulated_number.e164[1:]])
    page = customer.get(url)
    assert "Documentation required" in text(page)
    assert "Order for 7.00 USD" in text(page)
    done = customer.post(url, fields(page) | {"order": "1"}, follow=True)
    order = Order.objects.get()
    assert done.redirect_chain == [(reverse("numbers:order", args=[project.pid, order.ref]), 302)]
    assert "documentation is required" in text(done)
    assert (order.status, ledger.held(project.pk)) == ("ordered", 7)
    assert "+44 20 7946 0100" in text(done)


def test_number_that_needs_documents_since_shown_can_be_ordered(customer, url):
    form = fields(customer.get(url))
    Number.objects.update(docs_required=True)
    page = customer.post(url, form)
    assert (page.status_code, refusal(page)) == (409, "docs_required")
    assert "Order for 3.50 USD" in text(page)


def test_archived_project(customer, project, url):
    form = fields(customer.get(url))
    Project.objects.update(status="archived")
    page = customer.post(url, form)
    assert (page.status_code, refusal(page)) == (409, "project_archived")
    assert f'href="/projects/{project.pid}/settings/"' in page.content.decode()
    assert "Purchase for" not in text(page)


def test_own_number_points_to_the_list(customer, project, url):
    form = fields(customer.get(url))
    customer.post(url, form)
    page = customer.get(url)
    assert (page.status_code, refusal(page)) == (200, "number_taken")
    assert "already belongs to this project" in text(page)


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"form_token": "x", "expected_total": "3.50"},
        {"form_token": "a" * 32, "expected_total": "NaN"},
        {"form_token": "a" * 32, "expected_total": "-1"},
        {"form_token": "a" * 32, "expected_total": "9" * 400},
        {"form_token": "a" * 5000, "expected_total": "1e999999"},
        {"form_token": "\x00" * 32, "expected_total": "\x00"},
        {"form_token": "\ud800".encode("utf-8", "surrogatepass").decode("latin-1") * 9, "expected_total": ""},
    ],
)
def test_nonsense_in_hidden_fields_buys_nothing(customer, url, form):
    page = customer.post(url, form)
    assert (page.status_code, refusal(page)) == (422, "form_outdated")
    assert customer.post(url, fields(page)).status_code == 302
    assert Lease.objects.count() == 1


@pytest.mark.parametrize("digits", ["19999999999", "0000000", "999999999999999"])
def test_unknown_number_is_a_404(customer, project, digits):
    assert customer.get(reverse("numbers:buy", args=[project.pid, digits])).status_code == 404
    assert customer.post(reverse("numbers:buy", args=[project.pid, digits])).status_code == 404


@pytest.mark.parametrize("digits", ["1", "9" * 16, "+12125550100", "abc", "%00", "12125550100%0a"])
def test_address_that_is_no_number_is_a_404_or_400(customer, project, digits):
    assert customer.get(f"/projects/{project.pid}/numbers/buy/{digits}/").status_code in (400, 404)


def test_only_those_who_may_buy(client, project, url, stranger):
    assert sign_in(client, stranger).get(url).status_code == 404
    for role, status in [(Role.READ_ONLY, 403), (Role.BILLING, 403), (Role.DEVELOPER, 200)]:
        member = sign_in(client, add_member(project, role))
        assert member.get(url).status_code == status
        if status != 200:
            assert member.post(url, {"form_token": "a" * 32, "expected_total": "3.50"}).status_code == status
    assert not Lease.objects.exists()


def test_nobody_without_a_sign_in(client, url):
    assert client.post(url).status_code == 302
    assert client.post(url).url.startswith("/accounts/login/")


def test_cancelling_an_order(customer, project, regulated_number):
    url = reverse("numbers:buy", args=[project.pid, regulated_number.e164[1:]])
    customer.post(url, fields(customer.get(url)) | {"order": "1"})
    cancel = reverse("numbers:order_cancel", args=[project.pid, Order.objects.get().ref])
    assert customer.get(cancel).url == cancel.removesuffix("cancel/")
    page = customer.post(cancel, follow=True)
    assert "cancelled; nothing was charged" in text(page)
    assert (ledger.held(project.pk), Order.objects.get().status) == (0, "cancelled")
    assert customer.post(cancel).status_code == 302


def test_strangers_order_is_not_found(client, project, by, regulated_number, stranger, other_project):
    order = order_number(project, regulated_number.e164, by=by, now=NOW)
    stranger = sign_in(client, stranger)
    for pid in (project.pid, other_project.pid):
        assert stranger.post(reverse("numbers:order_cancel", args=[pid, order.ref])).status_code == 404
    order.refresh_from_db()
    assert order.status == "ordered"
