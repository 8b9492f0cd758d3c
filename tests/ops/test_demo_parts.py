"""The demo's own parts: mailbox, authenticator, kept secrets, and that nothing of a killed demo is left."""

import base64
import json
import os
import smtplib
import stat
import subprocess
import sys
import time
from email.message import EmailMessage
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from django.conf import settings
from django_otp.oath import TOTP

from numbers.carrier import credentials
from sandbox import keys, totp
from sandbox.processes import MARK, end_leftovers
from sandbox.servers import end_with_parent, free_port


@pytest.fixture
def mailbox(tmp_path):
    port, smtp_port = free_port(), free_port()
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "sandbox.mailbox",
            "--port",
            str(port),
            "--smtp-port",
            str(smtp_port),
            "--folder",
            str(tmp_path),
        ],
        cwd=settings.BASE_DIR,
        preexec_fn=end_with_parent,
    )
    deadline = time.monotonic() + 30
    while True:
        try:
            urlopen(f"http://127.0.0.1:{port}/")
            break
        except URLError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    yield smtp_port, lambda path: urlopen(f"http://127.0.0.1:{port}{path}")
    process.kill()
    process.wait()


def send(port, subject, html="", to="ada@customer.example"):
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = subject, "portal@portal.example", to
    message.set_content("Go to https://portal.example/confirm?x=1&y=2.\n<b>not bold</b>")
    if html:
        message.add_alternative(html, subtype="html")
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.send_message(message)


def test_the_mailbox_shows_what_was_sent_newest_first_and_runs_none_of_it(mailbox):
    smtp_port, get = mailbox
    send(smtp_port, "First <one>")
    send(smtp_port, "Second — Größe", html="<p>Hi<script>alert(1)</script></p>", to="bob@customer.example")
    inbox = get("/").read().decode()
    assert inbox.index("Second — Größe") < inbox.index("First &lt;one&gt;")
    assert [mail["id"] for mail in json.load(get("/messages.json"))] == [2, 1]
    assert json.load(get("/messages.json?to=ada@"))[0]["links"] == ["https://portal.example/confirm?x=1&y=2."]
    text = get("/1").read().decode()
    assert '<a href="https://portal.example/confirm?x=1&amp;y=2">' in text
    assert "&lt;b&gt;not bold" in text
    frame = get("/2/frame")
    assert "allow-scripts" not in frame.headers["Content-Security-Policy"]
    assert "sandbox" in frame.headers["Content-Security-Policy"]
    for path in ("/3", "/../secrets", "/1/x", "/999999999999"):
        with pytest.raises(HTTPError, match="404"):
            get(path)


def test_the_authenticator_agrees_with_the_portals():
    secret = keys.totp_secret()
    reference = TOTP(base64.b32decode(secret))
    for at in (0, 59, 1_111_111_109, 20_000_000_000):
        reference.time = at
        assert totp.code(secret, at) == f"{reference.token():06d}"


def test_secrets_are_made_once_and_private(tmp_path):
    first = keys.load(tmp_path / "secrets.json")
    assert keys.load(tmp_path / "secrets.json") == first
    assert stat.S_IMODE((tmp_path / "secrets.json").stat().st_mode) == 0o600
    assert len({value for name, value in first.items() if name.endswith("password")}) == 3


@pytest.mark.django_db
def test_kannel_can_send_the_secret_of_the_demos_switch(tmp_path):
    secret = keys.load(tmp_path / "secrets.json")["switch_secret"]
    assert len(secret) == len(credentials.create(switch_id="gw1", scopes=["sms"])[1])


def test_what_a_killed_demo_left_is_ended_and_nothing_else(tmp_path):
    sleeper = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"]
    folders = (tmp_path, tmp_path / "other")
    left, other = [
        subprocess.Popen(
            sleeper,
            env=os.environ | {MARK: str(folder)},
            stdout=subprocess.PIPE,
            preexec_fn=end_with_parent,
            start_new_session=True,
        )
        for folder in folders
    ]
    assert left.stdout.readline() == other.stdout.readline() == b"up\n"
    assert end_leftovers(tmp_path) == 1
    assert left.wait(10) != 0
    assert other.poll() is None
    other.kill()
    other.wait()
    for process in (left, other):
        process.stdout.close()
