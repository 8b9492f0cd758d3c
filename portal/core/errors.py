"""The one way in which a business rule says no. Raised beside the rule, rendered by one handler per edge.

Imports nothing: the process that opens strangers' files raises these, too, and loads no Django.
"""

from http import HTTPStatus
from typing import Any

BAD_REQUEST, INVALID = int(HTTPStatus.BAD_REQUEST), int(HTTPStatus.UNPROCESSABLE_ENTITY)


class DomainError(Exception):
    """A rule refused. ``code`` is stable and documented (docs/errors.md); ``message`` is for people.

    ``field`` names the input at fault, ``status`` is the HTTP status the edges answer with, ``extra`` holds
    facts that a page or a client needs to go on (for instance ``missing`` for a lack of credit).
    """

    def __init__(self, code: str, message: str, *, field: str | None = None, status: int = 409, **extra: Any) -> None:
        super().__init__(message)
        self.code, self.message, self.field, self.status, self.extra = code, message, field, status, extra

    @property
    def page_status(self) -> int:
        """The status in a page, where all invalid input is 422. 400 is the word of the guide's REST calls for it."""
        return INVALID if self.status == BAD_REQUEST else self.status


class NotFound(DomainError):  # noqa: N818  named like the answer
    def __init__(self, message: str = "Not found.", code: str = "not_found") -> None:
        super().__init__(code, message, status=404)


class Forbidden(DomainError):  # noqa: N818
    def __init__(self, message: str = "Your role in this project does not allow this.") -> None:
        super().__init__("forbidden", message, status=403)


class ProjectSuspended(DomainError):  # noqa: N818
    """``reason`` is what staff wrote for the customer."""

    def __init__(self, reason: str) -> None:
        super().__init__("project_suspended", f"This project is suspended by our team: {reason}", status=403)


class ProjectArchived(DomainError):  # noqa: N818
    def __init__(self, message: str = "This project is archived; nothing in it can be changed.") -> None:
        super().__init__("project_archived", message)


class OwnerInactive(DomainError):  # noqa: N818
    def __init__(self) -> None:
        message = (
            "The account of this project’s owner is closed, so its auth tokens do not work. Please contact support."
        )
        super().__init__("owner_inactive", message, status=403)
