"""What may be uploaded: the name, the expiry date, how many files a project has and has waiting."""

from datetime import date, timedelta

from django.conf import settings

from numbers.documents.models import Document
from numbers.regulations.models import DocumentType
from portal.core.errors import DomainError
from portal.core.names import UNREADABLE, is_readable
from projects.models import Project

NAME_LENGTH = 80
LONGEST_VALIDITY = timedelta(days=50 * 365)
CHECKED_AT_ONCE = 10  # files of a project that may wait for their inspection


def clean_name(name: str) -> str:
    """On one line, with single spaces. Raises ``document_name_invalid`` (field ``name``)."""
    name = name.strip().replace("\t", " ")
    readable, name = is_readable(name), " ".join(name.split())
    if not name:
        message = "Give the document a name, for instance “Passport of Ada Example”."
    elif len(name) > NAME_LENGTH:
        message = f"The name has {len(name)} characters; at most {NAME_LENGTH} are possible."
    elif not readable:
        message = UNREADABLE
    else:
        return name
    raise DomainError("document_name_invalid", message, field="name", status=422)


def clean_expiry(type: DocumentType, expires_on: date | None, today: date) -> date | None:
    if expires_on is None:
        if type.has_expiry:
            raise DomainError(
                "document_expiry_missing",
                "Enter the expiry date shown on the document.",
                field="expires_on",
                status=422,
            )
        return None
    if expires_on <= today:
        message = "This document has expired. Upload one that is still valid."
    elif expires_on - today > LONGEST_VALIDITY:
        message = "No document is valid for that long. Check the expiry date."
    else:
        return expires_on
    raise DomainError("document_expiry_invalid", message, field="expires_on", status=422)


def check_limits(project: Project) -> None:
    there = Document.objects.filter(project=project, withdrawn_at=None, purged_at=None)
    live = there.count()
    if live >= settings.DOCUMENTS_PER_PROJECT:
        raise DomainError(
            "document_limit",
            f"This project has {live} documents, which is the limit. Withdraw documents that are no longer needed.",
            field="file",
        )
    if there.filter(inspection=Document.Inspection.PENDING).count() >= CHECKED_AT_ONCE:
        raise DomainError(
            "documents_being_checked",
            f"{CHECKED_AT_ONCE} files of this project are still being checked. Please wait until that is done.",
            field="file",
        )


def by_upload_key(project: Project, upload_key: str | None) -> Document | None:
    return Document.objects.filter(project=project, upload_key=upload_key).first() if upload_key else None
