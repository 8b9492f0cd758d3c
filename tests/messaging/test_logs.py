"""SMS › Logs: list, filters, one message with its attempts, download, delivering again."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse

from tests.messaging.delivering import comes_in, set_url
from tests.messaging.messages import AT, make_message
from tests.support.leases import make_lease
from tests.support.queries import query_count
from tests.support.webhooks import deliver

pytestmark = pytest.mark.django_db
SPAN = {"since": "2026-11-01", "until": "2026-11-30"}


def logs(client, project, **query):
    return client.get(reverse("numbers:sms_logs", args=[project.pid]), SPAN | query)


def shown(page):
    assert page.status_code == 200
    return [each.text for each in page.context["page"].rows]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["three", "two", "one"]),
        ({"status": "failed"}, ["two"]),
        ({"q": "THR"}, ["three"]),
        ({"q": "+44 20 7946"}, ["three", "one"]),
        ({"q": "acme"}, ["two"]),
        ({"number": "+1 212-555-0102"}, ["three"]),
        ({"since": "2026-11-20T12:31"}, ["three", "two"]),
        ({"until": "2026-11-20T12:31"}, ["one"]),
    ],
)
def test_filters(customer, project, query, expected):
    lease, other = make_lease(project=project), make_lease("+12125550102", project)
    make_message(lease, text="one")
    make_message(lease, text="two", status="failed", source="ACME", received_at=AT + timedelta(minutes=1))
    make_message(other, text="three", received_at=AT + timedelta(minutes=2))
    assert shown(logs(customer, project, **query)) == expected


@pytest.mark.parametrize(
    "query",
    [{"number": "12"}, {"status": "lost"}, {"since": "yesterday"}, {"since": "2026-12-01", "until": "2026-11-01"}],
)
def test_a_filter_that_cannot_be_used_says_so_by_its_field(customer, project, query):
    page = logs(customer, project, **query)
    assert page.status_code == 422
    assert page.context["form"].errors


def test_messages_of_others_are_not_shown(customer, project, other_project):
    theirs = make_message(make_lease(project=other_project), text="theirs")
    assert shown(logs(customer, project)) == []
    assert customer.get(reverse("numbers:message", args=[project.pid, theirs.message_id])).status_code == 404
    assert b"theirs" not in customer.get(reverse("numbers:sms_logs_csv", args=[project.pid]), SPAN).getvalue()


def test_pages_and_download_have_each_once(customer, project):
    lease = make_lease(project=project)
    for number in range(120):
        make_message(lease, text=str(number), received_at=AT + timedelta(seconds=number // 2))
    seen, address = [], ""
    page = logs(customer, project)
    while True:
        seen += shown(page)
        address = page.context["next_url"]
        if not address:
            break
        page = customer.get(address)
    assert sorted(seen, key=int) == [str(number) for number in range(120)]
    answer = customer.get(reverse("numbers:sms_logs_csv", args=[project.pid]), SPAN)
    rows = list(csv.reader(io.StringIO(answer.getvalue().decode("utf-8-sig"))))
    assert rows[0][:4] == ["Received (UTC)", "From", "Number", "Text"]
    assert sorted((row[3] for row in rows[1:]), key=int) == [str(number) for number in range(120)]


def test_a_page_costs_few_queries_however_many_messages(customer, project):
    lease = make_lease(project=project)
    for number in range(60):
        make_message(lease, received_at=AT + timedelta(seconds=number))
    assert query_count(customer, reverse("numbers:sms_logs", args=[project.pid]), SPAN) <= 10


class TestOneMessage:
    def page(self, customer, project, message):
        answer = customer.get(reverse("numbers:message", args=[project.pid, message.message_id]))
        assert answer.status_code == 200
        return answer.text

    def test_attempts_with_status_answer_and_headers(self, customer, project, by, receiver):
        lease = make_lease(project=project)
        receiver.answers(503, "<b>we are closed</b>")
        set_url(by, receiver.url, lease=lease)
        message = comes_in(lease, text="<script>alert(1)</script>")
        deliver()
        page = self.page(customer, project, message)
        for words in ("HTTP 503", "&lt;b&gt;we are closed", "webhook-signature", "Next attempt at", "Waiting"):
            assert words in page
        assert "<script>alert" not in page

    def test_redeliver(self, customer, project, by, receiver):
        lease = make_lease(project=project)
        set_url(by, receiver.url, lease=lease)
        message = make_message(lease, status="failed")
        assert "Redeliver" in self.page(customer, project, message)
        answer = customer.post(
            reverse("numbers:message_redeliver", args=[project.pid, message.message_id]), follow=True
        )
        assert "The message is being delivered again." in answer.text
        deliver()
        assert "Your server took it." in self.page(customer, project, message)

    def test_a_refusal_is_said_on_the_page(self, customer, project):
        message = make_message(make_lease(project=project), status="no_url")
        answer = customer.post(
            reverse("numbers:message_redeliver", args=[project.pid, message.message_id]), follow=True
        )
        assert "No URL is set for messages of this number, nor for the project." in answer.text

    def test_deleted_text_and_missing_parts(self, customer, project):
        lease = make_lease(project=project)
        cleared = make_message(lease, text=None, body_cleared_at=AT)
        assert "The text was deleted on 20 November 2026" in self.page(customer, project, cleared)
        part = make_message(lease, parts=3, missing_parts=[2], received_at=AT + timedelta(seconds=1))
        assert "Of 3 parts, part 2 never came." in " ".join(self.page(customer, project, part).split())


class TestDeliverAgain:
    def send(self, client, project, **values):
        return client.post(
            reverse("numbers:messages_redeliver", args=[project.pid]),
            {"which": "failed", "since": "2026-11-20T00:00", "until": ""} | values,
        )

    def test_it_is_queued(self, customer, project):
        assert self.send(customer, project).status_code == 302

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"since": ""}, "since"),
            ({"since": "2026-01-01T00:00"}, "since"),
            ({"which": "some"}, "which"),
            ({"until": "2026-11-01T00:00"}, "until"),
        ],
    )
    def test_bad_input_stands_by_its_field_and_is_kept(self, customer, project, values, field):
        answer = self.send(customer, project, **values)
        assert answer.status_code == 422
        assert field in answer.context["again"].errors
        assert answer.context["again"]["since"].value() == ({"since": "2026-11-20T00:00"} | values)["since"]
