"""The admin site: staff only, verified only, no password form of its own; people are read, not edited."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.db import connection
from django.test import Client

from numbers import staff_rights
from portal.accounts.models import SecurityEvent, User
from tests.accounts import steps
from tests.support.people import make_user, sign_in, staff_client, totp

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"


@pytest.fixture
def boss(db):
    return steps.enrolled_person(email="boss@staff.example", is_staff=True, is_superuser=True)


def test_there_is_no_password_form(client, boss):
    assert client.get("/admin/login/").url.startswith(LOGIN)
    answer = client.post("/admin/login/?next=/admin/", {"username": "boss@staff.example", "password": steps.PASSWORD})
    assert answer.url.startswith(LOGIN)
    assert "_auth_user_id" not in client.session


def test_staff_need_the_second_factor(client, boss):
    _, device, _ = boss
    steps.login(client, email="boss@staff.example", next="/admin/")
    assert client.get("/admin/", follow=True).redirect_chain[-1][0].startswith(("/accounts/2fa/", LOGIN))
    assert steps.submit(client, totp(device)).url == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_the_gate_holds_without_our_middleware(client, boss, settings):
    user, _, _ = boss
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "VerifiedLogin" not in name]
    client.force_login(user)
    assert client.get("/admin/").url.startswith("/admin/login/")
    assert client.get("/admin/login/").status_code == 403
    assert client.get("/admin/accounts/user/").status_code == 302


def test_customers_are_refused(client):
    sign_in(client, make_user())
    assert client.get("/admin/", follow=True).status_code == 403


def test_password_is_changed_on_the_portals_page(client, boss):
    sign_in(client, boss[0])
    assert client.get("/admin/password_change/").url == "/accounts/password/change/"


def test_devices_and_their_secrets_are_not_in_the_admin(client, boss):
    user, device, _ = boss
    sign_in(client, user)
    assert "authenticatordevice" not in client.get("/admin/").content.decode()
    assert client.get("/admin/accounts/authenticatordevice/").status_code == 404
    assert device.ciphertext not in client.get(f"/admin/accounts/user/{user.pk}/change/").content.decode()


def test_search_by_the_beginning_of_the_address_uses_the_index(client, boss, django_assert_max_num_queries):
    sign_in(client, boss[0])
    make_user(email="grace@customer.example")
    make_user(email="zoe@customer.example")
    with django_assert_max_num_queries(13):
        answer = client.get("/admin/accounts/user/?q=grace@")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "grace@customer.example" in page
    assert "zoe@customer.example" not in page
    # Enough rows and their statistics: what the planner knows of three rows depends on earlier tests.
    User.objects.bulk_create(User(email=f"somebody{n}@customer.example", full_name="Some Body") for n in range(3000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE accounts_user")
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            f"EXPLAIN {User.objects.filter(email__startswith='grace').query}".replace("LIKE grace%", "LIKE 'grace%%'")
        )
        assert "_like" in "".join(row[0] for row in cursor.fetchall())


def test_nobody_edits_what_belongs_to_the_person(client, boss):
    sign_in(client, boss[0])
    other = make_user()
    client.post(
        f"/admin/accounts/user/{other.pk}/change/",
        {"email": "x@customer.example", "full_name": "X", "password": "x", "is_active": "on"},
    )
    before, other = other, User.objects.get(pk=other.pk)
    assert (other.email, other.full_name, other.password) == (before.email, before.full_name, before.password)
    assert client.get("/admin/accounts/user/add/").status_code == 403
    assert client.post(f"/admin/accounts/user/{other.pk}/delete/", {"post": "yes"}).status_code == 403


def test_a_superuser_resets_a_second_factor_with_a_trace(client, boss):
    user, device, _ = steps.enrolled_person()
    theirs = Client()
    steps.login(theirs)
    steps.submit(theirs, totp(device))
    assert steps.signed_in(theirs)
    sign_in(client, boss[0])
    client.post("/admin/accounts/user/", {"action": "reset_second_factor", "_selected_action": [user.pk]})
    assert not steps.signed_in(theirs)
    steps.login(theirs)
    assert theirs.get("/accounts/2fa/").url == "/accounts/2fa/enrol/"
    entry = LogEntry.objects.get()
    assert (entry.user, entry.object_id, entry.change_message) == (boss[0], str(user.pk), "Second factor reset.")
    assert (mail.outbox[-1].to, mail.outbox[-1].subject) == ([steps.EMAIL], "Your second factor was removed")


@pytest.fixture
def clerk(client):
    return staff_client("Provisioning", client)


def test_teams_see_people_and_change_nothing(clerk):
    user, device, _ = steps.enrolled_person()
    assert clerk.get(f"/admin/accounts/user/{user.pk}/change/").status_code == 200
    assert clerk.post(f"/admin/accounts/user/{user.pk}/change/", {"is_superuser": "on"}).status_code == 403
    clerk.post("/admin/accounts/user/", {"action": "reset_second_factor", "_selected_action": [user.pk]})
    device.refresh_from_db()
    assert not User.objects.get(pk=user.pk).is_superuser


def test_teams_exist_with_rights_to_look():
    def rights(name):
        return set(Group.objects.get(name=name).permissions.values_list("content_type__app_label", "codename"))

    provisioning, billing = rights("Provisioning"), rights("Billing")
    assert ("numbers", "view_number") in provisioning & billing
    assert ("accounts", "view_user") in provisioning & billing
    assert ("billing", "view_transfer") in billing
    assert not [right for right in provisioning if right[0] == "billing"]
    changes = {right for right in provisioning | billing if not right[1].startswith("view_")}
    suspend, price = ("projects", "suspend_project"), ("billing", "add_callprice")
    granted = {
        team: {("numbers", codename) for codename, each in staff_rights.GRANTS if each == team}
        for team in ("Provisioning", "Billing", "Network")
    }
    assert changes == granted["Provisioning"] | granted["Billing"] | {suspend, price}
    assert changes & billing == {suspend, price} | granted["Billing"]
    assert rights("Network") == granted["Network"]
    assert not {("numbers", "add_switchcredential"), ("numbers", "change_switchcredential")} & changes
    assert suspend not in provisioning
    assert not {"view_authenticatordevice", "view_recoverycode", "view_authtoken", "view_switchsecret"} & {
        codename for _, codename in provisioning | billing
    }
    assert Permission.objects.filter(codename="view_authtoken").exists()


# -- what a superuser changes ---------------------------------------------------------------------------------------


@pytest.fixture
def at_work(client, boss):
    return sign_in(client, boss[0])


def save_rights(client, user, **data):
    return client.post(f"/admin/accounts/user/{user.pk}/change/", data)


def test_putting_an_account_on_hold_is_noted_and_mailed_and_ends_its_sessions(at_work, boss):
    user, device, _ = steps.enrolled_person()
    theirs, pending = Client(), Client()
    steps.login(theirs)
    steps.submit(theirs, totp(device))
    steps.login(pending)
    assert steps.signed_in(theirs)
    assert save_rights(at_work, user, reason="Unpaid for months").status_code == 302
    assert not steps.signed_in(theirs)
    assert pending.get("/accounts/2fa/").url == "/accounts/login/"
    event = SecurityEvent.objects.get(user=user, action="staff.closed")
    assert (event.actor, event.actor_kind, event.data["reason"]) == (boss[0], "staff", "Unpaid for months")
    assert mail.outbox[-1].to == [steps.EMAIL]
    assert "was suspended" in mail.outbox[-1].body
    assert "Unpaid for months" in mail.outbox[-1].body
    save_rights(at_work, user, is_active="on")
    assert not steps.signed_in(theirs)  # the old session does not come back
    assert "was reinstated" in mail.outbox[-1].body


def test_appointing_somebody_is_noted_and_mailed(at_work):
    user = make_user()
    team = Group.objects.get(name="Billing")
    save_rights(at_work, user, is_active="on", is_staff="on", groups=[team.pk])
    body = mail.outbox[-1].body
    assert "You now have access to the staff pages." in body
    assert "You joined the team Billing." in body
    save_rights(at_work, user, is_active="on")
    assert "You left the team Billing." in mail.outbox[-1].body
    assert SecurityEvent.objects.filter(user=user, action="staff.rights").count() == 2


def test_saving_without_a_change_mails_nobody(at_work):
    user = make_user()
    save_rights(at_work, user, is_active="on", reason="just looking")
    assert not mail.outbox
    assert not SecurityEvent.objects.exists()


def change_email(client, user, email="new@customer.example", reason="Lost the mailbox"):
    return client.post(f"/admin/accounts/user/{user.pk}/email/", {"email": email, "reason": reason})


def test_a_new_address_by_staff_is_told_to_both_and_confirmed_by_its_owner(at_work, boss):
    user, device, _ = steps.enrolled_person()
    theirs = Client()
    steps.login(theirs)
    steps.submit(theirs, totp(device))
    assert "Change the e-mail address" in at_work.get(f"/admin/accounts/user/{user.pk}/change/").content.decode()
    assert at_work.get(f"/admin/accounts/user/{user.pk}/email/").status_code == 200
    assert change_email(at_work, user).status_code == 302
    assert sorted(message.to[0] for message in mail.outbox[-2:]) == [steps.EMAIL, "new@customer.example"]
    assert "Lost the mailbox" in mail.outbox[-1].body
    assert not steps.signed_in(theirs)
    event = SecurityEvent.objects.get(user=user, action="staff.email")
    assert event.data == {"reason": "Lost the mailbox", "before": steps.EMAIL, "after": "new@customer.example"}
    assert LogEntry.objects.get().change_message == "E-mail address changed."
    assert steps.login(theirs).status_code == 422  # the old address is nobody's
    assert steps.login(theirs, email="new@customer.example").url == "/accounts/confirm-email/"
    theirs.post(steps.link("confirm-email/"))
    assert steps.login(theirs, email="new@customer.example").url == "/accounts/2fa/"


@pytest.mark.parametrize(
    ("email", "reason", "field"),
    [("taken@customer.example", "x", "email"), ("nope", "x", "email"), ("new@customer.example", "", "reason")],
)
def test_a_new_address_needs_to_be_free_and_a_reason(at_work, email, reason, field):
    make_user(email="taken@customer.example")
    user = make_user()
    answer = change_email(at_work, user, email, reason)
    assert answer.status_code == 422
    assert field in answer.context_data["form"].errors
    user.refresh_from_db()
    assert user.email not in (email, "taken@customer.example")
    assert not mail.outbox


def test_teams_change_no_address(clerk):
    user = make_user()
    assert change_email(clerk, user).status_code == 403
    assert clerk.get(f"/admin/accounts/user/{user.pk}/email/").status_code == 403
