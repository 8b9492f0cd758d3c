"""Why a file is not taken. Raised beside the rule, also in the inspecting process, which loads no Django."""

from projects.errors import DomainError


class DocumentRefused(DomainError):  # noqa: N818  named like the answer
    """The file itself is at fault: ``field`` is ``file``, the status 422. The message says what to do about it."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(code, message, field="file", status=422)


def too_large(megabytes: int) -> DocumentRefused:
    return DocumentRefused(
        f"The file is too large: at most {megabytes} MB. Scan it in grey or with 200 dpi, or send fewer pages.",
        code="document_too_large",
    )


def too_complex() -> DocumentRefused:
    return DocumentRefused(
        "The file takes too much work to open. Print it to PDF, or photograph the paper, and upload that.",
        code="document_too_complex",
    )


def malformed(what: str = "file") -> DocumentRefused:
    return DocumentRefused(
        f"The {what} is damaged or incomplete and cannot be opened. Export or photograph it again.",
        code="document_malformed",
    )


def foreign(what: str) -> DocumentRefused:
    """``what``: picture or PDF."""
    return DocumentRefused(
        f"The file contains something besides the {what}, such as an archive, a web page or a program. "
        f"Take the photo or export the PDF again, and upload that.",
        code="document_foreign_content",
    )


def infected(found: str = "") -> DocumentRefused:
    named = f" ({found})" if found else ""
    return DocumentRefused(
        f"The virus scanner found something in this file{named}. Nothing was stored. Check your computer, and make "
        "the file anew.",
        code="document_infected",
    )
