"""``manage.py migrate`` as the tables' owner; afterwards the application has its rights on every table."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections

from portal.checks import is_public
from portal.core import roles


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        if settings.DATABASE_OWNER is None and is_public():
            raise CommandError(
                "DATABASE_OWNER_URL is not set: the application's role must not own the tables (docs/operations.md)."
            )
        connection = connections[options["database"]]
        with roles.connected_as(connection, settings.DATABASE_OWNER):
            super().handle(*args, **options)
            if options["plan"] or options["check_unapplied"]:
                return
            roles.seal(connection)
            if settings.DATABASE_OWNER is not None:
                roles.grant(connection, settings.DATABASE_ROLE)
