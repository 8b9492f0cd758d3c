"""A crowd that hangs is a red test and not a hanging run: whoever waits too long is named and loses its locks."""

import time
from threading import Event, Lock

import pytest
from django.db import connection, transaction

from projects.models import Project
from tests.support import table_owner
from tests.support.crowd import Beside, at_once, share, wait_until_it_waits
from tests.support.projects import make_project

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
SOON = 0.5  # seconds


@pytest.fixture
def rename():
    project = make_project()
    return lambda: Project.objects.filter(pk=project.pk).update(name="Renamed")


def sessions_waiting():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return cursor.fetchone()[0]


def test_who_waits_for_a_lost_row_lock_fails_the_test_and_is_gone(rename):
    began = time.monotonic()
    with transaction.atomic():
        rename()
        with pytest.raises(pytest.fail.Exception, match="3 of the acts have not ended") as failure:
            at_once([rename] * 3, patience=SOON)
        assert "test_crowd.py" in str(failure.value), "it says where they hang"
        assert sessions_waiting() == 0
    assert time.monotonic() - began < 10
    assert Project.objects.get().name == "Renamed"


def test_who_waits_for_a_lock_of_the_process_fails_the_test_too():
    lock, ended = Lock(), Event()
    with lock, pytest.raises(pytest.fail.Exception, match="1 of the acts"):
        at_once([lock.acquire, ended.set], connected=False, patience=SOON)
    assert ended.is_set()


def test_one_beside_fails_the_test_when_its_result_does_not_come(rename):
    with transaction.atomic():
        rename()
        act = Beside(rename)
        wait_until_it_waits(act)
        with pytest.raises(pytest.fail.Exception, match="1 of the acts"):
            act.result(SOON)
    assert act.has_ended


def test_a_lock_that_is_not_taken_is_noticed_at_once(rename):
    with transaction.atomic(), pytest.raises(AssertionError, match="did not wait"):
        wait_until_it_waits(Beside(rename))


def test_what_goes_wrong_is_a_result_of_a_crowd_and_an_error_of_shared_work():
    def fail(item=None):
        raise ValueError(item)

    assert [type(each) for each in at_once([fail, lambda: 7])] == [ValueError, int]
    assert share(3, lambda item: item * 2, range(10)) == [item * 2 for item in range(10)]
    with pytest.raises(ValueError, match="4"):
        share(2, fail, [4])


def test_tables_are_emptied_whatever_hangs_in_them(rename):
    """Between two tests: the emptying would wait for the lock for ever."""
    held = Event()

    def hold():
        with transaction.atomic():
            rename()
            held.set()
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(100)")

    act = Beside(hold)
    assert held.wait(10)
    table_owner.others_have_ended(patience=SOON)
    assert type(act.result()).__name__ == "OperationalError"
    assert table_owner.others_busy() == 0
