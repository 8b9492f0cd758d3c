"""What the owner of a file should know of it although it passed."""

from numbers.documents.models import Document

LONGEST = 400  # characters of all of them


def renamed(ending: str, kind: str, kept: str) -> str:
    """``ending`` of its name as sent, ``kind`` in words, ``kept``: the ending that it has now."""
    return f"The name ended in .{ending}, but the file is a {kind}; we keep it with the ending .{kept}."


def incomplete(percent: int) -> str:
    """``percent`` of the picture were missing."""
    return (
        f"The file broke off, so the lowest {percent} % of the picture is missing. If anything important was "
        "there, upload it again."
    )


def add(document: Document, remark: str) -> None:
    """The caller saves the row."""
    document.remark = " ".join(part for part in (document.remark, remark) if part)[:LONGEST]
