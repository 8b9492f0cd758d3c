"""A message comes in and goes on to the customer's server, whatever is set, changed, suspended or away meanwhile."""

from datetime import timedelta

import pytest

from numbers.messaging import held, rerouting
from numbers.models import Lease
from numbers.renewals.charging import charge_months
from numbers.renewals.dunning import run_dunning
from portal.jobs import outbox
from projects.models import WebhookDelivery
from projects.webhooks import keeping
from tests.messaging.delivering import comes_in, set_url, status
from tests.messaging.messages import AT, make_message
from tests.renewals.data import at, buy
from tests.support.leases import leave_unpaid
from tests.support.projects import fund, make_project
from tests.support.webhooks import deliver, due_now

pytestmark = pytest.mark.django_db


def test_it_goes_to_the_number_of_the_lease_in_the_guides_words(lease, by, receiver):
    set_url(by, receiver.url, lease=lease, request_text="hello")
    message = comes_in(lease, text="Grüße €")
    deliver()
    (request,) = receiver.received
    assert request.parameters == {
        "request": "hello",
        "source": "+442079460018",
        "destination": lease.number.e164,
        "message": "Grüße €",
        "message_id": str(message.message_id),
        "received_at": "2026-11-20T12:30:00.000Z",
    }
    assert request.headers["webhook-id"] == str(message.message_id)
    assert status(message) == "delivered"


def test_without_a_url_of_its_own_it_goes_to_the_projects(lease, project, by, receiver, other_receiver):
    set_url(by, receiver.url, project=project)
    comes_in(lease)
    set_url(by, other_receiver.url, lease=lease)
    comes_in(lease)
    deliver()
    assert (len(receiver.received), len(other_receiver.received)) == (1, 1)


def test_without_any_it_is_kept(lease, by):
    message = comes_in(lease)
    assert (status(message), deliver()) == ("no_url", 0)


def test_the_url_of_another_project_is_none_of_its_own(lease, other_project, stranger, by, receiver):
    set_url(by, receiver.url, project=other_project)
    comes_in(lease)
    assert (deliver(), receiver.received) == (0, [])


def test_what_waits_follows_a_corrected_url(lease, by, receiver, other_receiver):
    receiver.answers(404)
    set_url(by, receiver.url, lease=lease)
    message = comes_in(lease)
    deliver()
    set_url(by, other_receiver.url, lease=lease)
    due_now()
    deliver()
    assert [each.parameters["message_id"] for each in other_receiver.received] == [str(message.message_id)]
    assert status(message) == "delivered"


def test_what_waits_for_a_url_that_is_removed_goes_to_the_projects(lease, project, by, receiver, other_receiver):
    set_url(by, receiver.url, lease=lease)
    set_url(by, other_receiver.url, project=project)
    comes_in(lease)
    set_url(by, "", lease=lease)
    deliver()
    assert (len(receiver.received), len(other_receiver.received)) == (0, 1)


def test_what_waits_for_the_only_url_is_kept_when_that_is_removed(lease, by, receiver):
    set_url(by, receiver.url, lease=lease)
    message = comes_in(lease)
    set_url(by, "", lease=lease)
    assert (deliver(), receiver.received, status(message)) == (0, [], "no_url")


@pytest.fixture
def long_backlog(lease, by, receiver, monkeypatch):
    """Seven messages wait for the number's URL, of which two are led on at a time."""
    monkeypatch.setattr(rerouting, "CHUNK", 2)
    set_url(by, receiver.url, lease=lease)
    return [comes_in(lease) for _ in range(7)]


def test_a_long_backlog_is_led_on_by_a_worker(long_backlog, lease, project, by, receiver, other_receiver):
    set_url(by, other_receiver.url, project=project)
    set_url(by, "", lease=lease)
    assert WebhookDelivery.objects.filter(target__in_use=False).count() == 5  # two at once
    outbox.run_due_jobs()
    deliver()
    assert (len(receiver.received), len(other_receiver.received)) == (0, 7)


def test_a_long_backlog_without_a_url_is_kept_by_a_worker(long_backlog, lease, by, receiver):
    set_url(by, "", lease=lease)
    assert [status(each) for each in long_backlog] == ["no_url"] * 2 + ["waiting"] * 5
    outbox.run_due_jobs()
    assert {status(each) for each in long_backlog} == {"no_url"}
    assert (deliver(), receiver.received) == (0, [])


def test_a_url_that_is_set_meanwhile_gets_the_rest(long_backlog, lease, by, receiver, other_receiver):
    set_url(by, "", lease=lease)
    set_url(by, other_receiver.url, lease=lease)
    outbox.run_due_jobs()
    deliver()
    assert (len(receiver.received), len(other_receiver.received)) == (0, 5)
    assert [status(each) for each in long_backlog] == ["no_url"] * 2 + ["delivered"] * 5


def test_what_waits_for_the_projects_url_is_kept_when_that_is_removed(lease, project, by, receiver):
    set_url(by, receiver.url, project=project)
    message = comes_in(lease)
    set_url(by, "", project=project)
    assert (deliver(), receiver.received, status(message)) == (0, [], "no_url")


def test_its_delivery_is_forgotten_with_its_text(lease, by, receiver):
    """Both count from when it came in, however late it was delivered."""
    set_url(by, receiver.url, lease=lease)
    comes_in(lease)
    deliver()
    assert keeping.forget_deliveries(before=AT) == 0
    assert keeping.forget_deliveries(before=AT + timedelta(seconds=1)) == 1


def test_nine_failures_make_it_failed(lease, by, receiver):
    receiver.answers(500)
    set_url(by, receiver.url, lease=lease)
    message = comes_in(lease)
    for _ in range(9):
        assert status(message) == "waiting"
        deliver()
        due_now()
    assert (status(message), len(receiver.received)) == ("failed", 9)


def test_the_receiver_may_cancel_it(lease, by, receiver):
    receiver.answers(400, webhook_delivery="abort-message")
    set_url(by, receiver.url, lease=lease)
    message = comes_in(lease)
    deliver()
    assert status(message) == "cancelled"


class TestHeld:
    def test_messages_of_a_suspended_number_wait_until_it_is_active(self, lease, by, receiver):
        set_url(by, receiver.url, lease=lease)
        messages = [comes_in(lease, status="held", text=text) for text in ("first", "second")]
        leave_unpaid(lease, "suspended")
        assert (deliver(), status(messages[0])) == (0, "held")
        Lease.objects.filter(pk=lease.pk).update(
            status="active", past_due_since=None, suspends_at=None, releases_at=None
        )
        held.release_later([lease.pk])
        outbox.run_due_jobs()
        deliver()
        assert sorted(each.parameters["message"] for each in receiver.received) == ["first", "second"]
        assert [status(each) for each in messages] == ["delivered"] * 2

    def test_whoever_pays_for_the_number_gets_them(self, by, receiver, settings, time_machine):
        settings.UNPAID_MAIL_DAYS, settings.SUSPEND_AFTER_DAYS, settings.RELEASE_AFTER_DAYS = [0], 10, 90
        project = make_project()
        lease = buy(project, "2027-01-31")
        set_url(by, receiver.url, lease=lease)
        for day in ("2027-02-28", "2027-03-11"):
            charge_months(now=at(day))
            run_dunning(now=at(day))
        lease.refresh_from_db()
        message = comes_in(lease, status="held", received_at=at("2027-03-12"))
        assert (lease.status, deliver(), status(message)) == ("suspended", 0, "held")
        time_machine.move_to(at("2027-03-13"), tick=False)
        fund(project, "10")
        outbox.run_due_jobs()
        deliver()
        assert (status(message), len(receiver.received)) == ("delivered", 1)

    def test_one_that_is_suspended_again_keeps_them(self, lease, by, receiver):
        set_url(by, receiver.url, lease=lease)
        message = comes_in(lease, status="held")
        held.release_later([lease.pk])
        leave_unpaid(lease, "suspended")
        outbox.run_due_jobs()
        assert (deliver(), status(message)) == (0, "held")


def test_unusual_messages_say_so(lease, by, receiver):
    set_url(by, receiver.url, lease=lease)
    comes_in(lease, text="ff00", encoding="binary")
    comes_in(lease, text="half", parts=3, missing_parts=[2, 3])
    deliver()
    by_text = {each.parameters["message"]: each.parameters for each in receiver.received}
    assert by_text["ff00"]["encoding"] == "binary"
    assert by_text["half"]["missing_parts"] == [2, 3]
    assert WebhookDelivery.objects.count() == 2


def test_a_held_message_whose_text_is_deleted_is_left_alone(lease, by, receiver):
    set_url(by, receiver.url, lease=lease)
    message = make_message(lease, status="held", text=None, body_cleared_at=AT)
    assert (held.release([lease.pk], now=AT), status(message)) == (0, "held")
