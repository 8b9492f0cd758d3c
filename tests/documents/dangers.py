"""Looks through a PDF for whatever may do or hide something, by its own list and not by the rewriting's."""

import re
from io import BytesIO
from urllib.parse import unquote_to_bytes

import pikepdf

KEYS = {
    "/A",
    "/AA",
    "/AF",
    "/AcroForm",
    "/Alternates",
    "/Annots",
    "/B",
    "/Collection",
    "/Dests",
    "/EF",
    "/EmbeddedFiles",
    "/Extensions",
    "/FFilter",
    "/FDecodeParms",
    "/JS",
    "/JavaScript",
    "/Launch",
    "/MarkInfo",
    "/Metadata",
    "/NeedsRendering",
    "/Names",
    "/Next",
    "/OPI",
    "/OpenAction",
    "/Outlines",
    "/PageLabels",
    "/Perms",
    "/PieceInfo",
    "/Ref",
    "/RichMediaContent",
    "/RichMediaSettings",
    "/SpiderInfo",
    "/StructTreeRoot",
    "/Thread",
    "/Threads",
    "/URI",
    "/ViewerPreferences",
    "/XFA",
    "/AP",
    "/Popup",
    "/IRT",
    "/RV",
    "/Lang",
    "/LastModified",
}
VALUES = {
    "/JavaScript",
    "/Launch",
    "/GoToR",
    "/GoToE",
    "/GoTo",
    "/URI",
    "/SubmitForm",
    "/ImportData",
    "/Thread",
    "/Named",
    "/Rendition",
    "/Movie",
    "/Sound",
    "/RichMedia",
    "/RichMediaExecute",
    "/3D",
    "/FileAttachment",
    "/Screen",
    "/PS",
    "/EmbeddedFile",
    "/Filespec",
    "/Widget",
    "/Link",
    "/Action",
}
SIGNS = (b"javascript", b"vbscript", b"file:", b"\\\\", b"//", b"data:", b"<!doctype", b"<!entity", b"<?xpacket")


def of(data):
    """What is wrong with it, in words; empty when it is clean."""
    found = []
    if data.count(b"%%EOF") != 1 or data.count(b"startxref") != 1 or not data.rstrip().endswith(b"%%EOF"):
        found.append("more than one revision")
    with pikepdf.open(BytesIO(data), attempt_recovery=False, inherit_page_attributes=False) as pdf:
        if pdf.is_encrypted:
            found.append("encrypted")
        found += [f"trailer: {key}" for key in set(pdf.trailer.keys()) - {"/Root", "/Size", "/ID"}]
        reached = _reached(pdf)
        for thing in pdf.objects:
            if thing.objgen not in reached:
                found.append(f"orphaned: {thing!r}")
            found += _in(thing)
    return found


def _in(value):
    if isinstance(value, pikepdf.Array):
        for each in value:
            if not _elsewhere(each):
                yield from _in(each)
        return
    if isinstance(value, pikepdf.String):
        plain = _plain(bytes(value))
        yield from (f"text {value!r}" for sign in SIGNS if sign in plain)
        return
    if isinstance(value, pikepdf.Name) and str(value) in VALUES:
        yield f"name {value}"
    if not isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
        return
    for key, inner in value.items():
        if key in KEYS or (key == "/F" and isinstance(value, pikepdf.Stream)):
            yield f"key {key}"
        if not _elsewhere(inner):
            yield from _in(inner)


def _plain(text):
    """In small letters, without what hides a word: white space, zeros of UTF-16, escapes of addresses."""
    for _ in range(3):
        text = unquote_to_bytes(text)
    return re.sub(rb"[\x00-\x20\x7f\xad\xfe\xff]", b"", text).lower()


def _elsewhere(value):
    return isinstance(value, pikepdf.Object) and value.is_indirect


def _reached(pdf):
    seen, waiting = set(), [pdf.Root, pdf.trailer]
    while waiting:
        value = waiting.pop()
        if _elsewhere(value):
            if value.objgen in seen:
                continue
            seen.add(value.objgen)
        if isinstance(value, pikepdf.Array):
            waiting += [each for each in value if isinstance(each, pikepdf.Object)]
        elif isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
            waiting += [each for _, each in value.items() if isinstance(each, pikepdf.Object)]
    return seen
