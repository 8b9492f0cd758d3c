"""Between "Add" and the gateway's payment page: a job opens it, a page waits for its address."""

from datetime import timedelta

import pytest
from django.conf import settings as live_settings
from django.urls import reverse
from django.utils import timezone

from billing.payments import checkout
from billing.payments.gateway import BREAKER
from billing.payments.models import TopUp
from portal.jobs.models import Job
from portal.jobs.outbox import run_due_jobs, run_next
from tests.billing.test_credits_page import add, opened, typed, url
from tests.support.people import browser_of
from tests.support.projects import add_member, make_project

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def page_of(browser, top_up, **how):
    return browser.get(url("opening", top_up.project, top_up.ref), **how)


def look_of(page):
    """The address at which the page looks again."""
    return page.context["look"]


def made_now(top_up, **ago):
    """As if the top-up had been started earlier."""
    TopUp.objects.filter(pk=top_up.pk).update(created_at=timezone.now() - timedelta(**ago))


def due(top_up):
    """As if the time of the job's next try had come."""
    Job.objects.filter(key=checkout.job_key(top_up)).update(run_at=timezone.now())


def job_of(top_up):
    return Job.objects.get(key=checkout.job_key(top_up))


def test_add_leads_to_a_page_of_ours_and_asks_the_gateway_nothing(browser, project, gateway):
    answer = add(browser, project)
    top_up = TopUp.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, url("opening", project, top_up.ref))
    assert (top_up.amount, top_up.status, top_up.currency) == (50, "open", "USD")
    assert (top_up.terms_version, top_up.refund_policy_version) == ("2026-11", "2026-11")
    page = page_of(browser, top_up).content.decode()
    assert "Opening the payment page…" in page
    assert 'hx-trigger="load delay:120ms, every 500ms"' in page
    assert gateway.api.log == []


def test_the_job_opens_the_page_and_the_page_goes_on(browser, project, owner, gateway):
    top_up = opened(browser, project)
    session = gateway.gateway.store.get(top_up.session_id)
    assert (session["amount_total"], session["client_reference_id"]) == (5000, str(top_up.ref))
    assert session["customer_email"] == owner.email
    assert session["success_url"].endswith(url("return", project, top_up.ref))
    assert session["cancel_url"].endswith(url("cancelled", project, top_up.ref))
    address = f"{gateway.url}/pay/{top_up.session_id}"
    page = page_of(browser, top_up)
    assert f'href="{address}" data-forward' in page.content.decode()
    assert f'<noscript><meta http-equiv="refresh" content="0;url={address}"></noscript>' in page.content.decode()
    assert "hx-get" not in page.content.decode()
    assert "no-store" in page["Cache-Control"]


def test_a_look_says_nothing_until_there_is_news(browser, project, gateway):
    add(browser, project)
    look = look_of(page_of(browser, TopUp.objects.get()))
    assert browser.get(look, headers=HTMX).status_code == 204
    run_due_jobs()
    answer = browser.get(look, headers=HTMX)
    assert "data-forward" in answer.content.decode()
    assert "<html" not in answer.content.decode()


def test_it_looks_often_then_seldom_then_no_more(browser, project, gateway):
    add(browser, project)
    top_up = TopUp.objects.get()
    for seconds, trigger in ((0, "every 500ms"), (25, "every 3000ms"), (400, None)):
        since = int(timezone.now().timestamp()) - seconds
        page = page_of(browser, top_up, data={"since": str(since)}).content.decode()
        assert (f"load delay:120ms, {trigger}" in page) if trigger else ("hx-get" not in page)
        assert ("Try again now" in page) is (seconds > 0)


@pytest.mark.parametrize("since", ["", "x", "-1", "9" * 30, "0", "٣", "1e9", "99999999999999999"])
def test_nonsense_in_the_address_is_harmless(since, browser, project, gateway):
    add(browser, project)
    for headers in ({}, HTMX):
        answer = page_of(browser, TopUp.objects.get(), data={"since": since, "shown": since}, headers=headers)
        assert answer.status_code in {200, 204}


def test_the_policy_lets_forms_lead_nowhere_else(browser, project, gateway):
    answer = browser.get(url("credits", project))
    assert "form-action 'self';" in answer["Content-Security-Policy"] + ";"
    assert live_settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]["form-action"] == ["'self'"]


@pytest.mark.parametrize("fault", ["500", "refuse", "429", "lose_answer"])
def test_a_gateway_that_fails_loses_nothing(fault, browser, project, gateway):
    before = len(gateway.gateway.store.of_kind("checkout.session"))
    gateway.api.faults[:] = [fault] * 2
    add(browser, project, amount="33.00")
    look = look_of(page_of(browser, TopUp.objects.get()))
    run_due_jobs()
    top_up = TopUp.objects.get()
    page = browser.get(look, headers=HTMX).content.decode()
    assert "The payment service is not responding" in page
    assert "Nothing was charged" in page
    gateway.api.faults.clear()
    assert browser.post(url("opening", project, top_up.ref)).status_code == 303
    run_due_jobs()
    assert "data-forward" in page_of(browser, top_up).content.decode()
    assert len(gateway.gateway.store.of_kind("checkout.session")) == before + 1
    assert len({key for method, _, _, key in gateway.api.log if method == "POST"}) == 1


def test_back_keeps_the_amount_and_where_the_customer_came_from(browser, project, gateway):
    back = reverse("numbers:search", args=[project.pid])
    add(browser, project, amount="33.00", next=back)
    top_up = TopUp.objects.get()
    address = url("cancelled", project, top_up.ref)
    gateway.api.faults[:] = ["500"] * 2
    run_due_jobs()
    assert f'href="{address}"' in page_of(browser, top_up).content.decode()
    form = browser.get(address, follow=True).context["form"]
    assert (form["amount"].value(), form["next"].value()) == ("33.00", back)


def test_a_refusal_ends_it_with_words(browser, project, gateway, settings):
    settings.TOP_UP_MINIMUM = 1
    add(browser, project)
    gateway.api.faults[:] = ["400"]
    run_due_jobs()
    top_up = TopUp.objects.get()
    answer = page_of(browser, top_up, headers=HTMX)
    assert answer["HX-Redirect"] == url("return", project, top_up.ref)
    page = page_of(browser, top_up, follow=True).content.decode()
    assert "The payment service did not accept the request. Nothing was charged" in page
    requests = len(gateway.api.log)
    checkout.open_page(top_up_id=top_up.pk, now=timezone.now())  # a job may run twice
    assert len(gateway.api.log) == requests
    assert job_of(top_up).state == "done"


def test_while_the_breaker_is_open_the_page_says_so_at_once_and_no_attempt_is_lost(browser, project, gateway):
    gateway.api.faults[:] = ["500"] * 6
    for _ in range(3):
        add(browser, project)
        run_next()
    asked = len(gateway.api.log)
    answer = add(browser, project)
    run_next()
    top_up = TopUp.objects.latest("id")
    assert "is not responding" in browser.get(answer["Location"]).content.decode()
    job = job_of(top_up)
    assert (job.state, job.attempts, len(gateway.api.log)) == ("queued", 0, asked)
    assert timedelta(0) < job.run_at - timezone.now() < timedelta(seconds=20)
    BREAKER.reset()
    gateway.api.faults.clear()
    due(top_up)
    run_next()
    assert "data-forward" in page_of(browser, top_up).content.decode()


def test_the_job_gives_up_when_the_gateway_would_open_no_page_any_more(browser, project, gateway):
    add(browser, project)
    top_up = TopUp.objects.get()
    made_now(top_up, minutes=26)
    run_due_jobs()
    top_up.refresh_from_db()
    assert (top_up.status, gateway.api.log, job_of(top_up).state) == ("expired", [], "done")
    assert "The payment page expired" in page_of(browser, top_up, follow=True).content.decode()


def test_a_page_that_has_expired_is_not_offered(browser, project, gateway):
    top_up = opened(browser, project)
    made_now(top_up, minutes=61)
    page = page_of(browser, top_up).content.decode()
    assert "The payment page expired" in page
    assert gateway.url not in page
    assert browser.post(url("top_up", project), typed(browser, project)).status_code == 303  # a new one


def test_an_archived_project_gets_no_payment_page(browser, project, gateway):
    add(browser, project)
    type(project).objects.filter(pk=project.pk).update(status="archived")
    run_due_jobs()
    assert (TopUp.objects.get().status, gateway.api.log) == ("expired", [])


def test_paid_in_another_tab_leads_to_the_result(browser, project, gateway, activate):
    top_up = opened(browser, project)
    gateway.gateway.pay(top_up.session_id)
    activate()
    assert page_of(browser, top_up)["Location"] == url("return", project, top_up.ref)
    assert TopUp.objects.get().checkout_url == ""


def test_the_address_is_shown_to_nobody_else(browser, owner, project, gateway):
    top_up = opened(browser, project)
    other = make_project(owner)
    assert browser.get(url("opening", other, top_up.ref)).status_code == 404
    assert browser.post(url("opening", other, top_up.ref)).status_code == 404
    for role in ("read_only", "developer"):
        member = browser_of(add_member(project, role))
        for answer in (page_of(member, top_up), member.post(url("opening", project, top_up.ref))):
            assert answer.status_code == 403
            assert gateway.url not in answer.content.decode()
    assert "data-forward" in page_of(browser_of(add_member(project, "billing")), top_up).content.decode()


def test_open_payments_are_limited_with_a_way_out(browser, project, gateway, monkeypatch, activate):
    monkeypatch.setattr(checkout, "OPEN_PER_PROJECT", 2)
    first, second = opened(browser, project, amount="20.00"), opened(browser, project, amount="30.00")
    answer = add(browser, project, amount="40.00")
    page = answer.content.decode()
    assert answer.status_code == 429
    assert "Too many payments are open" in page
    assert 'value="40.00"' in page
    assert f'href="{url("opening", project, first.ref)}"' in page
    made_now(first, minutes=61)
    assert add(browser, project, amount="40.00").status_code == 303
    assert add(browser, project, amount="50.00").status_code == 429
    gateway.gateway.pay(second.session_id)
    activate()
    assert add(browser, project, amount="50.00").status_code == 303


def test_one_person_cannot_go_around_the_limit_with_many_projects(browser, owner, gateway, monkeypatch):
    monkeypatch.setattr(checkout, "OPEN_PER_PERSON", 2)
    for _ in range(2):
        opened(browser, make_project(owner))
    assert add(browser, make_project(owner)).status_code == 429


def test_an_event_may_name_the_session_whose_answer_got_lost(browser, project, gateway, activate):
    gateway.api.faults[:] = ["lose_answer"] * 2
    top_up = opened(browser, project)
    assert top_up.session_id is None
    (session,) = [row for row in gateway.gateway.store.of_kind("checkout.session")
                  if row["client_reference_id"] == str(top_up.ref)]  # fmt: skip
    gateway.gateway.pay(session["id"])
    activate([event for event in gateway.deliveries.undelivered() if not event["type"].startswith("checkout.session")])
    top_up.refresh_from_db()
    assert (top_up.session_id, top_up.status) == (None, "open")  # what names a payment or a charge names no session
    activate()
    top_up.refresh_from_db()
    assert (top_up.session_id, top_up.status) == (session["id"], "paid")
