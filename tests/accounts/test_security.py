"""Account & security: fresh authentication, changes of password, address and second factor, sessions."""

import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.test import Client

from portal.accounts import events
from portal.accounts.models import AuthenticatorDevice
from tests.accounts import steps
from tests.support.people import make_user, totp

pytestmark = pytest.mark.django_db
REAUTH, CODES, REPLACE = "/accounts/2fa/reauthenticate/", "/accounts/2fa/recovery-codes/", "/accounts/2fa/replace/"


def enter(client, device):
    steps.login(client)
    assert steps.submit(client, totp(device)).status_code == 302


@pytest.fixture
def ada(client, enrolled, clock):
    """Signed in ten minutes ago: no longer fresh."""
    _, device, _ = enrolled
    enter(client, device)
    clock.shift(600)
    return client


def confirm(client, device, url):
    return client.post(url, {"code": totp(device)})


# -- fresh authentication -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", [CODES, REPLACE])
def test_sensitive_pages_ask_for_a_fresh_code(ada, enrolled, clock, url):
    _, device, _ = enrolled
    for ask in (ada.get, ada.post):
        answer = ask(url)
        assert answer.url.startswith(REAUTH)
    answer = confirm(ada, device, f"{REAUTH}?next={url}")
    assert answer.status_code in (200, 302)
    assert ada.get(url).status_code == 200
    clock.shift(301)
    assert ada.get(url).url.startswith(REAUTH)


def test_a_sign_in_counts_as_fresh(client, enrolled, clock):
    _, device, _ = enrolled
    enter(client, device)
    assert client.get(CODES).status_code == 200
    clock.shift(301)
    assert client.get(CODES).status_code == 302


def test_the_password_is_not_an_accepted_method(ada):
    answer = ada.post(f"/accounts/reauthenticate/?next={CODES}", {"password": steps.PASSWORD})
    assert answer.url.startswith(REAUTH)
    assert ada.get(CODES).url.startswith(REAUTH)


def test_a_used_code_is_not_fresh(client, enrolled, clock):
    _, device, _ = enrolled
    enter(client, device)
    token = totp(device)
    clock.shift(20)
    assert client.post(f"{REAUTH}?next={CODES}", {"code": token}).status_code == 200


def test_a_recovery_code_is_fresh_too(ada, enrolled):
    _, _, codes = enrolled
    assert ada.post(f"{REAUTH}?recovery=1&next={CODES}", {"code": codes[0]}).url == CODES
    assert ada.get(CODES).status_code == 200


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/x", "javascript:alert(1)"])
def test_confirming_never_leads_off_the_site(ada, enrolled, target):
    _, device, _ = enrolled
    assert confirm(ada, device, f"{REAUTH}?next={target}").url == "/projects/"


# -- recovery codes and authenticator -----------------------------------------------------------------------------


def test_new_recovery_codes_replace_the_old_when_they_are_saved(client, enrolled, clock):
    user, device, old = enrolled
    enter(client, device)
    fresh = steps.shown_codes(client.get(CODES))
    assert len(fresh) == 10
    assert not set(fresh) & set(old)
    assert client.post(CODES).status_code == 200
    assert user.recoverycodedevice_set.get().verify_token(old[0])
    assert client.post(CODES, {"saved": "on"}).url == steps.SECURITY
    assert not user.recoverycodedevice_set.get().verify_token(old[1])
    clock.shift(5)
    assert user.recoverycodedevice_set.get().verify_token(fresh[0])
    assert mail.outbox[-1].subject == "Your recovery codes were replaced"


def test_a_new_app_replaces_the_old_and_ends_its_other_sessions(client, enrolled, clock):
    user, device, _ = enrolled
    other = Client()
    enter(other, device)
    clock.shift(40)
    enter(client, device)
    page = client.get(REPLACE)
    pending = AuthenticatorDevice.objects.get(confirmed=False)
    assert steps.shown_secret(page) == pending.base32
    assert client.post(REPLACE, {"code": "000000"}).status_code == 200
    assert steps.signed_in(other)
    clock.shift(5)
    assert client.post(REPLACE, {"code": totp(pending)}).url == steps.SECURITY
    assert steps.signed_in(client)
    assert not steps.signed_in(other)
    assert AuthenticatorDevice.objects.get(user=user) == pending
    assert mail.outbox[-1].subject == "Your authenticator app was replaced"


# -- password -----------------------------------------------------------------------------------------------------

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
    assert answer.status_code == 200
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
    assert answer.status_code == 200
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
    assert answer.status_code == 200
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
