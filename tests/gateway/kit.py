"""The gateways of deploy/ as an operator installs them: a folder, a file of settings, one or two processes."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

from sandbox.servers import end_with_parent, free_port
from tests.gateway.smsc import until

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
INSTALL = "apt-get install --no-install-recommends kannel"


def missing():
    """What of Kannel is not installed."""
    return [name for name in ("bearerbox", "smsbox") if shutil.which(name) is None]


class Gateway:
    """Processes by name; their output is in ``folder``."""

    def __init__(self, folder):
        self.folder, self.processes = folder, {}

    def run(self, name, *command, env=None, cwd=None):
        with open(self.folder / f"{name}.log", "ab") as log:
            self.processes[name] = subprocess.Popen(
                [str(part) for part in command],
                env=env,
                cwd=cwd or self.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    def kill(self, *names):
        """``kill -9``; of all without names."""
        for name in names or list(self.processes):
            process = self.processes.pop(name)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def logs(self):
        return "".join(path.read_text(errors="replace") for path in self.folder.glob("*.log"))


class Kannel(Gateway):
    """``portal``: its address."""

    def __init__(self, folder, portal, secret, smsc):
        super().__init__(folder)
        self.store = folder / "store"
        self.store.mkdir()
        self.admin_port = free_port()
        settings = {
            "PORTAL_URL": portal,
            "SWITCH_ID": "gw1",
            "SWITCH_SECRET": secret,
            "CA_FILE": "/etc/ssl/certs/ca-certificates.crt",
            "SMSC_NAME": "carrier-1",
            "SMSC_HOST": "127.0.0.1",
            "SMSC_PORT": smsc.port,
            "SMSC_SYSTEM_ID": "portal",
            "SMSC_PASSWORD": smsc.password,
            "SMSC_SYSTEM_TYPE": "",
            "ADMIN_PASSWORD": "status",
            "ADMIN_PORT": self.admin_port,
            "BOX_PORT": free_port(),
            "STORE": self.store,
            "LOGS": folder,
            "RETRY_SECONDS": 1,
            "RECONNECT_SECONDS": 1,
        }
        self.conf = folder / "kannel.conf"
        self.conf.write_text(configured("".join(f"{name}={value}\n" for name, value in settings.items()), folder))

    def start(self):
        self.start_bearerbox()
        self.start_smsbox()

    def start_bearerbox(self):
        self.run("bearerbox", "bearerbox", "-v", "4", self.conf)

    def start_smsbox(self):
        """It ends when there is no bearerbox yet, and is started again, as Debian's run_kannel_box does."""
        mark = self.folder / "bearerbox.log"
        until(lambda: mark.exists() and "entering mainloop" in mark.read_text(), "bearerbox to listen")
        connected = mark.read_text().count("Client connected")
        self.run("smsbox", "smsbox", "-v", "4", self.conf)
        until(lambda: mark.read_text().count("Client connected") > connected, "smsbox to connect")

    def stored(self):
        """Messages that bearerbox keeps because smsbox has not taken them."""
        return [path for path in self.store.rglob("*") if path.is_file()]


def configured(settings, folder):
    """kannel.conf, as configure.py writes it."""
    (folder / "kannel.env").write_text("# of this test\n\n" + settings)
    script = [sys.executable, DEPLOY / "kannel" / "configure.py", DEPLOY / "kannel" / "kannel.conf.in"]
    done = subprocess.run([*script, folder / "kannel.env"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


class SmppReceiver(Gateway):
    """``portal``: its address."""

    def __init__(self, folder, portal, secret, smsc):
        super().__init__(folder)
        self.env = {
            "PATH": os.environ["PATH"],
            "SMPP_HOST": "127.0.0.1",
            "SMPP_PORT": str(smsc.port),
            "SMPP_SYSTEM_ID": "portal",
            "SMPP_PASSWORD": smsc.password,
            "SMPP_SMSC_NAME": "carrier-1",
            "SMPP_SLOWEST_RETRY": "0.1",
            "SMPP_STATE": str(folder / "keys.db"),
            "PORTAL_URL": portal,
            "PORTAL_SECRET": secret,
        }

    command = (sys.executable, "-m", "smpp_receiver")

    def start(self, **changes):
        self.run("receiver", *self.command, env=self.env | changes, cwd=DEPLOY / "smpp")

    def open_keys(self):
        """Messages of which it is not certain that the SMSC has their answer."""
        with closing(sqlite3.connect(self.env["SMPP_STATE"], timeout=10)) as database:
            return database.execute("SELECT count(*) FROM open_keys").fetchone()[0]

    def stop(self):
        """SIGTERM; its exit code."""
        process = self.processes.pop("receiver")
        process.terminate()
        return process.wait(20)

    def check(self, **changes):
        """``--check``: exit code and what it says."""
        done = subprocess.run(
            [*self.command, "--check"],
            env=self.env | changes,
            cwd=DEPLOY / "smpp",
            capture_output=True,
            text=True,
            timeout=30,
        )
        return done.returncode, done.stderr
