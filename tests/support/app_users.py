"""App users of a project, added by the front door."""

from datetime import UTC, datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from projects.actor import SYSTEM
from projects.app_users import importing, services
from projects.app_users.models import AppUser, AppUserImport
from projects.app_users.passwords import encrypted
from projects.models import Project

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def add_app_user(project: Project, username: str = "alice", **given: Any) -> services.NewPassword:
    return services.add(project=project, username=username, by=SYSTEM, **{"now": NOW} | given)


def many_app_users(project: Project, count: int) -> None:
    """Straight into the table: user0001 …, all with one password."""
    ciphertext = encrypted("correct-horse-battery")
    AppUser.objects.bulk_create(
        AppUser(project=project, username=f"user{n:05}", display_name=f"Person {n}", sip_password=ciphertext)
        for n in range(count)
    )


def start_import(project: Project, text: str, **given: Any) -> AppUserImport:
    """A file whose rows wait for the workers."""
    values: dict[str, Any] = {"by": SYSTEM, "now": NOW} | given
    file = SimpleUploadedFile("staff.csv", text.encode())
    return importing.start(project=project, file=file, **values)
