"""The dialog of a number that needs documents: each holder's requirements, and which of them are met."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from billing.ledger import queries as ledger
from numbers.compliance import checklist, submissions
from numbers.compliance.holder_requirements import requirements_by_holder
from numbers.models import Number, Order, Submission
from numbers.orders.closing import cancel_order
from projects.actor import SYSTEM
from tests.support.documents import make_document
from tests.support.pages import flat, text, words
from tests.support.queries import query_count
from tests.support.regulations import make_regulation

HTMX = {"HX-Request": "true"}


@pytest.fixture
def rules(db):
    summary = "German numbers go to somebody with an address there."
    make_regulation(
        "DE",
        "business",
        summary=summary,
        is_demo=True,
        lines=[
            {"types": ["registration"], "title": "Business registration", "explanation": "Not older than six months."},
            {
                "types": ["utility_bill", "bank_statement", "rent"],
                "title": "Proof of address",
                "address_scope": "area",
                "count": 2,
            },
        ],
    )
    make_regulation("DE", "individual", lines=[{"types": ["passport"], "title": "Proof of identity"}])


@pytest.fixture
def buy(project):
    return lambda number: reverse("numbers:buy", args=[project.pid, number.e164[1:]])


def listed(page, holder) -> str:
    """The words of the requirements for such a holder."""
    section = rf'<section class="holder-requirements holder-requirements-{holder}".*?</section>'
    found = re.search(section, flat(page.content.decode()), re.DOTALL)
    return words(found[0]) if found else ""


def chosen(page):
    return re.findall(r'name="holder" id="[^"]*" value="(\w+)" checked', flat(page.content.decode()))


def fields(page):
    html = flat(page.content.decode())
    return {name: re.search(f'name="{name}" value="([^"]*)"', html)[1] for name in ("form_token", "expected_total")}


def test_it_lists_exactly_the_requirements(customer, rules, berlin, buy):
    page = customer.get(buy(berlin()), headers=HTMX)
    assert '<h2 class="modal-title" id="modal-title">Documentation required' in flat(page.content.decode())
    assert listed(page, "business") == (
        "A business German numbers go to somebody with an address there. "
        "Business registration Not older than six months. Registration "
        "Proof of address 2 documents Bank statement, Rent or Utility bill, with an address in Berlin "
        "Demo data, not legal advice."
    )
    assert listed(page, "individual") == "An individual Proof of identity Passport"
    assert "Held today 1.00 USD" in text(page)


def test_no_requirements(customer, berlin, buy):
    number = berlin()
    page = customer.get(buy(number))
    assert "Order this number" in text(page)
    assert "Documentation required" not in text(page)
    for holder in ("business", "individual"):
        assert "Nothing to upload: no documents are required. Our team reviews the order." in listed(page, holder)
    done = customer.post(buy(number), fields(page) | {"order": "1", "holder": "business"}, follow=True)
    assert "You don’t need to do anything: our team reviews the order." in text(done)
    assert Order.objects.get().status == "in_review"


def test_what_the_project_has_is_ticked_off(customer, project, order_of, rules, berlin, buy):
    order = order_of(berlin())
    for title, kind in [("Business registration", "registration"), ("Proof of address", "rent")]:
        submissions.create_submissions(make_document(project, kind), [order.requirements.get(title=title)])
    Submission.objects.update(verdict="accepted")
    before = Submission.objects.count()
    page = customer.get(buy(berlin()))
    words = listed(page, "business")
    assert "Business registration Already accepted" in words
    assert "Proof of address 2 documents 1 of 2 already accepted" in words
    assert "Nothing to upload" not in words
    submissions.create_submissions(make_document(project, "rent"), [order.requirements.get(title="Proof of address")])
    Submission.objects.update(verdict="accepted")
    assert "Nothing to upload: we already have all documents" in listed(customer.get(buy(berlin())), "business")
    elsewhere = listed(customer.get(buy(berlin(region="Bavaria", city="Munich"))), "business")
    assert "Business registration Already accepted" in elsewhere
    assert "Proof of address 2 documents Bank statement" in elsewhere
    assert Submission.objects.count() == before + 1  # looking writes nothing


def test_the_dialog_and_the_order_count_the_same_documents(customer, project, order_of, rules, berlin):
    order = order_of(berlin())
    submissions.create_submissions(make_document(project, "rent"), [order.requirements.get(title="Proof of address")])
    Submission.objects.update(verdict="accepted")
    for number in (berlin(), berlin(city="Spandau"), berlin(region="Bavaria"), berlin(region="")):
        today = timezone.now().date()
        for shown in requirements_by_holder(project, number, today):
            placed = order_of(number, holder=shown.holder)
            items = checklist.items(placed, today)
            assert [item.missing for item in items] == [each.count - each.accepted for each in shown.requirements]
            assert sum(item.missing for item in items) == shown.missing
            cancel_order(order=placed, by=SYSTEM, now=timezone.now())


def test_the_holder_of_the_latest_order_is_chosen(customer, order_of, rules, berlin, buy):
    assert chosen(customer.get(buy(berlin()))) == ["business"]
    order_of(berlin(), holder="individual")
    assert chosen(customer.get(buy(berlin()))) == ["individual"]
    order_of(berlin(), holder="business")
    assert chosen(customer.get(buy(berlin()))) == ["business"]
    assert chosen(customer.get(buy(berlin()) + "?holder=individual")) == ["individual"]
    assert chosen(customer.get(buy(berlin()) + "?holder=nonsense")) == ["business"]


def test_the_order_is_placed_for_the_chosen_holder(customer, project, rules, berlin, buy):
    number = berlin()
    form = fields(customer.get(buy(number)))
    done = customer.post(buy(number), form | {"order": "1", "holder": "individual"}, headers=HTMX)
    order = Order.objects.get()
    assert done["HX-Redirect"] == reverse("numbers:order", args=[project.pid, order.ref])
    titles = [requirement.title for requirement in order.requirements.all()]
    assert (order.holder, titles) == ("individual", ["Proof of identity"])
    assert ledger.held(project.pk) == 1
    again = customer.post(buy(number), form | {"order": "1", "holder": "business"}, headers=HTMX)
    assert again["HX-Redirect"] == done["HX-Redirect"]  # a second click
    assert (Order.objects.count(), Order.objects.get().holder) == (1, "individual")


@pytest.mark.parametrize("holder", ["nonsense", "Business", "0", "x" * 3000, "<script>"])
def test_a_holder_that_is_none_is_refused_beside_its_field(customer, project, rules, berlin, buy, holder):
    number = berlin()
    form = fields(customer.get(buy(number)))
    page = customer.post(buy(number), form | {"order": "1", "holder": holder}, headers=HTMX)
    html = flat(page.content.decode())
    assert (page.status_code, page["HX-Retarget"]) == (422, "#modal")
    assert re.search(r'id="holder-error"[^>]*data-refusal="holder_invalid">Choose who will use the number', html)
    assert fields(page)["form_token"] == form["form_token"]
    assert not Order.objects.exists()
    assert ledger.held(project.pk) == 0
    assert customer.post(buy(number), fields(page) | {"order": "1", "holder": "business"}).status_code == 302


def test_a_nul_byte_as_holder(customer, rules, berlin, buy):
    number = berlin()
    page = customer.post(buy(number), fields(customer.get(buy(number))) | {"order": "1", "holder": "busi\x00ness"})
    assert page.status_code == 422
    assert not Order.objects.exists()


def test_the_choice_survives_a_changed_price(customer, rules, berlin, buy):
    number = berlin()
    form = fields(customer.get(buy(number)))
    Number.objects.update(monthly_price=2)
    page = customer.post(buy(number), form | {"order": "1", "holder": "individual"})
    assert page.status_code == 409
    assert chosen(page) == ["individual"]
    assert 'data-refusal="price_changed"' in page.content.decode()
    assert customer.post(buy(number), fields(page) | {"order": "1", "holder": "individual"}).status_code == 302
    assert Order.objects.get().holder == "individual"


def test_requirements_show_to_someone_without_the_money(customer, rules, berlin, buy):
    page = customer.get(buy(berlin(setup_price=50)))
    assert "Add credits" in text(page)
    assert "Proof of identity" in listed(page, "individual")


def test_no_requirements_where_none_apply(customer, rules, berlin, buy, number):
    assert 'name="holder"' not in customer.get(buy(number)).content.decode()
    gone = berlin(status="withdrawn")
    assert 'name="holder"' not in customer.get(buy(gone)).content.decode()


def test_the_dialog_asks_the_database_as_often_however_much_is_required(customer, project, order_of, berlin, buy):
    def cost():
        url = buy(berlin())
        customer.get(url, headers=HTMX)
        return query_count(customer, url, headers=HTMX)

    make_regulation("DE", lines=["passport"])
    make_regulation("DE", "individual", lines=["passport"])
    few = cost()
    assert few <= 15
    make_regulation("DE", number_type="did", lines=[{"types": ["passport", "rent"], "title": f"{n}"} for n in range(9)])
    order = order_of(berlin())
    for requirement in order.requirements.all():
        for _ in range(3):
            submissions.create_submissions(make_document(project, "rent"), [requirement])
    Submission.objects.update(verdict="accepted")
    assert cost() <= few
