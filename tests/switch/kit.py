"""The switch of deploy/kamailio as an operator installs it: a folder, three files of settings, two processes."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from sandbox.servers import end_with_parent

KIT = Path(__file__).resolve().parents[2] / "deploy" / "kamailio"
MODULES = ("http_client", "rtjson", "db_sqlite", "uuid", "tls")  # one of each package
PACKAGES = (
    "kamailio kamailio-json-modules kamailio-utils-modules kamailio-sqlite-modules kamailio-extra-modules "
    "kamailio-tls-modules sip-tester"
)
INSTALL = f"apt-get install --no-install-recommends {PACKAGES}"
TARGET = "+442079460018"  # the phone that calls are forwarded to
PATIENCE = 20  # seconds; what takes longer hangs, and the test fails
IMPATIENT = pytest.mark.parametrize("installed", [2], indirect=True)  # where the portal will not answer
LOCAL = """\
listen=udp:127.0.0.1:{port}
listen=tcp:127.0.0.1:{port}
listen=udp:[::1]:{port}
#!define WORKERS {workers}
#!substdef "!SIP_DOMAIN!sip.example.test!g"
#!substdef "!STALE_SECONDS!3600!g"
#!substdef "!AWAY_SECONDS!1!g"
#!substdef "!PORTAL_CONF!{folder}/portal.conf!g"
#!substdef "!TRUNKS_LIST!{folder}/trunks.list!g"
#!substdef "!RECORDS_DB!{folder}/records.db!g"
#!substdef "!STATE_DB!{folder}/state.db!g"
#!substdef "!RUN_DIR!{folder}!g"
"""
PORTAL = "[portal]\nurl = {url}\nusername = sw1\npassword = {secret}\nauthmethod = 1\ntimeout = {timeout}\n"


def missing():
    """What of Kamailio and sipp is not installed."""
    programs = [name for name in ("kamailio", "kamcmd", "sipp") if shutil.which(name) is None]
    folders = list(Path("/usr/lib").glob("*/kamailio/modules"))
    return programs + [name for name in MODULES if not any((each / f"{name}.so").exists() for each in folders)]


def until(condition, what):
    deadline = time.monotonic() + PATIENCE
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {PATIENCE} s for {what}"
        time.sleep(0.01)
    return found


def free_port():
    """Free for UDP and TCP."""
    while True:
        with socket.socket(type=socket.SOCK_DGRAM) as probe, socket.socket() as other:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
            with suppress(OSError):
                other.bind(("127.0.0.1", port))
                return port


class Switch:
    """``url`` and ``secret`` of the portal; everything of it lives in ``folder``."""

    # One for each socket. Two pass on in either order what came together over UDP (180 and 200 of a phone, ACK and BYE
    # of a caller). A telephone takes that, as it must; sipp does not.
    workers = 1

    def __init__(self, folder, url, secret, *, timeout):
        self.folder, self.port = folder, free_port()
        self.records_db = folder / "records.db"
        self.process = self.uploader = None
        for path in KIT.iterdir():
            if path.is_file():
                shutil.copy(path, folder)
        (folder / "local.cfg").write_text(LOCAL.format(port=self.port, folder=folder, workers=self.workers))
        (folder / "portal.conf").write_text(PORTAL.format(url=url, secret=secret, timeout=timeout))
        (folder / "trunks.list").write_text("1 127.0.0.1\n1 ::1\n")
        script = [sys.executable, folder / "create_databases.py", self.records_db, folder / "state.db"]
        subprocess.run(script, check=True)

    def _start(self, name, *command):
        with open(self.folder / f"{name}.log", "ab") as log:
            return subprocess.Popen(
                [str(part) for part in command],
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    def start(self):
        main = ["kamailio", "-DD", "-E", "-Y", self.folder, "-f", self.folder / "kamailio.cfg", "-m", 32]
        self.process = self._start("kamailio", *main)
        until(self.answers, f"Kamailio; see {self.folder / 'kamailio.log'}")

    def answers(self):
        assert self.process.poll() is None, (self.folder / "kamailio.log").read_text()
        return self.command("core.uptime", check=False).returncode == 0

    def command(self, *words, check=True):
        control = f"unix:{self.folder}/kamailio_ctl"
        return subprocess.run(["kamcmd", "-s", control, *words], check=check, capture_output=True, text=True)

    def forget(self):
        """What it may keep for a while (``ttl``) is old now."""
        self.command("htable.flush", "fresh")

    def kill(self):
        """``kill -9`` of all its processes."""
        _kill(self.process)

    def start_uploader(self, *options):
        script = [sys.executable, self.folder / "upload_records.py", self.folder / "portal.conf", self.records_db]
        self.uploader = self._start("uploader", *script, *(options or ["--every", "0.02"]))

    def kill_uploader(self):
        _kill(self.uploader)

    def add_rows(self, rows):
        """As Kamailio does: (cdr_id, record); a record is a text, or what becomes JSON."""
        texts = [(cdr_id, each if isinstance(each, str) else json.dumps(each)) for cdr_id, each in rows]
        with closing(sqlite3.connect(self.records_db, timeout=10)) as database, database:
            database.executemany("INSERT INTO records (cdr_id, record) VALUES (?, ?)", texts)

    def stop(self):
        for process in (self.uploader, self.process):
            if process is not None:
                _kill(process)

    def query(self, statement):
        with closing(sqlite3.connect(self.records_db, timeout=10)) as database:
            return database.execute(statement).fetchall()

    def rows(self):
        return [json.loads(row) for (row,) in self.query("SELECT record FROM records ORDER BY id")]

    def records(self, count):
        """The records in the database, once there are so many."""
        until(lambda: len(self.rows()) >= count, f"{count} call records")
        rows = self.rows()
        assert len(rows) == count, rows
        return rows


def _kill(process):
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
