"""PDFs are built anew: what the pages show stays, pixel for pixel, and nothing else comes along."""

import zlib
from contextlib import suppress
from io import BytesIO

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, String
from PIL import Image, ImageChops

from numbers.documents.inspection import limited
from numbers.documents.rejections import DocumentRejected
from tests.documents import dangers, drawings, hostile
from tests.support import files


def rewritten(data, name="a.pdf"):
    outcome = limited.run("inspect", data, name=name)
    assert outcome.facts["content_type"] == "application/pdf"
    return outcome.data


def looks(data, *, fields=False):
    """A picture of each page; ``fields``: with what form fields hold."""
    with pypdfium2.PdfDocument(data) as pdf:
        if fields:
            pdf.init_forms()
        return [page.render(scale=1).to_pil().convert("RGB") for page in pdf]


def same(before, after):
    return len(before) == len(after) and not any(
        ImageChops.difference(one, other).getbbox() for one, other in zip(before, after, strict=True)
    )


def ink(picture):
    """Where it is dark."""
    return picture.convert("L").point(lambda value: 255 * (value < 128)).getbbox()


@pytest.mark.parametrize("what", drawings.EVERY)
def test_what_is_shown_stays_and_nothing_else(what):
    data = drawings.EVERY[what]()
    made = rewritten(data)
    assert same(looks(data, fields=what == "ticked box"), looks(made))
    assert any(page.getcolors(1) is None for page in looks(made)) or what == "hidden stamp"
    assert dangers.of(made) == []


def test_twice_is_once():
    made = rewritten(drawings.EVERY["patterns and masks"]())
    assert rewritten(made) == made


def test_the_search_for_dangers_finds_some():
    """Of every file that is dangerous, the list that the tests go by says so before it is rewritten."""
    for data in [make() for _, _, make, code in hostile.everything() if code == hostile.CLEANED]:
        with suppress(pikepdf.PdfError):  # damaged, or locked
            assert dangers.of(data) or (data[:5], data.rstrip()[-5:]) != (b"%PDF-", b"%%EOF")


def links():
    address = "javascript:alert(1)"
    return {
        "plain": String(address),
        "in UTF-16": String(b"\xfe\xff" + address.encode("utf-16-be")),
        "in UTF-16 from its small end": String(b"\xff\xfe" + address.encode("utf-16-le")),
        "in UTF-8": String(b"\xef\xbb\xbf" + address.encode()),
        "escaped": String("%6Aavascript%3aalert(1)"),
        "twice escaped": String("%256Aavascript:alert(1)"),
        "with white space": String("\x01 java\tscr\nipt:alert(1)"),
        "in capitals": String("JaVaScRiPt:alert(1)"),
        "a share": String("\\\\evil.example\\share\\x"),
        "a share by slashes": String("//evil.example/share"),
        "a share as address": String("file://evil.example/share"),
    }


@pytest.mark.parametrize("how", links())
def test_no_address_comes_along_however_it_is_written(how):
    made = rewritten(hostile.link(S=Name.URI, URI=links()[how]))
    assert dangers.of(made) == []
    assert b"evil" not in made


def everywhere(document):
    """Actions at each place that has room for one."""
    script = document.make_indirect(Dictionary(S=Name.JavaScript, JS=document.make_stream(b"app.alert(1)")))
    share = Dictionary(S=Name.GoToR, F=String("\\\\evil.example\\share"), D=Array([0, Name.Fit]), Next=script)
    thread = Dictionary(S=Name.Thread, F=String("http://evil.example/x.pdf"), D=0)
    page = document.pages[0].obj
    page.AA, page.PresSteps = Dictionary(O=share, C=thread), Dictionary(NA=script)
    page.B, page.Tabs, page.Metadata = Array([Dictionary()]), Name.S, document.make_stream(b"<?xpacket?>")
    root = document.Root
    root.OpenAction, root.AA, root.URI = script, Dictionary(WC=script), Dictionary(Base=String("javascript:"))
    root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("x"), script])))
    root.Outlines = Dictionary(First=document.make_indirect(Dictionary(Title=String("x"), A=share)))
    root.Threads, root.StructTreeRoot = Array([Dictionary()]), Dictionary(Type=Name.StructTreeRoot)
    root.Metadata = document.make_stream(b'<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>')
    root.Metadata.Type, root.Metadata.Subtype = Name.Metadata, Name.XML
    document.docinfo["/Title"] = "javascript:alert(1)"
    document.make_indirect(Dictionary(Orphan=String("left over")))
    # Hidden in what a page needs, and once as a name of its resources and once as a thing.
    odd = document.make_indirect(
        Dictionary(
            Type=Name.ExtGState,
            CA=1,
            A=script,
            JS=String("x"),
            Font=Array([Dictionary(drawings.FONT), 3]),
            SMask=Dictionary(S=Name.JavaScript, G=script),
        )
    )
    page.Resources = Dictionary(
        ExtGState=Dictionary(E=odd),
        Pattern=Dictionary(P=odd),
        Extra=script,
        Properties=Dictionary(P=Dictionary(A=script)),
        XObject=Dictionary(P=drawings.form(document, b"", Subtype=Name.PS, PS=script)),
    )


def test_no_action_comes_along_wherever_it_hangs():
    data = files.pdf(change=everywhere)
    assert len(dangers.of(data)) > 20
    made = rewritten(data)
    assert dangers.of(made) == []
    assert not any(sign in made for sign in (b"evil", b"left over", b"passwd", b"alert"))


def test_there_is_one_revision():
    data = drawings.revised()
    assert b"A secret of yesterday" in data
    assert ink(looks(data)[0]) is None
    made = rewritten(data)
    assert dangers.of(made) == []
    with pikepdf.open(BytesIO(made)) as pdf:
        assert not any(b"secret" in thing.read_bytes() for thing in pdf.objects if isinstance(thing, pikepdf.Stream))


def test_fields_show_what_they_hold():
    data = files.pdf(change=drawings.annotated(drawings.text_field, form_fields=True))
    (before,), (after,) = looks(data, fields=True), looks(rewritten(data))
    assert ink(looks(data)[0]) is None  # plain viewers show nothing
    assert all(abs(one - other) <= 2 for one, other in zip(ink(before), ink(after), strict=True))


def test_pictures_lose_what_stands_beside_the_pixels():
    made = rewritten(drawings.EVERY["pictures"]())
    with pikepdf.open(BytesIO(made)) as pdf:
        raw = [thing.read_raw_bytes() for thing in pdf.objects if isinstance(thing, pikepdf.Stream)]
    assert not any(sign in each for sign in (b"javascript", b"behind the end", b"surplus") for each in raw)
    with Image.open(BytesIO(next(each for each in raw if each[:2] == b"\xff\xd8"))) as image:
        assert image.size == (60, 40)


def test_what_hides_between_packed_bytes_does_not_come_along():
    packed = zlib.compress(b"0 0 1 rg 10 10 500 500 re f") + b"PK\x03\x04 hidden"
    data = hostile.content(packed, filter=Name.FlateDecode)
    made = rewritten(data)
    assert same(looks(data), looks(made))
    assert b"hidden" not in made


def test_a_form_or_portfolio_whose_pages_say_nothing_is_rejected():
    def dynamic(document):
        hostile.xfa(document)
        document.Root.NeedsRendering = True

    def portfolio(document):
        document.Root.Collection = Dictionary(Type=Name.Collection)

    for change, words in ((dynamic, "XFA form"), (portfolio, "portfolio")):
        with pytest.raises(DocumentRejected, match=words) as caught:
            rewritten(files.pdf(change=change))
        assert caught.value.code == "document_active_content"


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"\r\n\n" + data,
        lambda data: data + b"\nThank you for printing.\n",
        lambda data: data.replace(b"startxref\n", b"startxref\n7"),
    ],
    ids=["blank lines before it", "words behind it", "cross references that are off"],
)
def test_what_every_viewer_opens_is_accepted(change):
    data = change(files.pdf(2, change=drawings.glyphs))
    made = rewritten(data)
    assert same(looks(files.pdf(2, change=drawings.glyphs)), looks(made))
    assert dangers.of(made) == []


def test_one_protected_against_printing_is_kept_without_its_protection():
    data = files.pdf(change=drawings.glyphs, encryption=pikepdf.Encryption(owner="secret", user=""))
    made = rewritten(data)
    assert same(looks(data), looks(made))
    assert dangers.of(made) == []


@pytest.mark.parametrize("size", [(9921, 14031), (7016, 9921)])
def test_scans_in_black_and_white_may_be_large(size):
    def change(document):
        rows = zlib.compress(bytes((size[0] + 7) // 8) * size[1])
        scan = drawings.image(document, rows, Name.FlateDecode, size, BitsPerComponent=1, ColorSpace=Name.DeviceGray)
        document.pages[0].obj.Resources = Dictionary(XObject=Dictionary(A=scan))
        document.pages[0].obj.Contents = document.make_stream(b"500 0 0 700 0 0 cm /A Do")

    assert ink(looks(rewritten(files.pdf(change=change)))[0])
