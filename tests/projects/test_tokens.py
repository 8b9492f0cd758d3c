from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from portal.core.errors import DomainError
from projects import tokens
from projects.actor import SYSTEM
from projects.models import AuditEntry, AuthToken, Project, new_pid
from tests.support.crowd import at_once
from tests.support.projects import make_project
from tests.support.refusals import refused

NOW = datetime(2026, 11, 3, 12, tzinfo=UTC)


def clear(project, slot="primary"):
    return tokens.reveal(project=project, slot=slot, by=SYSTEM)


def actions(project):
    return list(AuditEntry.objects.filter(project=project).order_by("id").values_list("action", "subject"))


def test_a_token_has_a_known_prefix_and_a_checksum():
    token = tokens.new_secret()
    assert token.startswith("ptk_")
    assert len(token) == 42
    assert tokens.is_well_formed(token)


def test_a_mistyped_token_fails_its_checksum():
    token = tokens.new_secret()
    for place in range(4, 42):
        other = "a" if token[place] != "a" else "b"
        assert not tokens.is_well_formed(token[:place] + other + token[place + 1 :])


@given(st.text())
def test_nothing_typed_at_random_is_a_token(text):
    assert not tokens.is_well_formed(text)


@pytest.mark.django_db
def test_no_table_holds_the_token_in_clear():
    project = make_project()
    tokens.rotate(project=project, by=SYSTEM)
    secrets = [clear(project), clear(project, "secondary")]
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        assert "projects_authtoken" in tables
        for table in tables:
            cursor.execute(f'SELECT row_to_json(t)::text FROM "{table}" t')
            rows = " ".join(row for (row,) in cursor.fetchall())
            for secret in secrets:
                # Neither the whole nor its random part; the hint of four characters is all there is.
                assert secret not in rows
                assert secret[4:36] not in rows


@pytest.mark.django_db
def test_each_project_gets_its_own_pair():
    first, second = make_project(), make_project()
    assert first.pid != second.pid
    assert clear(first) != clear(second)
    assert tokens.authenticate(first.pid, clear(second)) is None


@pytest.mark.django_db
def test_the_right_pair_opens_the_project():
    project = make_project()
    found = tokens.authenticate(project.pid, clear(project))
    assert found is not None
    assert found[0] == project
    assert found[1].slot == "primary"


WRONG = ["", "ptk_", "\x00", "ptk_\x00", "\ud800", "ключ", "x" * 100_000, None, 7, 1.5, ["a"], {"a": 1}, True, b"ptk_"]


@pytest.mark.django_db
@pytest.mark.parametrize("wrong", WRONG, ids=lambda value: repr(value)[:20])
def test_what_is_not_a_pair_is_refused_and_does_no_harm(wrong):
    project = make_project()
    assert tokens.authenticate(project.pid, wrong) is None
    assert tokens.authenticate(wrong, clear(project)) is None
    assert tokens.authenticate(wrong, wrong) is None


@pytest.mark.django_db
@pytest.mark.parametrize("behind", ["\x00", "\n", " ", "x"])
def test_a_pair_is_right_to_the_last_character(behind):
    project = make_project()
    assert tokens.authenticate(project.pid + behind, clear(project)) is None
    assert tokens.authenticate(project.pid, clear(project) + behind) is None


@pytest.mark.django_db
def test_an_unknown_project_takes_the_same_path_as_a_wrong_token(monkeypatch, django_assert_num_queries):
    project, compared = make_project(), []

    def spy(one, other):
        compared.append((len(one), len(other)))
        return one == other

    monkeypatch.setattr(tokens, "constant_time_compare", spy)
    for pid in (project.pid, new_pid()):
        with django_assert_num_queries(1):
            assert tokens.authenticate(pid, tokens.new_secret()) is None
    assert compared == [(64, 64), (64, 64)]


@pytest.mark.django_db
def test_use_is_noted_at_most_once_a_minute(django_assert_num_queries):
    project = make_project()
    token = clear(project)
    tokens.authenticate(project.pid, token, now=NOW)
    assert project.tokens.get().last_used_at == NOW
    with django_assert_num_queries(1):
        tokens.authenticate(project.pid, token, now=NOW + timedelta(seconds=59))
    assert project.tokens.get().last_used_at == NOW
    with django_assert_num_queries(4):  # and a savepoint: the note may get lost
        tokens.authenticate(project.pid, token, now=NOW + timedelta(seconds=60))
    assert project.tokens.get().last_used_at == NOW + timedelta(seconds=60)


@pytest.mark.django_db
def test_a_failed_attempt_is_not_a_use():
    project = make_project()
    tokens.authenticate(project.pid, tokens.new_secret(), now=NOW)
    assert project.tokens.get().last_used_at is None


@pytest.mark.django_db
def test_use_is_noted_of_the_token_that_was_used():
    project = make_project()
    tokens.rotate(project=project, by=SYSTEM)
    tokens.authenticate(project.pid, clear(project, "secondary"), now=NOW)
    used = dict(project.tokens.values_list("slot", "last_used_at"))
    assert used == {"primary": None, "secondary": NOW}


@pytest.mark.django_db
def test_rotation_lets_both_work_then_promotion_kills_the_old():
    project = make_project()
    old = clear(project)
    tokens.rotate(project=project, by=SYSTEM)
    new = clear(project, "secondary")
    assert old != new
    assert tokens.authenticate(project.pid, old)
    assert tokens.authenticate(project.pid, new)
    tokens.promote(project=project, by=SYSTEM)
    assert tokens.authenticate(project.pid, old) is None
    assert tokens.authenticate(project.pid, new)[1].slot == "primary"
    assert clear(project) == new
    assert actions(project)[-2:] == [("token.promoted", f"…{new[-4:]}"), ("token.revealed", f"…{new[-4:]}")]
    facts = dict(project.audit_entries.order_by("id").values_list("action", "data"))
    assert facts["token.promoted"] == {"revoked": f"…{old[-4:]}"}
    assert facts["token.revealed"] == {"slot": "primary"}  # the last one


@pytest.mark.django_db
def test_a_revoked_secondary_no_longer_works_and_the_primary_does():
    project = make_project()
    tokens.rotate(project=project, by=SYSTEM)
    new = clear(project, "secondary")
    tokens.revoke_secondary(project=project, by=SYSTEM)
    assert tokens.authenticate(project.pid, new) is None
    assert tokens.authenticate(project.pid, clear(project))
    of_it = f"…{new[-4:]}"
    assert actions(project)[1:4] == [("token.created", of_it), ("token.revealed", of_it), ("token.revoked", of_it)]


@pytest.mark.django_db
def test_nothing_of_a_revoked_token_can_be_revealed():
    project = make_project()
    tokens.rotate(project=project, by=SYSTEM)
    tokens.revoke_secondary(project=project, by=SYSTEM)
    with pytest.raises(DomainError, match="no longer exists"):
        clear(project, "secondary")
    assert AuthToken.objects.get(revoked_at__isnull=False).ciphertext == ""


@pytest.mark.django_db
def test_rotation_refuses_what_makes_no_sense():
    project = make_project()
    for act in (tokens.promote, tokens.revoke_secondary):
        refused("token_no_secondary", act, project=project, by=SYSTEM)
    tokens.rotate(project=project, by=SYSTEM)
    refused("token_rotation_running", tokens.rotate, project=project, by=SYSTEM)
    assert project.tokens.count() == 2


@pytest.mark.django_db
def test_the_database_keeps_one_live_token_per_slot():
    project = make_project()
    with pytest.raises(IntegrityError, match="one_live_token_per_slot"), transaction.atomic():
        tokens.issue(project=project, slot="primary", by=SYSTEM)
    with pytest.raises(IntegrityError, match="token_slot_known"), transaction.atomic():
        tokens.issue(project=project, slot="third", by=SYSTEM)


@pytest.mark.django_db
def test_a_token_made_with_an_older_key_is_still_revealed(settings):
    from cryptography.fernet import Fernet

    project = make_project()
    before = clear(project)
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.ENCRYPTION_KEYS]
    assert clear(project) == before


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_simultaneous_rotations_add_one_secondary():
    project = make_project()
    results = at_once([lambda: tokens.rotate(project=Project.objects.get(pk=project.pk), by=SYSTEM)] * 6)
    assert Counter(getattr(each, "code", "made") for each in results) == {"made": 1, "token_rotation_running": 5}
    assert project.tokens.filter(slot="secondary").count() == 1
