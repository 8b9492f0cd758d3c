"""Two changes of a project's keys at the same moment: the second finds the keys as the first left them."""

import pytest
from django.db import transaction

from portal.core.errors import DomainError
from projects import tokens
from projects.actor import SYSTEM
from projects.models import AuditEntry, Project
from tests.support.crowd import Beside, at_once, wait_until_it_waits

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]
ACTIONS = {"promote": tokens.promote, "revoke": tokens.revoke_secondary, "rotate": tokens.rotate}
# What the second meets, and the slots that are live in the end.
MEETINGS = {
    ("promote", "promote"): ("token_no_secondary", {"primary"}),
    ("promote", "revoke"): ("token_no_secondary", {"primary"}),
    ("promote", "rotate"): ("done", {"primary", "secondary"}),
    ("revoke", "promote"): ("token_no_secondary", {"primary"}),
    ("revoke", "revoke"): ("token_no_secondary", {"primary"}),
    ("revoke", "rotate"): ("done", {"primary", "secondary"}),
}  # fmt: skip


@pytest.fixture
def project(project):
    tokens.rotate(project=project, by=SYSTEM)
    return project


def do(action, project):
    """As a request does it: with the project that its page had read."""
    try:
        ACTIONS[action](project=Project.objects.get(pk=project.pk), by=SYSTEM)
    except DomainError as refusal:
        return refusal.code
    return "done"


def meet(first, second, project):
    """``first`` is done but not committed when ``second`` begins. What came of the second."""
    with transaction.atomic():
        assert do(first, project) == "done"
        late = Beside(lambda: do(second, project))
        wait_until_it_waits(late)
    return late.result()


@pytest.mark.parametrize(("first", "second"), MEETINGS)
def test_the_second_finds_what_the_first_did(first, second, project):
    outcome, live = MEETINGS[first, second]
    assert meet(first, second, project) == outcome
    assert set(tokens.live(project)) == live
    assert all(token.ciphertext for token in tokens.live(project).values())


@pytest.mark.parametrize("action", ["promote", "revoke"])
def test_a_crowd_does_it_once(action, project):
    results = at_once([lambda: do(action, project)] * 8)
    assert sorted(results) == ["done"] + ["token_no_secondary"] * 7
    event = {"promote": "token.promoted", "revoke": "token.revoked"}[action]
    assert AuditEntry.objects.filter(project=project, action=event).count() == 1


class TestNegativeControl:
    """Without the lock on the project."""

    @pytest.fixture(autouse=True)
    def _without_lock(self, monkeypatch):
        monkeypatch.setattr(tokens, "lock_project", lambda project_id: None)

    def test_a_token_is_promoted_twice(self, project):
        assert meet("promote", "promote", project) == "done"
        assert AuditEntry.objects.filter(project=project, action="token.promoted").count() == 2

    def test_a_revoke_leaves_the_project_without_any_token(self, project):
        assert meet("promote", "revoke", project) == "done"
        assert tokens.live(project) == {}
