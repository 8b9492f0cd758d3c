"""A PDF built anew from what its pages show, and from nothing else.

Of the old file come the pages' content and what it needs to be drawn (fonts, pictures, patterns, layers), by a list of
what may come: keys and types that are not on it stay behind, wherever they are and however they are spelt. Comments and
form fields become part of the page as they look. No catalogue entry, link, action, script, attachment, metadata,
earlier revision or object that nothing refers to gets across.
"""

import zlib
from collections.abc import Iterable
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name, Stream, String

from numbers.documents.inspection import pictures, streams
from numbers.documents.rejections import malformed

PAGE = {"/Type", "/Parent", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit", "/Resources", "/Contents", "/Group"}
# Whose keys are names that the content uses; every resource dictionary has them, and nothing else.
RESOURCES = {"/ExtGState", "/ColorSpace", "/Pattern", "/Shading", "/XObject", "/Font", "/Properties"}
NAMED = {"/CharProcs", "/Colorants"}
KEEP = frozenset(
    """
    /Type /Subtype /S /Length /Filter /DecodeParms /Resources /Matrix /BBox /FormType /Group /CS /I /K /Width
    /Height /ColorSpace /BitsPerComponent /ImageMask /Mask /SMask /SMaskInData /Decode /Interpolate /Matte /Intent
    /Columns /Rows /BlackIs1 /EncodedByteAlign /EndOfLine /EndOfBlock /DamagedRowsBeforeError /Predictor /Colors
    /EarlyChange /ColorTransform /JBIG2Globals /BaseFont /FirstChar /LastChar /Widths /FontDescriptor /Encoding
    /ToUnicode /DescendantFonts /CIDSystemInfo /Registry /Ordering /Supplement /DW /W /DW2 /W2 /CIDToGIDMap
    /FontBBox /FontMatrix /CharProcs /BaseEncoding /Differences /CMapName /WMode /UseCMap /FontName /FontStretch
    /FontWeight /Flags /ItalicAngle /Ascent /Descent /Leading /CapHeight /XHeight /StemV /StemH /AvgWidth /MaxWidth
    /MissingWidth /FontFile /FontFile2 /FontFile3 /Length1 /Length2 /Length3 /LW /LC /LJ /ML /D /RI /OP /op /OPM
    /Font /BG /BG2 /UCR /UCR2 /TR /TR2 /FL /SM /SA /BM /CA /ca /AIS /TK /G /BC /PatternType /PaintType /TilingType
    /XStep /YStep /Shading /ExtGState /ShadingType /Background /AntiAlias /Coords /Domain /Function /Extend
    /BitsPerCoordinate /BitsPerFlag /VerticesPerRow /FunctionType /Range /Size /BitsPerSample /Order /Encode /C0 /C1
    /N /Functions /Bounds /Alternate /WhitePoint /BlackPoint /Gamma /Colorants /Process /Components /MixingHints
    /Solidities /OC /OCGs /P /VE /BaseState /ON /OFF /AS /Event /Category /Usage /View /ViewState /Print /PrintState
    """.split()
)
# Of these only so much is said.
VALUES = {
    "/Type": {
        "/Font",
        "/FontDescriptor",
        "/XObject",
        "/ExtGState",
        "/Pattern",
        "/Group",
        "/Mask",
        "/Encoding",
        "/CMap",
        "/OCG",
        "/OCMD",
    },
    "/Subtype": {
        "/Image",
        "/Form",
        "/Type0",
        "/Type1",
        "/MMType1",
        "/Type3",
        "/TrueType",
        "/CIDFontType0",
        "/CIDFontType2",
        "/Type1C",
        "/CIDFontType0C",
        "/OpenType",
        "/DeviceN",
        "/NChannel",
    },
    "/S": {"/Transparency", "/Alpha", "/Luminosity"},
}
WORDS = {"/Registry", "/Ordering"}  # the only texts; short ones
PLAIN, RESOURCE, NAMES = range(3)  # what a dictionary is used as


def rewritten(data: bytes) -> bytes:
    """The same pages in a new file. Raises DocumentRejected and what pikepdf and pypdfium2 raise."""
    data = _with_appearances(data)
    out = BytesIO()
    with pikepdf.open(BytesIO(data), suppress_warnings=True) as old, pikepdf.new() as new:
        old.flatten_annotations("screen")
        layers = old.Root.get("/OCProperties")
        for page in old.pages:
            _strip(page.obj, PAGE)
        new.pages.extend(old.pages)
        if isinstance(layers, Dictionary):
            _strip(layers, {"/OCGs", "/D"})
            new.Root.OCProperties = new.copy_foreign(old.make_indirect(layers))
        _prune(new)
        new.remove_unreferenced_resources()
        new.save(
            out,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            compress_streams=True,
            stream_decode_level=pikepdf.StreamDecodeLevel.none,
            deterministic_id=True,
        )
    return out.getvalue()


# -- form fields -------------------------------------------------------------------------------------------------------


def _with_appearances(data: bytes) -> bytes:
    """Fields that say what they hold but not how it looks are drawn as PDFium shows them."""
    with pikepdf.open(BytesIO(data), suppress_warnings=True) as pdf:
        form = pdf.Root.get("/AcroForm")
        if not isinstance(form, Dictionary):
            return data
        if form.get("/NeedAppearances") is not True and not any(_lacks_appearance(page) for page in pdf.pages):
            return data
    with pypdfium2.PdfDocument(data) as pdf:
        pdf.init_forms()
        for page in pdf:  # opening a page draws its fields
            page.close()
        out = BytesIO()
        pdf.save(out)
    return out.getvalue()


def _lacks_appearance(page: pikepdf.Page) -> bool:
    notes = page.obj.get("/Annots")
    return isinstance(notes, Array) and any(
        isinstance(note, Dictionary) and note.get("/Subtype") == "/Widget" and "/AP" not in note for note in notes
    )


# -- what may come -----------------------------------------------------------------------------------------------------


def _strip(value: Any, kept: Iterable[str]) -> None:
    for key in set(value.keys()) - set(kept):
        del value[key]


def _prune(pdf: pikepdf.Pdf) -> None:
    """Takes away, from everything that can be reached, what is not listed. What hung on it is not written."""
    waiting: list[tuple[Any, int]] = []
    for page in pdf.pages:
        _strip(page.obj, PAGE)
        page.obj.Type = Name.Page
        waiting += [
            (page.obj.get("/Resources"), RESOURCE),
            (page.obj.get("/Contents"), PLAIN),
            (page.obj.get("/Group"), PLAIN),
        ]
    if "/OCProperties" in pdf.Root:
        waiting.append((pdf.Root.OCProperties, PLAIN))
    _strip(pdf.Root, {"/Type", "/Pages", "/OCProperties"})
    seen: set[tuple[tuple[int, int], int]] = set()
    while waiting:
        value, use = waiting.pop()
        if not isinstance(value, Array | Dictionary | Stream):
            continue
        if value.is_indirect:
            if (value.objgen, use) in seen:
                continue
            seen.add((value.objgen, use))
        if isinstance(value, Array):
            waiting += [(each, PLAIN) for each in value]
        else:
            waiting += _inside(value, PLAIN if isinstance(value, Stream) else use)


def _inside(value: Any, use: int) -> list[tuple[Any, int]]:
    """Prunes one dictionary or stream. Returns what is in it, with what that is used as."""
    if use == RESOURCE:
        _strip(value, RESOURCES)
        return [(inner, NAMES) for inner in dict(value.items()).values()]
    entries = dict(value.items())
    if use == NAMES:
        return [(inner, PLAIN) for inner in entries.values()]
    for key, inner in list(entries.items()):
        if not _is_listed(key, inner):
            del entries[key], value[key]
    if entries.get("/Type") == "/OCG":
        value.Name = String("Layer")  # it must have one
    if isinstance(value, Stream):
        _pack(value)
        entries = dict(value.items())
    return [
        (inner, RESOURCE if key == "/Resources" else NAMES if key in NAMED else PLAIN) for key, inner in entries.items()
    ]


def _is_listed(key: str, value: Any) -> bool:
    if key not in KEEP or (isinstance(value, String) and not (key in WORDS and len(bytes(value)) < 40)):
        return False
    return key not in VALUES or (isinstance(value, Name) and str(value) in VALUES[key])


# -- streams -----------------------------------------------------------------------------------------------------------


def _pack(stream: Stream) -> None:
    """So that it holds what its filters yield and nothing behind that."""
    names = streams.filters(stream)
    parms = _parms(stream, len(names))
    last = names[-1] if names else ""
    if last in streams.PICTURE_FILTERS:
        data = b"".join(streams.decoded(stream))  # up to the picture, which the drawing decodes
        data = pictures.bare(data, last)
        stream.write(data, filter=Name(last), decode_parms=parms[-1])
    elif set(names) & streams.PICTURE_FILTERS:
        raise malformed("PDF")  # a picture's bytes are not packed text
    elif names != ["/FlateDecode"] or not streams.is_exact(stream):
        _repack(stream, parms)


def _repack(stream: Stream, parms: list[Any]) -> None:
    try:
        data = bytes(stream.read_bytes(pikepdf.StreamDecodeLevel.specialized))
    except (pikepdf.PdfError, pikepdf.DataDecodingError, RuntimeError):
        # Broken off: as much as there is, which is what viewers show.
        stream.write(
            zlib.compress(b"".join(streams.decoded(stream))),
            filter=Name.FlateDecode,
            decode_parms=parms[-1] if parms else None,
        )
        return
    stream.write(data)


def _parms(stream: Stream, count: int) -> list[Any]:
    """One for each filter; None where there are none."""
    given = stream.get("/DecodeParms")
    found = list(given) if isinstance(given, Array) else [given]
    return [each if isinstance(each, Dictionary) else None for each in (found + [None] * count)[:count]]
