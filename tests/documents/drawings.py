"""PDFs that use what pages may use, each with something beside it that must not come along."""

import zlib
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from tests.support import files

FONT = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)


def form(document, content, box=(0, 0, 100, 40), **entries):
    stream = document.make_stream(content)
    stream.Type, stream.Subtype, stream.BBox = Name.XObject, Name.Form, Array(box)
    for key, value in entries.items():
        stream[f"/{key}"] = value
    return stream


def image(document, data, packing, size=(60, 40), parms=None, **entries):
    stream = pikepdf.Stream(document, b"")
    stream.write(data, filter=packing, decode_parms=parms)
    stream.Type, stream.Subtype, (stream.Width, stream.Height) = Name.XObject, Name.Image, size
    stream.ColorSpace, stream.BitsPerComponent = Name.DeviceRGB, 8
    for key, value in entries.items():
        stream[f"/{key}"] = value
    return document.make_indirect(stream)


def page_of(content, **resources):
    def change(document):
        page = document.pages[0].obj
        page.Contents = document.make_stream(content)
        page.Resources = Dictionary(**{name: make(document) for name, make in resources.items()})

    return change


def annotated(*notes, rotate=0, form_fields=False, **form):
    """``notes``: functions of the document that return a dictionary."""

    def change(document):
        page = document.pages[0].obj
        page.Rotate = rotate
        made = [document.make_indirect(note(document)) for note in notes]
        page.Annots = Array(made)
        if form_fields:
            document.Root.AcroForm = Dictionary(Fields=Array(made), **form)

    return change


def stamp(document, flags=4):
    look = form(document, b"1 0 0 rg 0 0 100 40 re f 0 0 1 RG 5 5 90 30 re S")
    return Dictionary(
        Type=Name.Annot,
        Subtype=Name.Stamp,
        Rect=Array([100, 600, 300, 680]),
        F=flags,
        AP=Dictionary(N=look),
        Contents=String("javascript:x"),
        A=Dictionary(S=Name.JavaScript, JS="x"),
    )


def tick(document):
    yes, no = form(document, b"0 0.6 0 rg 0 0 100 40 re f"), form(document, b"1 0 0 rg 0 0 100 40 re f")
    return Dictionary(
        Type=Name.Annot,
        Subtype=Name.Widget,
        FT=Name.Btn,
        T=String("agree"),
        V=Name.Yes,
        AS=Name.Yes,
        Rect=Array([100, 500, 140, 520]),
        F=4,
        AP=Dictionary(N=Dictionary(Yes=yes, Off=no)),
    )


def text_field(document):
    """Says what it holds, and nothing of how it looks."""
    return Dictionary(
        Type=Name.Annot,
        Subtype=Name.Widget,
        FT=Name.Tx,
        T=String("name"),
        V=String("Ada Example"),
        Rect=Array([100, 400, 300, 430]),
        F=4,
        DA=String("/Helv 14 Tf 0 g"),
        AA=Dictionary(F=Dictionary(S=Name.JavaScript, JS="AFDate_FormatEx('yyyy')")),
    )


def layers(document):
    shown = document.make_indirect(Dictionary(Type=Name.OCG, Name=String("javascript:shown")))
    hidden = document.make_indirect(Dictionary(Type=Name.OCG, Name=String("\\\\evil.example\\share")))
    document.Root.OCProperties = Dictionary(
        OCGs=Array([shown, hidden]),
        D=Dictionary(OFF=Array([hidden]), Order=Array([shown, hidden]), Name=String("file:///etc/passwd")),
    )
    page_of(
        b"/OC /L0 BDC 1 0 0 rg 50 700 100 50 re f EMC /OC /L1 BDC 0 0 1 rg 50 500 100 50 re f EMC",
        Properties=lambda _: Dictionary(L0=shown, L1=hidden),
    )(document)


def patterns(document):
    tile = document.make_stream(b"0 0.5 0 rg 0 0 5 5 re f")
    for key, value in {
        "Type": Name.Pattern,
        "PatternType": 1,
        "PaintType": 1,
        "TilingType": 1,
        "XStep": 10,
        "YStep": 10,
        "BBox": Array([0, 0, 10, 10]),
        "Resources": Dictionary(),
    }.items():
        tile[f"/{key}"] = value
    function = Dictionary(FunctionType=2, Domain=Array([0, 1]), C0=Array([1, 0, 0]), C1=Array([0, 0, 1]), N=1)
    shade = Dictionary(
        ShadingType=2,
        ColorSpace=Name.DeviceRGB,
        Coords=Array([0, 0, 500, 0]),
        Function=function,
        Extend=Array([True, True]),
    )
    group = Dictionary(Type=Name.Group, S=Name.Transparency, CS=Name.DeviceGray)
    veil = form(document, b"0.5 g 0 0 600 200 re f", (0, 0, 600, 200), Group=group, PieceInfo=Dictionary(X=String("y")))
    mask = Dictionary(Type=Name.Mask, S=Name.Luminosity, G=veil)
    soft = Dictionary(Type=Name.ExtGState, SMask=mask, BM=Name.Multiply)
    page_of(
        b"/Pattern cs /T scn 50 500 200 200 re f q /S gs 0 0 600 200 re W n /H sh Q",
        Pattern=lambda _: Dictionary(T=tile),
        Shading=lambda _: Dictionary(H=shade),
        ExtGState=lambda _: Dictionary(S=soft),
    )(document)


def glyphs(document):
    """A font whose letters are drawings, and one of the standard ones."""
    letter = document.make_stream(b"1000 0 0 0 750 750 d1 0 0 750 750 re f")
    font = Dictionary(
        Type=Name.Font,
        Subtype=Name.Type3,
        FontBBox=Array([0, 0, 750, 750]),
        FirstChar=97,
        LastChar=97,
        FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]),
        CharProcs=Dictionary(square=letter),
        Widths=Array([1000]),
        Encoding=Dictionary(Type=Name.Encoding, Differences=Array([97, Name.square])),
        Resources=Dictionary(),
    )
    page_of(
        b"BT /T3 40 Tf 60 600 Td (aaa) Tj /F1 24 Tf 0 -60 Td (Plain text) Tj ET",
        Font=lambda _: Dictionary(T3=font, F1=FONT),
    )(document)


def pictures(document):
    plain = files.picture((60, 40)).tobytes()
    rows = b"".join(b"\x02" + bytes(180) for _ in range(40))  # as differences to the row above
    drawn = files.jpeg(size=(60, 40), comment=b"see javascript:alert(1)")
    jpeg2000 = files.saved(files.picture((60, 40)), "JPEG2000")
    box = (8 + 30).to_bytes(4) + b"xml " + b"<x href='javascript:alert(1)'>"
    both = Array([Name.ASCII85Decode, Name.DCTDecode])
    page_of(
        b"".join(b"q 120 0 0 80 %d %d cm /I%d Do Q " % (40 + 180 * (n % 3), 600 - 120 * (n // 3), n) for n in range(6)),
        XObject=lambda document: Dictionary(
            I0=image(
                document,
                zlib.compress(plain) + b"PK surplus",
                Name.FlateDecode,
                Metadata=String("x"),
                OPI=Dictionary(F=String("//evil.example/x")),
            ),
            I1=image(
                document, zlib.compress(rows), Name.FlateDecode, parms=Dictionary(Predictor=15, Colors=3, Columns=60)
            ),
            I2=image(document, drawn + b"and more behind the end", Name.DCTDecode),
            I3=image(document, _ascii85(drawn), both),
            I4=image(document, jpeg2000 + box, Name.JPXDecode),
            I5=image(document, b"\xb1\x80" * 90 + b"\x80", Name.RunLengthDecode, Alternates=Array([])),
        ),
    )(document)


def _ascii85(data):
    import base64

    return base64.a85encode(data) + b"~>"


def outside(document):
    """Content from other files, of which viewers show nothing."""
    away = form(document, b"0 1 0 rg 0 0 100 40 re f", Ref=Dictionary(F=String("\\\\evil.example\\x.pdf"), Page=0))
    content = document.make_stream(b"q 1 0 0 1 100 600 cm /X Do Q")
    content.F, content.FFilter = String("http://evil.example/"), Name.FlateDecode
    document.pages[0].obj.Contents = content
    document.pages[0].obj.Resources = Dictionary(XObject=Dictionary(X=away))


EVERY = {
    "scan": files.scanned_pdf,
    "fonts": lambda: files.pdf(change=glyphs),
    "patterns and masks": lambda: files.pdf(change=patterns),
    "pictures": lambda: files.pdf(change=pictures),
    "layers": lambda: files.pdf(change=layers),
    "content of other files": lambda: files.pdf(change=outside),
    "stamp": lambda: files.pdf(change=annotated(stamp)),
    "stamp on a turned page": lambda: files.pdf(change=annotated(stamp, rotate=90)),
    "hidden stamp": lambda: files.pdf(change=annotated(lambda document: stamp(document, flags=2))),
    "ticked box": lambda: files.pdf(change=annotated(tick, form_fields=True)),
    "object streams": lambda: files.pdf(3, change=glyphs, object_stream_mode=pikepdf.ObjectStreamMode.generate),
    "linearized": lambda: files.pdf(3, change=patterns, linearize=True),
}


def revised():
    """Two revisions: the first showed a text that the second one took away."""
    first = files.pdf(
        change=page_of(b"BT /F1 24 Tf 60 600 Td (A secret of yesterday) Tj ET", Font=lambda _: Dictionary(F1=FONT)),
        compress_streams=False,
    )
    with pikepdf.open(BytesIO(first)) as document:
        number = document.pages[0].obj.Contents.objgen[0]
    new = b"%d 0 obj\n<< /Length 8 >>\nstream\n0 g 0 G \nendstream\nendobj\n" % number
    start = first[: first.rindex(b"%%EOF")].rindex(b"startxref")
    before = int(first[start + 9 :].split()[0])
    size = int(first[first.index(b"/Size") + 5 :].split()[0].rstrip(b">/"))
    root = first[first.index(b"/Root") :].split(b" R", 1)[0] + b" R"
    place = len(first)
    return (
        first
        + new
        + b"xref\n%d 1\n%010d 00000 n \n" % (number, place)
        + b"trailer << %s /Size %d /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (root, size, before, place + len(new))
    )
