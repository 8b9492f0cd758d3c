"""Plans of the database that do not depend on the planner's mood: what it knows of a table of three rows, and what
other tests have left in its statistics, must not choose for it."""

from django.db import connection, transaction

# Of other projects, so that only the right index leads to few rows.
_ENTRIES = """
INSERT INTO projects_auditentry (project_id, at, actor_kind, actor_label, action, subject, data)
SELECT %s, now(), 'system', 'system', 'a.b', 'another ' || n, '{}' FROM generate_series(1, 4000) AS n
"""


def of(queryset):
    """How a query set is read, when the whole table is not an alternative."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = queryset.explain()
        cursor.execute("SET LOCAL enable_seqscan = on")
    return plan


def fill_trail(project):
    """Thousands of entries about other things."""
    with connection.cursor() as cursor:
        cursor.execute(_ENTRIES, [project.pk])
