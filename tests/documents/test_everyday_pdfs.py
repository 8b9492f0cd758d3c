"""PDFs that people really have: not as the books say, and accepted all the same, as nothing of them survives."""

from io import BytesIO

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from numbers.documents import storage
from numbers.documents.rejections import DocumentRejected
from tests.documents import dangers, hostile
from tests.support import files


class TestAroundAPdf:
    PDF = files.scanned_pdf()

    @pytest.mark.parametrize(
        "before",
        [
            b"x",
            b"\xef\xbb\xbf",
            b"\0" * 30,
            b"Hello\n",
            b"\x1b%-12345X@PJL ENTER LANGUAGE=PDF\r\n",
            b"a" * 1000,
            b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n",
        ],
    )
    def test_a_few_bytes_before_it(self, before, upload):
        clear = storage.read(upload(before + self.PDF, "a.pdf"))
        assert clear.startswith(b"%PDF-")
        assert dangers.of(clear) == []

    @pytest.mark.parametrize("behind", [b"\x1b%-12345X@PJL EOJ\r\n", b"\0" * 5000, bytes(range(128, 256)), b"<!-- -->"])
    def test_bytes_behind_it(self, behind, upload):
        clear = storage.read(upload(self.PDF + behind, "a.pdf"))
        assert behind not in clear

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (PDF + hostile.SCRIPT, "a script or web page"),
            (PDF + hostile.archive(), "an archive"),
            (PDF + hostile.PE, "a program"),
            (PDF + files.pdf(), "a second document"),
            (b"%!comment\n<script>" + PDF, "a script or web page"),
        ],
    )
    def test_something_else_is_named(self, data, words, upload):
        with pytest.raises(DocumentRejected, match=f"Inside or behind the PDF there is {words}"):
            upload(data, "a.pdf")

    def test_a_beginning_of_something_else_before_it(self, upload):
        for begin in (b"GIF89a", b"<html>", b"MZ\x90", b"PK\x03\x04"):
            with pytest.raises(DocumentRejected) as caught:
                upload(begin + self.PDF, "a.pdf")
            assert caught.value.code == "document_type_unknown"


def hybrid():
    """With a table of references for old readers and a stream of more of them for others, as Word writes it."""
    out = bytearray(b"%PDF-1.5\n")
    places = {}
    for number, body in (
        (1, b"<</Type/Catalog/Pages 2 0 R/StructTreeRoot 5 0 R>>"),
        (2, b"<</Type/Pages/Count 1/Kids[3 0 R]>>"),
        (3, b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Resources<<>>/Contents 4 0 R>>"),
        (4, b"<</Length 25>>stream\n0 0 1 rg 0 0 200 200 re f\nendstream"),
        (5, b"<</Type/StructTreeRoot>>"),
    ):
        places[number] = len(out)
        out += b"%d 0 obj%s endobj\n" % (number, body)
    stream = len(out)
    row = b"\1" + places[5].to_bytes(3) + b"\0"
    out += b"6 0 obj<</Type/XRef/Size 7/Index[5 1]/W[1 3 1]/Length 5>>stream\n" + row + b"\nendstream endobj\n"
    start = len(out)
    rows = b"".join(b"%010d 00000 n \n" % places[number] for number in (1, 2, 3, 4))
    out += (
        b"xref\n0 5\n0000000000 65535 f \n"
        + rows
        + b"6 1\n%010d 00000 n \n" % stream
        + b"trailer<</Size 7/Root 1 0 R/XRefStm %d>>\nstartxref\n%d\n%%%%EOF\n" % (stream, start)
    )
    return bytes(out)


def signed(document):
    look = document.make_stream(b"1 0 0 rg 0 0 100 40 re f")
    look.Type, look.Subtype, look.BBox = Name.XObject, Name.Form, Array([0, 0, 100, 40])
    field = document.make_indirect(
        Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Sig,
            T=String("s"),
            Rect=Array([100, 100, 200, 140]),
            F=4,
            AP=Dictionary(N=look),
            V=Dictionary(
                Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), Contents=String("x" * 99), ByteRange=Array([0, 1, 2, 3])
            ),
        )
    )
    document.pages[0].obj.Annots = Array([field])
    document.Root.AcroForm = Dictionary(Fields=Array([field]), SigFlags=3)
    document.Root.Perms = Dictionary(DocMDP=field.V)


@pytest.mark.parametrize(
    "make",
    [
        hybrid,
        lambda: files.pdf(force_version="2.0"),
        lambda: files.pdf(linearize=True),
        lambda: files.pdf(object_stream_mode=pikepdf.ObjectStreamMode.generate),
        lambda: files.pdf(change=signed),
        *(
            lambda revision=revision: files.pdf(
                encryption=pikepdf.Encryption(
                    owner="secret", user="", R=revision, aes=revision > 3, metadata=revision > 3
                )
            )
            for revision in (2, 3, 4, 6)
        ),
    ],
    ids=["hybrid", "2.0", "linearized", "object streams", "signed", "R2", "R3", "R4", "R6"],
)
def test_pdfs_of_every_make(make, upload):
    assert dangers.of(storage.read(upload(make(), "a.pdf"))) == []


def test_what_hybrid_and_signed_ones_show_stays(upload):
    assert b"0 0 1 rg" in b"".join(content(storage.read(upload(hybrid(), "a.pdf"))))
    assert b"1 0 0 rg" in b"".join(content(storage.read(upload(files.pdf(change=signed), "b.pdf"))))


def content(data):
    with pikepdf.open(BytesIO(data)) as pdf:
        return [thing.read_bytes() for thing in pdf.objects if isinstance(thing, pikepdf.Stream)]


@pytest.mark.parametrize("revision", [2, 3, 4, 6])
def test_one_that_needs_a_password_stays_rejected(revision, upload):
    with pytest.raises(DocumentRejected, match="needs a password to open"):
        upload(
            files.pdf(
                encryption=pikepdf.Encryption(owner="o", user="u", R=revision, aes=revision > 3, metadata=revision > 3)
            ),
            "a.pdf",
        )


def test_a_form_whose_pages_ask_to_wait_is_rejected(upload):
    def wait(document):
        hostile.xfa(document)
        template = document.make_stream(b"<template><subform/></template>")
        document.Root.AcroForm.XFA = Array([String("template"), template])

    with pytest.raises(DocumentRejected, match=r"XFA form.*Open it in Adobe Reader, print what it shows to PDF"):
        upload(files.pdf(change=wait), "a.pdf")
