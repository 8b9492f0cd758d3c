"""Adding, naming, deactivating app users, and their passwords."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest

from projects.actor import SYSTEM
from projects.app_users import services
from projects.app_users.models import AppUser
from projects.app_users.passwords import new_password
from projects.models import AuditEntry, Project
from tests.support.app_users import NOW, add_app_user, many_app_users
from tests.support.crowd import at_once, tally
from tests.support.projects import make_project
from tests.support.refusals import refusal, refused, violates

pytestmark = pytest.mark.django_db


def trail(project):
    return list(
        AuditEntry.objects.filter(project=project, action__startswith="app_user.")
        .order_by("id")
        .values_list("action", "subject")
    )


class TestUsernames:
    @pytest.mark.parametrize(
        ("typed", "kept"),
        [
            ("alice", "alice"),
            ("  Alice.Winter \n", "alice.winter"),
            ("4711", "4711"),
            ("+442079460018", "+442079460018"),
            ("a", "a"),
            ("a-_.!~*()&=+$,;?/", "a-_.!~*()&=+$,;?/"),
            ("X" * 64, "x" * 64),
        ],
    )
    def test_the_user_part_of_a_sip_address_in_lower_case(self, project, typed, kept):
        assert add_app_user(project, typed).app_user.username == kept

    @pytest.mark.parametrize(
        ("typed", "code", "words"),
        [
            ("", "app_username_missing", "Enter the App Username"),
            (" \t", "app_username_missing", "Enter the App Username"),
            ("x" * 65, "app_username_too_long", "at most 64 characters; this one has 65"),
            ("Alice@customer.example", "app_username_invalid", "only the part before the @: alice"),
            ("sip:alice@customer.example", "app_username_invalid", "only the part before the @: alice"),
            ("@", "app_username_invalid", "only the part before the @."),
            ("sip:alice", "app_username_invalid", "Leave out “sip:”"),
            ("alice winter", "app_username_invalid", "no spaces"),
            ("alice\u00a0winter", "app_username_invalid", "no spaces"),
            ("o'hara", "app_username_invalid", "no apostrophe"),
            ("o’hara", "app_username_invalid", "no apostrophe"),
            ("müller", "app_username_invalid", "“ü”"),
            ("ali\x00ce", "app_username_invalid", "U+0000"),
            ("ali\u200bce", "app_username_invalid", "U+200B"),
            ("ali\u212aa", "app_username_invalid", "\u212a"),  # the sign for Kelvin, which is a k in lower case
            ('a"b', "app_username_invalid", '“"”'),
            ("<a>", "app_username_invalid", "“<”"),
            ("a%20b", "app_username_invalid", "“%”"),
            ("..", "app_username_invalid", "at least one letter or digit"),
        ],
    )
    def test_what_cannot_be_one_is_explained(self, project, typed, code, words):
        error = refusal(add_app_user, project, typed)
        assert (error.code, error.field, error.page_status) == (code, "username", 422)
        assert words in error.message
        assert not AppUser.objects.exists()

    def test_taken_in_any_case_and_only_in_its_project(self, project):
        first = add_app_user(project, "alice").app_user
        assert refused("app_username_taken", add_app_user, project, "ALICE").field == "username"
        assert add_app_user(make_project(), "alice").app_user != first
        services.deactivate(app_user=first, by=SYSTEM, now=NOW)
        assert "Activate that one" in refused("app_username_taken", add_app_user, project, "alice").message

    @pytest.mark.django_db(transaction=True)
    def test_two_at_once_add_one(self, project):
        results = at_once([lambda: add_app_user(project, "alice")] * 4)
        assert tally(results) == {"NewPassword": 1, "app_username_taken": 3}
        assert len(trail(project)) == 1


class TestAdding:
    def test_the_password_is_strong_typeable_and_encrypted(self, project):
        added = add_app_user(project)
        assert re.fullmatch(r"[2-9a-hjkmnp-z]{5}(-[2-9a-hjkmnp-z]{5}){3}", added.password)
        row = AppUser.objects.get()
        assert added.password not in row.sip_password
        assert "password" not in str(AuditEntry.objects.filter(action="app_user.added").get().data)
        assert len({new_password() for _ in range(100)}) == 100

    def test_a_double_click_adds_once_and_shows_the_same_password(self, project):
        key = uuid4()
        first = add_app_user(project, creation_key=key)
        assert add_app_user(project, creation_key=key, now=NOW + timedelta(seconds=59)).password == first.password
        later = {"creation_key": key, "now": NOW + timedelta(seconds=60)}
        refused("app_username_taken", add_app_user, project, **later)
        refused("app_username_taken", add_app_user, project, creation_key=uuid4())
        assert trail(project) == [("app_user.added", "alice")]

    @pytest.mark.parametrize(
        ("typed", "kept"), [("  Ada  Winter\n", "Ada Winter"), ("", ""), ("日本", "日本"), ("x" * 80, "x" * 80)]
    )
    def test_display_names(self, project, typed, kept):
        assert add_app_user(project, display_name=typed).app_user.display_name == kept

    @pytest.mark.parametrize("typed", ["x" * 81, "a\u202eb", "a\x00b"])
    def test_display_names_that_cannot_be_shown(self, project, typed):
        assert refused("display_name_invalid", add_app_user, project, display_name=typed).field == "display_name"

    def test_there_is_a_limit_of_active_ones_with_a_way_out(self, project, by, settings):
        settings.APP_USERS_PER_PROJECT = 2
        many_app_users(project, 2)
        error = refused("app_user_limit", add_app_user, project)
        assert "at most 2 active app users" in error.message
        assert settings.SUPPORT_EMAIL in error.message
        one = AppUser.objects.first()
        services.deactivate(app_user=one, by=by, now=NOW)
        add_app_user(project)
        refused("app_user_limit", services.activate, app_user=one, by=by)

    @pytest.mark.parametrize("status", [Project.Status.ARCHIVED, Project.Status.SUSPENDED])
    def test_nothing_changes_in_a_project_that_is_not_active(self, project, by, status):
        app_user = add_app_user(project).app_user
        away = {"suspended_at": NOW, "suspended_from": "active", "suspension_reason": "Fraud."}
        Project.objects.update(status=status, **(away if status == Project.Status.SUSPENDED else {}))
        code = f"project_{status}"
        refused(code, add_app_user, project, "bob")
        refused(code, services.edit, app_user=app_user, display_name="x", by=by)
        refused(code, services.deactivate, app_user=app_user, by=by, now=NOW)
        refused(code, services.activate, app_user=app_user, by=by)
        refused(code, services.reset_password, app_user=app_user, by=by, now=NOW)
        assert trail(project) == [("app_user.added", "alice")]


class TestChanging:
    def test_each_change_is_recorded_once(self, project, by):
        app_user = add_app_user(project, display_name="Ada").app_user
        for _ in range(2):
            services.edit(app_user=app_user, display_name=" Ada  Winter", by=by)
        for _ in range(2):
            services.deactivate(app_user=app_user, by=by, now=NOW)
        row = AppUser.objects.get()
        assert (row.display_name, row.is_active, row.deactivated_at) == ("Ada Winter", False, NOW)
        for _ in range(2):
            services.activate(app_user=app_user, by=by)
        row.refresh_from_db()
        assert (row.is_active, row.deactivated_at) == (True, None)
        actions = ["app_user.added", "app_user.edited", "app_user.deactivated", "app_user.activated"]
        assert trail(project) == [(action, "alice") for action in actions]
        assert AuditEntry.objects.get(action="app_user.edited").data == {"before": "Ada", "after": "Ada Winter"}

    def test_a_reset_makes_another_password(self, project, by):
        added = add_app_user(project)
        later = NOW + timedelta(days=1)
        reset = services.reset_password(app_user=added.app_user, by=by, now=later)
        assert reset.password != added.password
        assert AppUser.objects.get().password_set_at == later
        assert trail(project)[-1] == ("app_user.password_reset", "alice")


class TestTable:
    def test_no_username_that_a_header_may_not_hold(self, project):
        app_user = add_app_user(project).app_user
        for bad in ("Alice", "a b", "a'b", 'a"b', "a<b", "a\nb", "a@b", "", "..", "é"):
            violates("app_user_username", "UPDATE projects_appuser SET username = %s WHERE id = %s", [bad, app_user.pk])

    def test_one_per_username(self, project):
        other = add_app_user(project, "bob").app_user
        add_app_user(project)
        violates(
            "one_app_user_per_username", "UPDATE projects_appuser SET username = 'alice' WHERE id = %s", [other.pk]
        )

    def test_a_deactivation_has_its_time(self, project):
        add_app_user(project)
        violates("app_user_deactivated_at", "UPDATE projects_appuser SET is_active = false")
        violates("app_user_deactivated_at", "UPDATE projects_appuser SET deactivated_at = now()")
