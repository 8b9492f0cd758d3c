"""The trail stays as it was written, even for the owner of the tables."""

import pytest
from django.db import DatabaseError, connection, transaction

from projects import services
from projects.actor import SYSTEM
from projects.models import AuditEntry
from tests.support.people import actor, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("as_owner")]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE projects_auditentry SET actor_label = 'somebody else'",
        "UPDATE projects_auditentry SET at = now()",
        "UPDATE projects_auditentry SET action = 'nothing.happened', subject = '', data = '{}'",
        "UPDATE projects_auditentry SET ip = '192.0.2.1'",
        "UPDATE projects_auditentry SET actor_user_id = (SELECT max(id) FROM accounts_user)",
        "DELETE FROM projects_auditentry",
        "TRUNCATE projects_auditentry",
    ],
)
@pytest.mark.parametrize("has_author", [True, False])
def test_the_database_refuses_to_change_the_trail(sql, has_author):
    """An entry that names a person is kept by a second trigger, too; the system's is not."""
    user = make_user()
    project = services.create_project(name="Acme", owner=user, by=actor(user) if has_author else SYSTEM)
    make_user()
    before = AuditEntry.objects.values().get()
    refusal = pytest.raises(DatabaseError, match=r"append-only|Cannot (update|delete) rows")
    with refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or TRUNCATE would fail over pending foreign keys
        cursor.execute(sql)
    assert AuditEntry.objects.filter(project=project).values().get() == before
