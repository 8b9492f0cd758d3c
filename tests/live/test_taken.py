"""What open search pages are told, and how little it costs."""

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import signing
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_otp import DEVICE_ID_SESSION_KEY

from numbers.inventory.live import taken_numbers, tokens
from numbers.inventory.live.taken_numbers import FRESH_SECONDS, MAX_ROWS, WINDOW_SECONDS, TakenNumbersFeed
from numbers.leases.billing_dates import charge_date
from numbers.models import Lease, LeaseCharge, Number
from numbers.orders.closing import cancel_order
from portal.accounts.models import AuthenticatorDevice, User
from portal.edge import live
from portal.edge.live import TRUST_SECONDS, ProjectAccess
from projects.actor import SYSTEM
from tests.support import purchases
from tests.support.inventory import make_number
from tests.support.people import browser_of, sign_in
from tests.support.purchases import order

pytestmark = pytest.mark.django_db
STEP = FRESH_SECONDS + 0.01


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(autouse=True)
def news(clock, monkeypatch):
    """A feed as in a process that has just started."""
    fresh = TakenNumbersFeed(clock)
    monkeypatch.setattr(live, "TAKEN_NUMBERS_FEED", fresh)
    monkeypatch.setattr(live, "ACCESS", ProjectAccess(clock))
    return fresh


def buy(project):
    return purchases.buy(project).number.e164


def lease_for_nothing(project, pk):
    number = make_number(status="leased", setup_price=0, monthly_price=0)
    today = timezone.now().date()
    lease = Lease.objects.create(
        id=pk,
        number=number,
        project=project,
        started_at=timezone.now(),
        setup_price=0,
        monthly_price=0,
        anchor_day=today.day,
        next_charge_on=charge_date(today, 1),
    )
    LeaseCharge.objects.create(lease=lease, period=0, starts_on=today, amount=0)
    return number.e164


@pytest.fixture
def poll(client, project, clock):
    """A page of ``project`` asks; by default when the process looks again."""
    sign_in(client, project.created_by)

    def poll(after=STEP, **headers):
        clock.now += after
        return client.get(tokens.PATH, headers={"X-Live-Token": tokens.sign(project.pk)} | headers)

    return poll


class TestNews:
    def test_a_purchase_of_somebody_else(self, poll, other_project):
        assert poll().json() == {"taken": [], "yours": []}
        e164 = buy(other_project)
        assert poll().json() == {"taken": [e164], "yours": []}

    def test_an_order_reserves_the_number(self, poll, other_project):
        placed = order(other_project)
        assert poll().json()["taken"] == [placed.number.e164]

    def test_own_ones_are_told_apart_and_nobody_elses(self, poll, project, other_project):
        theirs, mine = buy(other_project), buy(project)
        assert poll().json() == {"taken": [theirs], "yours": [mine]}

    def test_what_was_bought_before_the_first_page_asked(self, poll, other_project):
        """The process may have answered other pages only, or none, since this page was made."""
        e164 = buy(other_project)
        assert poll().json()["taken"] == [e164]

    def test_a_cancelled_order_is_no_news(self, poll, other_project):
        placed = order(other_project)
        assert poll().json()["taken"] == [placed.number.e164]
        cancel_order(order=placed, by=SYSTEM, now=timezone.now())
        assert poll().json()["taken"] == []

    @pytest.mark.parametrize("take", [buy, lambda project: order(project).number.e164], ids=["purchase", "order"])
    def test_it_is_told_for_a_while_and_the_next_one_too(self, poll, other_project, take):
        poll()
        for _ in range(3):
            e164 = take(other_project)
            poll()
            assert poll(WINDOW_SECONDS - 0.1).json()["taken"] == [e164]
            assert poll().json()["taken"] == []

    def test_after_a_silence_everything_since_is_told_that_is_still_so(self, poll, other_project):
        poll()
        since = [buy(other_project) for _ in range(3)]
        Number.objects.filter(e164=since[0]).update(status="available")
        Lease.objects.filter(number__e164=since[0]).update(status="released", ended_at=timezone.now())
        assert poll(3600).json()["taken"] == sorted(since[1:])
        assert poll(WINDOW_SECONDS - 0.1).json()["taken"] == sorted(since[1:])
        assert poll().json()["taken"] == []

    def test_a_row_that_is_committed_after_a_later_one(self, poll, other_project):
        """Ids are given before the commit; a lower one may become visible last."""
        for _ in range(20):
            poll(1.0)
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval(pg_get_serial_sequence('numbers_lease', 'id'))")
            lower_id = cursor.fetchone()[0]
        later = sorted(buy(other_project) for _ in range(3))
        assert poll().json()["taken"] == later
        assert poll(WINDOW_SECONDS - 3).json()["taken"] == later
        late = lease_for_nothing(other_project, lower_id)
        assert late in poll(1.0).json()["taken"]


class TestCost:
    def test_many_pages_are_one_question(self, poll, other_project, django_assert_num_queries):
        poll()
        with django_assert_num_queries(0):
            for _ in range(100):
                poll(after=0.001)
        with django_assert_num_queries(1):
            for _ in range(100):
                poll(after=FRESH_SECONDS / 50 / 2.01)

    def test_what_a_page_knows_is_not_sent_again(self, poll, other_project):
        buy(other_project)
        first = poll()
        again = poll(**{"If-None-Match": first["ETag"]})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
        buy(other_project)
        assert poll(**{"If-None-Match": first["ETag"]}).status_code == 200

    def test_own_news_have_their_own_tag(self, poll, project, other_project):
        buy(project)
        mine = poll()
        theirs = browser_of(other_project.created_by).get(
            tokens.PATH, headers={"X-Live-Token": tokens.sign(other_project.pk), "If-None-Match": mine["ETag"]}
        )
        assert theirs.status_code == 200

    def test_the_newest_rows_are_found_by_their_keys(self, poll, other_project):
        poll()
        buy(other_project)
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(
                "EXPLAIN " + taken_numbers.NEWEST_SQL, {"lease": 1, "order": 1, "at_start": 100, "most": MAX_ROWS}
            )
            plan = "\n".join(row[0] for row in cursor.fetchall())
        assert "numbers_lease_pkey" in plan
        assert "numbers_order_pkey" in plan
        assert "Seq Scan" not in plan

    def test_it_sets_no_cookie_and_writes_no_line_in_the_log(self, poll, caplog):
        caplog.set_level("INFO")
        answer = poll()
        assert not answer.cookies
        assert "Vary" not in answer
        assert answer["Cache-Control"] == "no-store"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert not [record for record in caplog.records if record.name == "portal.access"]


class TestToken:
    @pytest.mark.parametrize("token", ["", "1", "x:y:z", "\u00e9", "1:1:1" * 1000])
    def test_needed(self, client, token, django_assert_num_queries):
        with django_assert_num_queries(0):
            answer = client.get(tokens.PATH, headers={"X-Live-Token": token.encode().decode("latin-1")})
        assert (answer.status_code, answer.content) == (403, b"")

    def test_of_another_project_cannot_be_made_of_ones_own(self, client, project):
        token = tokens.sign(project.pk)
        changed = token.replace(str(project.pk), str(project.pk + 1), 1)
        assert client.get(tokens.PATH, headers={"X-Live-Token": changed}).status_code == 403
        for signer in (signing.TimestampSigner(salt="elsewhere"), signing.TimestampSigner()):
            headers = {"X-Live-Token": signer.sign(str(project.pk))}
            assert sign_in(client, project.created_by).get(tokens.PATH, headers=headers).status_code == 403

    def test_lasts_as_long_as_a_session(self, poll, settings):
        assert poll().status_code == 200
        settings.SESSION_COOKIE_AGE = -1
        assert poll().status_code == 403

    def test_other_methods_are_refused(self, client):
        answer = client.post(tokens.PATH)
        assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")

    def test_is_in_the_page_of_whoever_may_see_the_numbers(self, client, project, other_project, clock):
        sign_in(client, project.created_by)
        page = client.get(reverse("numbers:search", args=[project.pid])).content.decode()
        token = page.split('data-live-token="')[1].split('"')[0]
        e164 = buy(project)
        clock.now += 1
        assert client.get(tokens.PATH, headers={"X-Live-Token": token}).json()["yours"] == [e164]


def sign_out(client, user):
    client.post("/accounts/logout/")


def end_by_hold(client, user):
    User.objects.filter(pk=user.pk).update(is_active=False)


def end_by_new_password(client, user):
    user.set_password("another long passphrase 7")
    user.save()


def leave_the_project(client, user):
    user.memberships.all().delete()


def lose_the_device(client, user):
    AuthenticatorDevice.objects.filter(user=user).delete()


ENDS = [
    sign_out,
    end_by_hold,
    end_by_new_password,
    lambda client, user: user.end_sessions(),
    leave_the_project,
    lose_the_device,
]


class TestProjectAccess:
    @pytest.mark.parametrize("end", ENDS)
    def test_a_page_is_told_nothing_a_minute_after_its_owner_lost_it(self, poll, client, project, end):
        assert poll().status_code == 200
        cookies = dict(client.cookies)
        end(client, project.created_by)
        client.cookies.update(cookies)  # the page that was left open
        assert poll(60.1).status_code == 403

    def test_a_session_that_was_ended_is_told_nothing_after_three_seconds(self, poll, client, project):
        assert poll().status_code == 200
        Session.objects.filter(session_key=client.session.session_key).delete()
        assert poll(3.1).status_code == 403

    def test_a_second_factor_is_its_persons_own(self, poll, client, project, other_project):
        session = client.session
        session[DEVICE_ID_SESSION_KEY] = browser_of(other_project.created_by).session[DEVICE_ID_SESSION_KEY]
        session.save()
        assert poll().status_code == 403

    def test_a_session_outlives_a_change_of_the_secret_key(self, poll, client, settings):
        """As it does on every page: the old key is a fallback for a while."""
        key, settings.SECRET_KEY = settings.SECRET_KEY, "another-secret-key-0123456789abcdefghijklmnopqrstuvwxyz"
        settings.SECRET_KEY_FALLBACKS = [key]
        assert poll().status_code == 200
        settings.SECRET_KEY_FALLBACKS = []
        assert poll(60.1).status_code == 403

    def test_the_page_of_somebody_else_is_told_nothing(self, poll, other_project, project):
        headers = {"X-Live-Token": tokens.sign(project.pk)}
        assert Client().get(tokens.PATH, headers=headers).status_code == 403
        stranger = browser_of(other_project.created_by)
        assert stranger.get(tokens.PATH, headers=headers).status_code == 403
        by_password = Client()
        by_password.force_login(project.created_by)
        assert by_password.get(tokens.PATH, headers=headers).status_code == 403

    @pytest.mark.parametrize("cookie", ["", "x", "a\0bcdefghijk", "\u00e9" * 9, "a" * 5000, "'; --abcdefgh"])
    def test_a_cookie_that_is_none(self, client, project, cookie):
        headers = {"X-Live-Token": tokens.sign(project.pk)}
        client.cookies[settings.SESSION_COOKIE_NAME] = cookie
        assert client.get(tokens.PATH, headers=headers).status_code == 403

    def test_it_looks_once_a_minute_and_changes_nothing(self, poll, client, django_assert_num_queries):
        poll()
        with django_assert_num_queries(0):
            poll(0.01)
        with django_assert_num_queries(4):  # session, person, device; news
            poll(TRUST_SECONDS)
        assert client.get("/accounts/security/").status_code == 200

    def test_what_it_remembers_is_bounded(self, project, client, clock, monkeypatch):
        monkeypatch.setattr(live, "MOST_PAGES", 3)
        for _ in range(5):
            own = browser_of(project.created_by)
            assert own.get(tokens.PATH, headers={"X-Live-Token": tokens.sign(project.pk)}).status_code == 200
        assert len(live.ACCESS._open) <= 3


class TestTrouble:
    pytestmark = pytest.mark.django_db(transaction=True)

    def test_a_database_in_trouble_is_asked_no_more_often_and_nothing_is_missed(
        self, poll, other_project, monkeypatch, django_assert_num_queries, caplog
    ):
        poll()
        e164 = buy(other_project)
        with monkeypatch.context() as patch, django_assert_num_queries(1):
            patch.setattr(taken_numbers, "NEWEST_SQL", "SELECT 1/0")
            assert [poll(after).status_code for after in (STEP, 0.1, 0.1)] == [503, 200, 200]
        assert [record.name for record in caplog.records] == ["portal.edge.live"]
        assert poll().json()["taken"] == [e164]


def test_of_two_threads_one_asks(news, clock, monkeypatch, django_assert_num_queries):
    """The other takes what is there, and does not wait."""
    with news._lock, django_assert_num_queries(0):
        assert news.latest().body == b'{"taken":[],"yours":[]}'
