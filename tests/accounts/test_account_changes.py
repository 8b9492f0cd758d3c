"""Changes of password, address and profile."""

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.test import Client

from portal.accounts import events
from tests.accounts import steps
from tests.accounts.fresh import REAUTH, confirm, enter
from tests.support.people import make_user

pytestmark = pytest.mark.django_db


NEW = "fresh long phrase 31"


def test_password_change_keeps_this_session_and_ends_the_others(client, enrolled, clock):
    user, device, codes = enrolled
    other = Client()
    enter(client, device)
    steps.login(other)
    steps.submit(other, codes[0], recovery=True)
    assert steps.signed_in(other)
    answer = client.post("/accounts/password/change/", {"oldpassword": steps.PASSWORD, "password1": NEW})
    assert answer.url == steps.SECURITY
    assert steps.signed_in(client)
    assert not steps.signed_in(other)
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert mail.outbox[-1].subject == "Your password was changed"


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"oldpassword": "wrong", "password1": NEW}, "oldpassword"),
        ({"oldpassword": steps.PASSWORD, "password1": "short"}, "password1"),
        ({"oldpassword": steps.PASSWORD, "password1": "ada@customer.example"}, "password1"),
        ({"oldpassword": steps.PASSWORD}, "password1"),
        ({}, "oldpassword"),
        ({"oldpassword": "\x00", "password1": "\x00" * 20}, "oldpassword"),
    ],
)
def test_password_change_names_what_is_wrong(ada, data, field):
    answer = ada.post("/accounts/password/change/", data)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_reset_link_works_once(client, enrolled):
    steps.reset_mail(client)
    url = steps.link("password/reset/key")
    client.post(client.get(url).url, {"password1": NEW})
    answer = Client().get(url)
    assert "no longer valid" in steps.text(answer)


def test_reset_ends_every_session(client, enrolled):
    _, device, _ = enrolled
    enter(client, device)
    stranger = Client()
    steps.reset_mail(stranger)
    stranger.post(stranger.get(steps.link("password/reset/key")).url, {"password1": NEW})
    assert not steps.signed_in(client)


@pytest.mark.parametrize("path", ["x-y", "zzzzzzzzzzzzz-abc", "1-" + "a" * 300, "1-a-b-c", "1-set-password"])
def test_forged_reset_links(client, path):
    answer = client.get(f"/accounts/password/reset/key/{path}/")
    assert answer.status_code == 200
    assert "no longer valid" in steps.text(answer)
    assert client.post(f"/accounts/password/reset/key/{path}/", {"password1": NEW}).status_code == 200


def test_reset_reveals_nothing(enrolled):
    known = steps.reset_mail(Client())
    unknown = steps.reset_mail(Client(), "nobody@customer.example")
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert mail.outbox[-1].to == ["nobody@customer.example"]
    assert "/accounts/signup/" in mail.outbox[-1].body


def test_resets_are_limited_per_address(client, enrolled):
    """Strangers cannot take the reset away from the owner: the page is the same, and links that came still work."""
    answers = [steps.reset_mail(client).status_code for _ in range(6)]
    assert answers == [302] * 6
    assert len(mail.outbox) == 3
    assert client.get(steps.link("password/reset/key", mail.outbox[0])).status_code == 302


# -- e-mail address -----------------------------------------------------------------------------------------------


def test_address_changes_after_fresh_code_and_confirmation(ada, enrolled):
    user, device, _ = enrolled
    answer = ada.post("/accounts/email/", {"action_add": "", "email": "new@customer.example"})
    assert answer.url.startswith(REAUTH)
    assert not mail.outbox
    confirm(ada, device, answer.url)  # resumes the change
    assert mail.outbox[-1].to == ["new@customer.example"]
    user.refresh_from_db()
    assert user.email == steps.EMAIL
    assert "new@customer.example" in steps.text(ada.get(steps.SECURITY))
    ada.post(steps.link("confirm-email/"))
    user.refresh_from_db()
    assert user.email == "new@customer.example"
    notices = [message for message in mail.outbox if message.subject == "Your e-mail address was changed"]
    assert sorted(message.to for message in notices) == [[steps.EMAIL], ["new@customer.example"]]


def test_address_of_somebody_else_is_not_taken_and_not_revealed(client, enrolled, clock):
    user, device, _ = enrolled
    other = make_user()
    enter(client, device)
    answer = client.post("/accounts/email/", {"action_add": "", "email": other.email})
    free = client.post("/accounts/email/", {"action_add": "", "email": "free@customer.example"})
    assert (answer.status_code, answer.url) == (free.status_code, free.url)
    user.refresh_from_db()
    assert user.email == steps.EMAIL


@pytest.mark.parametrize("email", ["", "nope", "a" * 250 + "@x.example", "a\x00@x.example", steps.EMAIL])
def test_bad_addresses(client, enrolled, clock, email):
    _, device, _ = enrolled
    enter(client, device)
    answer = client.post("/accounts/email/", {"action_add": "", "email": email})
    assert answer.status_code == 422
    assert "email" in answer.context["form"].errors


# -- profile and sessions -----------------------------------------------------------------------------------------

PROFILE = {"full_name": "Ada Example", "company": "Engines Ltd"}


def test_profile_is_shown_and_changed(ada, enrolled):
    user, _, _ = enrolled
    assert ada.post(steps.SECURITY, PROFILE).url == steps.SECURITY
    user.refresh_from_db()
    assert (user.full_name, user.company) == ("Ada Example", "Engines Ltd")
    assert 'value="Engines Ltd"' in ada.get(steps.SECURITY).content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [("full_name", ""), ("company", "x" * 151), ("full_name", "\x00"), ("full_name", "A\u202eB"), ("company", "A\nB")],
)
def test_bad_profile(ada, field, value):
    answer = ada.post(steps.SECURITY, PROFILE | {field: value})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors


def test_nobody_appoints_oneself(ada, enrolled):
    user, _, _ = enrolled
    ada.post(steps.SECURITY, PROFILE | {"is_staff": "1", "is_superuser": "1", "email": "x@customer.example"})
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser, user.email) == (False, False, steps.EMAIL)


def test_pages_are_not_kept_by_caches(ada):
    assert "no-store" in ada.get(steps.SECURITY).headers["Cache-Control"]


def test_overview_costs_few_queries(ada, django_assert_max_num_queries):
    with django_assert_max_num_queries(19):
        assert ada.get(steps.SECURITY).status_code == 200


# -- security events ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE accounts_securityevent SET action = 'x'",
        "DELETE FROM accounts_securityevent",
        "TRUNCATE accounts_securityevent",
    ],
)
def test_security_events_cannot_be_changed(enrolled, change):
    events.record(user=enrolled[0], action="password.changed", by=enrolled[0])
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # TRUNCATE waits for no deferred check
        with pytest.raises(DatabaseError, match=r"append-only|Cannot|permission denied"), transaction.atomic():
            cursor.execute(change)


def test_a_reset_link_lives_one_hour(client, enrolled, clock):
    steps.reset_mail(client)
    assert "60 minutes" in mail.outbox[-1].body
    url = steps.link("password/reset/key")
    clock.shift(3601)
    assert "no longer valid" in steps.text(client.get(url))
