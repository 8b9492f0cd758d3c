"""The process that opens what strangers send. It knows nothing of the portal: no settings, no secrets, no database.

It reads one line of JSON and the file from its standard input, says that it is ready, and answers with one line of
JSON and the outcome. Before it looks into the file it takes its own rights away: seconds of processor, memory, files
and sockets (it cannot open any), and further processes. :mod:`numbers.documents.inspection.limited` starts it.
"""

import sys
from importlib import import_module
from io import BytesIO
from typing import Any

from numbers.documents.inspection import foreign, kinds
from numbers.documents.rejections import DocumentRejected, infected, malformed, too_complex
from portal.core import limited_process

# Python finds these by name while it works, and then it is too late to open their files.
BEFOREHAND = (
    "encodings.latin_1",
    "encodings.utf_16",
    "encodings.utf_16_be",
    "encodings.utf_16_le",
    "encodings.ascii",
    "encodings.raw_unicode_escape",
)


def main() -> None:
    order = limited_process.order_from_input()
    limited_process.lower_priority()
    limited_process.bound(order["seconds"], order["wall_seconds"])
    data = sys.stdin.buffer.read()
    try:
        answer, outcome = _inspect(order, data) if order["task"] == "inspect" else _draw(order, data)
    except DocumentRejected as rejection:
        answer, outcome = {"code": rejection.code, "message": rejection.message}, b""
    except Exception as error:
        words = too_complex() if isinstance(error, MemoryError | RecursionError) else malformed()
        answer, outcome = {"code": words.code, "message": words.message, "because": type(error).__name__}, b""
    limited_process.reply(answer, outcome)


def _inspect(order: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    if b"/Encrypt" in data:
        import_module("numbers.documents.inspection.pdfs").prepare_for_encrypted()
    _lock(kinds.by_magic(data))
    if foreign.EICAR in data:
        raise infected()
    content_type = kinds.kind(data, order["name"])
    if content_type == "application/pdf":
        from numbers.documents.inspection import pdfs

        made, pages = pdfs.rewrite(data)
        return {"content_type": content_type, "pages": pages}, made
    from numbers.documents.inspection import pictures

    made, missing = pictures.rewrite(data, content_type)
    return {"content_type": content_type, "pages": 1, "missing": missing}, made


def _draw(order: dict[str, Any], data: bytes) -> tuple[dict[str, Any], bytes]:
    _lock(order["content_type"])
    if order["content_type"] == "application/pdf":
        from numbers.documents.inspection import pdfs

        picture = pdfs.draw(data, order["page"], order["width"])
    else:
        from numbers.documents.inspection import pictures

        picture = pictures.reduced(data, order["width"])
    out = BytesIO()
    picture.save(out, "PNG", compress_level=3)
    return {}, out.getvalue()


def _lock(content_type: str) -> None:
    """Loads what is needed; after that nothing can be opened, neither a file nor a connection, and nothing started."""
    for name in BEFOREHAND:
        import_module(name)
    if content_type:
        import_module("numbers.documents.inspection.pictures")
    if content_type == "application/pdf":
        import_module("numbers.documents.inspection.pdfs")
    limited_process.lock_in()
