"""Settings from a file mean the same to manage.py as to docker compose, which takes them literally."""

import os

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.core import env
from tests.ops.public import run


@pytest.fixture
def load(tmp_path, monkeypatch):
    def load(text):
        monkeypatch.setattr(os, "environ", {"TAKEN": "before"})
        file = tmp_path / ".env"
        file.write_bytes(text.encode())
        env.load_file(file)
        return os.environ

    return load


@pytest.mark.parametrize(
    "value",
    [
        "pa$wor#d x #y",
        '"quoted"',
        "'quoted'",
        "half'",
        "a=b=c",
        " blanks around ",
        "${HOME}",
        "$$",
        "back\\slash\\n",
        "",
        "Ünïcode \u2028 in one line",
        "#not a comment",
    ],
)
def test_a_value_is_everything_behind_the_equals_sign(load, value):
    assert load(f"KEY={value}\nNEXT=1\n") == {"TAKEN": "before", "KEY": value, "NEXT": "1"}


def test_comments_blank_lines_and_windows(load):
    text = "\ufeff# A=1\r\n\r\n  # B=2\r\n  C=3\r\nno setting\r\nD=4"
    assert load(text) == {"TAKEN": "before", "C": "3", "D": "4"}


def test_the_environment_wins(load):
    assert load("TAKEN=file\n")["TAKEN"] == "before"


def test_a_blank_before_the_equals_sign_is_said(load):
    with pytest.raises(ImproperlyConfigured, match="KEY=… without blanks"):
        load("KEY = value\n")


@pytest.mark.parametrize("password", ["horse", "", "a%2Fb", "a@b", "a:b", "a$b", "a'b\"c", "a\\b"])
def test_an_address_is_taken_apart(password):
    parts = env.address(f"postgresql://portal_app:{password}@postgres:5432/portal?host=/run")
    assert (parts.username, parts.password, parts.hostname, parts.port) == ("portal_app", password, "postgres", 5432)
    assert (parts.path, parts.query) == ("/portal", "host=/run")


@pytest.mark.parametrize(
    "password",
    [
        "pa$horse#d x #y",
        "horse/b",
        "horse?b",
        "12#horse",
        "12/horse",
        "12?horse",
        "[horse",
    ],
)
def test_an_address_cut_at_the_wrong_place_tells_nothing_of_the_password(password):
    with pytest.raises(ImproperlyConfigured, match="letters and digits") as error:
        env.address(f"postgresql://portal_app:{password}@postgres:5432/portal")
    assert error.value.__suppress_context__
    assert "horse" not in str(error.value)
    assert "12" not in str(error.value)


def test_a_process_with_such_an_address_says_so():
    done = run("manage.py", "check", DATABASE_URL="postgresql://portal_app:horse#d x@postgres:5432/portal")
    assert done.returncode
    assert "letters and digits" in done.stderr
    assert "horse" not in done.stdout + done.stderr
