"""Files as customers export them: encodings, separators, names of columns, spreadsheets' ways."""

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from portal.core.errors import DomainError
from projects.app_users.import_file import MOST_ROWS, Row, read
from tests.support.refusals import refusal

ALICE, BOB = ("alice", "Alice Müller", "s3cret-s3cret"), ("bob", "", "")


def rows(data):
    return [row[1:] for row in read(data)]


@pytest.mark.parametrize(
    "text",
    [
        "username,display_name,password\nalice,Alice Müller,s3cret-s3cret\nbob,,\n",
        "alice,Alice Müller,s3cret-s3cret\nbob",
        "alice;Alice Müller;s3cret-s3cret\r\nbob;;\r\n",
        "alice\tAlice Müller\ts3cret-s3cret\rbob\t\t\r",
        "sep=;\nUsername;Name;Password\nalice;Alice Müller;s3cret-s3cret\nbob;;",
        'Password;"App Username/Login ID";Unit;"Display name"\ns3cret-s3cret; alice ;Sales; Alice Müller \n;bob;;',
        "\n\n,,\nusername,display_name,password\n\n alice ,Alice Müller, s3cret-s3cret\n , ,\n\nbob,,\n\n",
        'Extension;Secret;Full Name\n"alice";"s3cret-s3cret";"Alice Müller"\n"bob";;',
        "Benutzername;Anzeigename;Passwort\nalice;Alice Müller;s3cret-s3cret\nbob;;",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_what_exports_look_like(text, encoding):
    assert rows(text.encode(encoding)) == [ALICE, BOB]


def test_lines_are_those_of_the_file():
    text = 'sep=,\nusername,name\nalice,"Alice\nWinter"\n\nbob,\n'
    assert read(text.encode()) == [Row(3, "alice", "Alice\nWinter", ""), Row(6, "bob", "", "")]


def test_usernames_alone_may_have_the_signs_of_separators_in_quotes():
    assert rows(b'username\n"a;b"\n"c,d"\n') == [("a;b", "", ""), ("c,d", "", "")]


def test_an_apostrophe_before_what_a_spreadsheet_would_compute_is_its_own():
    assert rows(b"'+442079460018,'=x\n") == [("+442079460018", "=x", "")]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "has no rows"),
        (b"\xef\xbb\xbf \n,,\n", "has no rows"),
        (b"username,display_name\n", "has no rows"),
        (b"PK\x03\x04rest", "This is an Excel workbook"),
        (b"\xd0\xcf\x11\xe0rest", "This is an Excel workbook"),
        (b"%PDF-1.7", "This is a PDF"),
        (b"alice\x00\x01", "not a text file"),
        (b"alice\x81\x8d", "not a text file"),
        (b"\xff\xfea", "not a text file"),
        (b"display name,password\nAlice,x\n", "none of them \u201cusername\u201d"),
        (b"alice,Alice,secret,Sales\n", "have 4 columns"),
        (b'bob\nalice,"Alice\ncarol\n', "Line 2 cannot be read"),
        (b'sep=;\nbob\n"al"ice\n', "Line 3 cannot be read"),
    ],
)
def test_what_is_no_list_is_refused_in_words(data, words):
    error = refusal(read, data)
    assert (error.code, error.field, error.page_status) == ("app_user_file_invalid", "file", 422)
    assert words in error.message


def test_no_more_rows_and_bytes_than_promised():
    whole = "".join(f"user{n}\n" for n in range(MOST_ROWS))
    assert len(read(whole.encode())) == MOST_ROWS
    assert refusal(read, f"{whole}one\n".encode()).code == "app_user_file_too_large"
    assert refusal(read, b"x" * (1024 * 1024 + 1)).code == "app_user_file_too_large"


@hypothesis_settings(max_examples=200, deadline=None)
@given(data=st.binary(max_size=300) | st.text(max_size=300).map(lambda text: text.encode("utf-8", "ignore")))
def test_no_bytes_break_it(data):
    try:
        found, status = read(data), 200
    except DomainError as error:
        found, status = [], error.page_status
    assert (bool(found), status) in {(True, 200), (False, 422)}
