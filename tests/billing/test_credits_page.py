"""Adding credits as a customer does it."""

import re
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from billing.ledger import queries
from billing.payments.models import TopUp
from portal.jobs.outbox import run_due_jobs
from tests.support.pages import flat
from tests.support.people import browser_of
from tests.support.projects import fund, make_project

pytestmark = pytest.mark.django_db


def url(name, project, *args):
    return reverse(f"billing:{name}", args=[project.pid, *args])


def typed(browser, project, **values):
    """The form as the page offers it, with what a person types."""
    page = browser.get(url("credits", project)).content.decode()
    token = re.search(r'name="form_token" value="([0-9a-f]{32})"', page)[1]
    return {"amount": "50.00", "agree": "on", "form_token": token, "next": ""} | values


def add(browser, project, **values):
    return browser.post(url("top_up", project), typed(browser, project, **values))


def opened(browser, project, **values):
    """After "Add", when the job has opened the payment page."""
    assert add(browser, project, **values).status_code == 303
    run_due_jobs()
    return TopUp.objects.latest("id")


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("", "Enter an amount."), ("   ", "Enter an amount."), ("1e5", "like 50 or 1,234.50"), ("NaN", "like 50"),
        ("Infinity", "like 50"), ("5O", "like 50"), ("0x32", "like 50"), ("5_0", "like 50"), ("<b>50</b>", "like 50"),
        ("10.005", "at most two decimals"), ("€50", "Enter the amount in USD"), ("-20", "The least you can add"),
        (".5", "The least you can add"), ("4.99", "The least you can add is 5.00 USD."), ("0", "The least you can add"),
        ("10000.01", "The most you can add is 10,000.00 USD."), ("999999999", "The most you can add"),
        ("9" * 400, "The most you can add is 10,000.00 USD."), ("5\x000", "Null characters"),
        ("10,000", "“10,000” can mean 10,000.00 USD or 10.00 USD."), ("1.234", "can mean 1,234.00 USD or 1.234 USD."),
    ],
)  # fmt: skip
def test_amounts_that_are_refused(amount, words, browser, project, gateway):
    answer = add(browser, project, amount=amount)
    assert answer.status_code == 422
    assert words in answer.context["form"].errors["amount"][0]
    assert b"invalid-feedback" in answer.content
    assert not TopUp.objects.exists()


@pytest.mark.parametrize(
    ("amount", "taken"),
    [("5", "5"), ("5.0", "5"), ("05.00", "5"), ("10000.00", "10000"), (" 50 ", "50"), ("50,00", "50"), ("50.", "50"),
     ("1.234,56", "1234.56"), ("1'000", "1000"), ("1 000", "1000"), ("$50", "50"), ("50 USD", "50"), ("٥٠", "50")],
)  # fmt: skip
def test_amounts_that_are_accepted(amount, taken, browser, project, gateway):
    assert add(browser, project, amount=amount).status_code == 303
    assert TopUp.objects.get().amount == Decimal(taken)


def test_what_can_be_read_in_two_ways_is_asked_back_with_both(browser, project, gateway):
    """Each choice leads to the form with that amount in it; none pays by itself."""
    page = flat(add(browser, project, amount="10,000", next=url("history", project)).content.decode())
    assert 'value="10,000"' in page
    links = re.findall(r'<a class="btn preset" href="([^"]+)" data-amount="([0-9.]+)">([^<]+ USD)</a>', page)
    assert [(amount, shown) for _, amount, shown in links] == [("10000.00", "10,000.00 USD"), ("10.00", "10.00 USD")]
    for address, amount, _ in links:
        form = browser.get(unescape(address)).context["form"]
        assert (str(form["amount"].value()), form["next"].value()) == (amount, url("history", project))
    assert not TopUp.objects.exists()


@pytest.mark.parametrize(("amount", "offered"), [("1,234", ["1234.00"]), ("50,000", ["50.00"]), ("1,000", ["1000.00"])])
def test_only_what_can_be_added_is_offered(amount, offered, browser, project, gateway):
    for answer in (add(browser, project, amount=amount), browser.get(url("credits", project), {"amount": amount})):
        assert re.findall(r'data-amount="([0-9.]+)">[0-9,.]+ USD<', flat(answer.content.decode())) == offered
        assert b"can be read in two ways" in answer.content or b"can mean" in answer.content


def test_the_presets_lead_to_a_page_after_an_error_too(browser, project, gateway):
    page = flat(add(browser, project, amount="x").content.decode())
    links = re.findall(r'<a class="btn preset" href="([^"]+)"', page)
    assert len(links) == 4
    assert all(browser.get(unescape(link)).status_code == 200 for link in links)


def test_without_the_agreement_nothing_starts_and_the_amount_stays(browser, project, gateway):
    data = typed(browser, project, amount="77.00")
    del data["agree"]
    answer = browser.post(url("top_up", project), data)
    assert answer.status_code == 422
    assert "read and accept" in answer.context["form"].errors["agree"][0]
    assert b'value="77.00"' in answer.content
    assert not TopUp.objects.exists()


def test_a_double_click_opens_one_payment(browser, project, gateway):
    data = typed(browser, project)
    first, second = (browser.post(url("top_up", project), data) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert TopUp.objects.count() == 1


def test_going_back_to_change_the_amount_opens_another(browser, project, gateway):
    data = typed(browser, project)
    browser.post(url("top_up", project), data)
    assert browser.post(url("top_up", project), data | {"amount": "60.00"}).status_code == 303
    assert sorted(TopUp.objects.values_list("amount", flat=True)) == [50, 60]


def test_a_form_that_was_paid_offers_a_fresh_start(browser, project, gateway, activate):
    data = typed(browser, project)
    browser.post(url("top_up", project), data)
    run_due_jobs()
    gateway.gateway.pay(TopUp.objects.get().session_id)
    activate()
    answer = browser.post(url("top_up", project), data)
    assert answer.status_code == 409
    assert "already been used" in answer.content.decode()
    token = re.search(r'name="form_token" value="([0-9a-f]{32})"', answer.content.decode())[1]
    assert browser.post(url("top_up", project), data | {"form_token": token}).status_code == 303


def test_the_return_page_books_nothing(browser, project, gateway, activate):
    top_up = opened(browser, project)
    gateway.gateway.pay(top_up.session_id)
    page = url("return", project, top_up.ref)
    for _ in range(3):
        answer = browser.get(page, headers={"HX-Request": "true"})
        assert "Confirming…" in answer.content.decode()
        assert 'hx-trigger="every 2s"' in answer.content.decode()
        run_due_jobs()
    assert queries.balance(project.pk) == 0
    activate()
    done = browser.get(page).content.decode()
    assert "50.00 USD added" in done
    assert "hx-trigger" not in done
    assert f"Receipt {TopUp.objects.get().receipt_number}" in done


def test_after_paying_the_customer_is_led_back_to_the_number(browser, project, gateway, activate):
    back = reverse("numbers:buy", args=[project.pid, "12125550123"])
    top_up = opened(browser, project, next=back)
    gateway.gateway.pay(top_up.session_id)
    activate()
    done = browser.get(url("return", project, top_up.ref)).content.decode()
    assert f'href="{back}"' in done
    assert "Back to buying +1 212-555-0123" in done


@pytest.mark.parametrize(
    "path",
    ["https://evil.example/", "//evil.example/", "/\\evil.example", "/projects/pid_other/numbers/",
     "javascript:alert(1)",
     "/projects/{pid}/../../accounts/logout/", "/projects/{pid}\n/x", "/projects/{pid}/" + "a" * 400,
     "/accounts/logout/"],
)  # fmt: skip
def test_nobody_is_led_elsewhere(path, browser, project, gateway):
    add(browser, project, next=path.replace("{pid}", project.pid))
    assert TopUp.objects.get().return_to == ""
    page = browser.get(url("credits", project), {"next": path.replace("{pid}", project.pid)})
    assert "evil" not in page.content.decode()


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("1.5", "5.00"),
        ("12.3411", "12.35"),
        ("99", "99.00"),
        ("NaN", ""),
        ("1e9", ""),
        ("-5", ""),
        ("", ""),
        ("9" * 300, ""),
    ],
)
def test_a_link_may_carry_the_amount(given, shown, browser, project, gateway):
    form = browser.get(url("credits", project), {"amount": given}).context["form"]
    assert str(form["amount"].value() or "") == shown


def test_leaving_the_payment_page_is_told_and_nothing_is_lost(browser, project, gateway):
    add(browser, project, amount="42.00")
    answer = browser.get(url("cancelled", project, TopUp.objects.get().ref), follow=True)
    assert "Nothing was charged" in answer.content.decode()
    assert b'value="42.00"' in answer.content


def test_the_receipt_says_what_was_paid_and_what_came_back(browser, project, gateway, activate, settings):
    top_up = opened(browser, project)
    receipt = url("receipt", project, top_up.ref)
    assert browser.get(receipt).status_code == 302  # not paid yet
    settings.OPERATOR = "Acme Ltd, 1 Example Street"
    gateway.gateway.pay(top_up.session_id)
    activate()
    top_up.refresh_from_db()
    page = browser.get(receipt).content.decode()
    for words in (
        top_up.receipt_number,
        "50.00 USD",
        "Visa ending in 4242",
        top_up.payment_intent,
        project.pid,
        "Acme Ltd, 1 Example Street",
        "2026-11",
    ):
        assert words in page
    gateway.gateway.create_refund({"payment_intent": top_up.payment_intent})
    activate()
    assert "refunded or disputed in full" in browser.get(receipt).content.decode()


def test_strangers_see_nothing_and_readers_cannot_pay(project, browser, gateway, stranger, reader):
    add(browser, project)
    ref = TopUp.objects.get().ref
    from django.test import Client

    stranger, reader = browser_of(stranger), browser_of(reader)
    for name, args in (("credits", []), ("history", []), ("history_csv", []), ("return", [ref]), ("receipt", [ref]),
                       ("opening", [ref])):  # fmt: skip
        assert stranger.get(url(name, project, *args)).status_code == 404, name
        assert Client().get(url(name, project, *args)).status_code == 302, name
    assert stranger.post(url("top_up", project), {}).status_code == 404
    assert reader.post(url("top_up", project), {}).status_code == 403
    assert reader.get(url("receipt", project, ref)).status_code == 403
    assert reader.get(url("opening", project, ref)).status_code == 403
    page = reader.get(url("credits", project)).content.decode()
    assert "does not allow you to add credits" in page
    assert "form_token" not in page


def test_a_payment_of_another_project_is_not_found(browser, owner, project, gateway):
    add(browser, project)
    other = make_project(owner)
    assert browser.get(url("return", other, TopUp.objects.get().ref)).status_code == 404


def test_an_archived_project_takes_no_credits(browser, project, gateway):
    data = typed(browser, project)
    type(project).objects.filter(pk=project.pk).update(status="archived")
    answer = browser.post(url("top_up", project), data)
    assert answer.status_code == 409
    assert not TopUp.objects.exists()


def test_without_a_gateway_the_page_says_so(browser, project):
    assert "Payments are not available yet" in browser.get(url("credits", project)).content.decode()
    assert browser.post(url("top_up", project), {"amount": "50", "agree": "on"}).status_code == 503


def test_balance_and_held_are_shown(browser, project, gateway):
    fund(project, "1234.5")
    page = browser.get(url("credits", project)).content.decode()
    assert "1,234.50 USD" in page
    assert "Held for orders" in page
