"""Why a file is rejected. Raised beside the rule, also in the inspecting process, which loads no Django."""

from portal.core.errors import DomainError


class DocumentRejected(DomainError):  # noqa: N818  named like the answer
    """The file itself is at fault: ``field`` is ``file``, the status 422. The message says what to do about it."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(code, message, field="file", status=422)


def too_large(megabytes: int) -> DocumentRejected:
    return DocumentRejected(
        f"The file is too large: at most {megabytes} MB. Scan it in grey or at 200 dpi, or send fewer pages.",
        code="document_too_large",
    )


def too_complex() -> DocumentRejected:
    return DocumentRejected(
        "The file takes too much work to open. Print it to PDF, or photograph the paper, and upload that.",
        code="document_too_complex",
    )


def picture_too_large(width: int, height: int, *, inside: bool = False) -> DocumentRejected:
    """``width`` and ``height`` in pixels; ``inside``: the picture is part of a PDF."""
    what, advice = ("A picture in the PDF", "Scan it") if inside else ("The picture", "Save it smaller, or take it")
    return DocumentRejected(
        f"{what} has {width:,} × {height:,} pixels, which is more than we can open. {advice} again with a lower "
        "resolution (300 dpi is enough for a scan).",
        code="document_too_complex" if inside else "document_picture_too_large",
    )


def malformed(what: str = "file") -> DocumentRejected:
    return DocumentRejected(
        f"The {what} is damaged or incomplete and cannot be opened. Export or photograph it again.",
        code="document_malformed",
    )


def broken_off(percent: int) -> DocumentRejected:
    """``percent`` of the picture are there, counted from its top; 0 when it is all there, but blurred."""
    there = f"only the upper {percent} % of it arrived" if percent else "most of its details are missing"
    return DocumentRejected(
        f"The picture is incomplete: {there}. Copy or send the whole file again, or take the photo again.",
        code="document_malformed",
    )


def foreign(what: str, found: str) -> DocumentRejected:
    """``what``: picture or PDF; ``found``: what is in it or behind it, with its article."""
    advice = "Take the photo again" if what == "picture" else "Print it to PDF, or export it again"
    return DocumentRejected(
        f"Inside or behind the {what} there is {found}, which we do not accept. {advice}, and upload that.",
        code="document_foreign_content",
    )


def infected(found: str = "") -> DocumentRejected:
    named = f" ({found})" if found else ""
    return DocumentRejected(
        f"The virus scanner found something in this file{named}. Nothing was stored. Check your computer, then "
        "create the file again.",
        code="document_infected",
    )
