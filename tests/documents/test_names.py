"""A file's name is what someone else typed. It is shown, and never used as a path."""

import unicodedata

import pytest

from numbers.documents import names
from tests.documents.conftest import stored
from tests.support import files

LONG = "ß" * 400


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Passport Ada.pdf", "Passport Ada.pdf"),
        ("Reisepass für Zoë.PDF", "Reisepass für Zoë.pdf"),
        ("../../../etc/cron.d/root.pdf", "root.pdf"),
        ("..\\..\\windows\\system32\\evil.pdf", "evil.pdf"),
        ("/etc/passwd", "passwd.pdf"),
        ("C:\\boot.pdf", "boot.pdf"),
        ("..", "document.pdf"),
        ("...pdf", "document.pdf"),
        (".pdf", "pdf.pdf"),
        ("", "document.pdf"),
        ("   .pdf", "pdf.pdf"),
        ("a\0.exe\0.pdf", "a.exe.pdf"),
        ("line\r\nSet-Cookie: a=b.pdf", "lineSet-Cookie_ a=b.pdf"),
        ("\x1b[31mred.pdf", "[31mred.pdf"),
        ("invoice\u202efdp.exe.pdf", "invoicefdp.exe.pdf"),
        ("\u2066a\u2069\u200f\ufeff.pdf", "a.pdf"),
        ("a\u2028b\u2029c.pdf", "abc.pdf"),
        ("\udcff\ud800.pdf", "__.pdf"),
        ("<script>alert(1)</script>.pdf", "script_.pdf"),
        ('" onload="x.pdf', "_ onload=_x.pdf"),
        ("a;rm -rf $HOME&`id`.pdf", "a_rm -rf _HOME__id_.pdf"),
        ("%2e%2e%2fetc.pdf", "_2e_2e_2fetc.pdf"),
        ("CON.pdf", "_CON.pdf"),
        ("nul", "_nul.pdf"),
        ("com1.tar.pdf", "_com1.tar.pdf"),
        ("console.pdf", "console.pdf"),
        ("trailing. . .pdf", "trailing.pdf"),
        (f"{LONG}.pdf", "ß" * 116 + ".pdf"),
        ("photo.php.pdf", "photo.php.pdf"),
        ("e\u0301.pdf", "é.pdf"),
    ],
)
def test_a_name_is_made_harmless(given, kept):
    cleaned = names.clean(given, "application/pdf")
    assert cleaned == kept
    assert len(cleaned) <= names.LONGEST
    assert not any(unicodedata.category(sign)[0] == "C" for sign in cleaned)


@pytest.mark.parametrize(
    ("name", "content_type", "kept"),
    [
        ("photo.JPEG", "image/jpeg", "photo.jpeg"),
        ("photo", "image/jpeg", "photo.jpg"),
        ("scan.png", "image/png", "scan.png"),
        ("scan.png", "image/jpeg", "scan.jpg"),
        ("scan.v2", "image/jpeg", "scan.v2.jpg"),
    ],
)
def test_its_ending_fits_the_content(name, content_type, kept):
    assert names.clean(name, content_type) == kept


@pytest.mark.parametrize(
    "name",
    [
        "../../escape.pdf",
        "/tmp/escape.pdf",
        "a\0b.pdf",
        "NUL.pdf",
        "\u202efdp.pdf",
        "x" * 5000 + ".pdf",
        "~/.ssh/a.pdf",
    ],
)
def test_it_is_stored_under_a_random_one(name, upload, folder, tmp_path):
    document = upload(files.pdf(), name)
    (file,) = stored(folder)
    assert file.name == document.storage_name
    assert len(file.name) == 64
    assert set(file.name) <= set("0123456789abcdef")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["documents"]
    assert document.original_name == names.clean(document.original_name, "application/pdf")


def test_a_file_without_an_ending_gets_one(upload):
    assert upload(files.png(), "scan").original_name == "scan.png"
