"""Many people press Purchase, over HTTP."""

import re
from collections import Counter
from decimal import Decimal
from functools import partial
from http.client import HTTPConnection
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer

from billing.ledger import integrity
from billing.ledger import queries as ledger
from numbers.models import Lease, Number
from tests.races.test_purchase import NUMBER, projects
from tests.support.crowd import PATIENCE, at_once
from tests.support.inventory import make_number
from tests.support.people import browser_of, make_user
from tests.support.projects import fund, make_project

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.race,
    pytest.mark.usefixtures("quiet_broker"),
]


# -- over HTTP --------------------------------------------------------------------------------------------------

CSRF = "c" * 32
# The test server's own queue of ten would reset the connections of a crowd.
ThreadedWSGIServer.request_queue_size = 512


def cookies_of(user):
    """The cookies of somebody who is signed in and verified."""
    cookies = browser_of(user).cookies
    return f"{settings.SESSION_COOKIE_NAME}={cookies[settings.SESSION_COOKIE_NAME].value}; csrftoken={CSRF}"


def post(live_server, cookie, project, e164, token):
    """Presses Purchase; returns the HTTP status and where it leads or why not."""
    address = urlsplit(live_server.url)
    link = HTTPConnection(address.hostname, address.port, timeout=PATIENCE)
    body = urlencode({"csrfmiddlewaretoken": CSRF, "form_token": token, "expected_total": "3.00"})
    try:
        link.request(
            "POST",
            f"/projects/{project.pid}/numbers/buy/{e164[1:]}/",
            body,
            {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded", "HX-Request": "true"},
        )
        answer = link.getresponse()
        text = answer.read().decode()
    finally:
        link.close()
    refusal = re.search(r'data-refusal="([a-z_]+)"', text)
    return answer.status, refusal[1] if refusal else answer.headers.get("HX-Redirect", "")[:10]


@pytest.mark.slow
def test_two_hundred_people_press_purchase_for_one_number(live_server):
    make_number(NUMBER)
    owners = [make_user() for _ in range(200)]
    crowd = [make_project(owner) for owner in owners]
    for project in crowd:
        fund(project, "10")
    cookies = [cookies_of(owner) for owner in owners]
    answers = at_once(
        (
            partial(post, live_server, cookie, project, NUMBER, f"{n:032x}")
            for n, (cookie, project) in enumerate(zip(cookies, crowd, strict=True))
        ),
        connected=False,
    )
    assert Counter(answers) == {(200, "/projects/"): 1, (409, "number_taken"): 199}
    lease = Lease.objects.get()
    assert {project.pk for project in crowd if ledger.balance(project.pk) == 7} == {lease.project_id}
    assert sum(ledger.balance(project.pk) for project in crowd) == 1997
    assert integrity.problems() == []


def test_two_hundred_purchases_from_a_wallet_that_pays_for_33(live_server):
    (project,) = projects(1, "101.99")
    cookie = cookies_of(project.created_by)
    numbers = [make_number(f"+1212555{n:04d}").e164 for n in range(200)]
    clicks = [partial(post, live_server, cookie, project, e164, f"{n:032x}") for n, e164 in enumerate(numbers)]
    answers = at_once(clicks, connected=False)
    assert Counter(answers) == {(200, "/projects/"): 33, (402, "insufficient_credit"): 167}
    assert ledger.balance(project.pk) == Decimal("2.99")
    assert Lease.objects.count() == Number.objects.filter(status="leased").count() == 33
    assert integrity.problems() == []


def test_forty_clicks_over_http_buy_once(live_server):
    make_number(NUMBER)
    (project,) = projects(1)
    cookie = cookies_of(project.created_by)
    answers = at_once([partial(post, live_server, cookie, project, NUMBER, "a" * 32)] * 40, connected=False)
    assert Counter(answers) == {(200, "/projects/"): 40}
    assert ledger.balance(project.pk) == 97
