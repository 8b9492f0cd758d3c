"""sipp as a trunk, a gateway, a SIP server and as telephones, each with a scenario of tests/switch/scenarios.py."""

import itertools
import os
import re
import subprocess
from pathlib import Path

from sandbox.servers import end_with_parent
from tests.switch.kit import free_port, until

_serial = itertools.count(1)


def _bound(port):
    """Asking the kernel: a bind of ours would be in sipp's way. 07 is a socket of UDP, 0A one of TCP that listens."""
    tables = (Path(f"/proc/net/{name}").read_text() for name in ("udp", "udp6", "tcp", "tcp6"))
    return any(re.search(rf":{port:04X} 0+:0000 0[7A]", table) for table in tables)


class Sipp:
    """One process, one scenario, one call."""

    def __init__(self, folder, scenario, *, port=None, to=None, address="127.0.0.1", transport="u1", call_id=None):
        self.port = port or free_port()
        serial = next(_serial)
        name = folder / f"sipp-{serial}"
        self.messages, self.errors = name.with_suffix(".messages"), name.with_suffix(".errors")
        name.with_suffix(".xml").write_text(scenario)
        media = f"127.{os.getpid() % 250 + 1}.{serial % 250 + 1}.1"  # so that audio ports are nobody else's
        command = [
            "sipp", *([to] if to else []), "-sf", name.with_suffix(".xml"), "-i", address, "-p", self.port,
            "-t", transport, "-mi", media, "-m", 1, "-nostdin", "-timeout", 20, "-timeout_error",
            "-trace_msg", "-message_file", self.messages, "-trace_err", "-error_file", self.errors,
            *(["-cid_str", call_id] if call_id else []),
        ]  # fmt: skip
        with open(name.with_suffix(".out"), "wb") as output:
            self.process = subprocess.Popen(
                [str(part) for part in command],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                preexec_fn=end_with_parent,
            )

    def ready(self):
        until(lambda: self.process.poll() is not None or _bound(self.port), "sipp")
        return self

    def done(self):
        """Waits for the end of the scenario, which must have gone as written."""
        code = self.process.wait()
        errors = self.errors.read_text() if self.errors.exists() else ""
        assert code == 0, f"sipp ended with {code}: {errors}\n{self.heard()}"
        return self

    def heard(self):
        return self.messages.read_text() if self.messages.exists() else ""

    def received(self, start):
        """The first message that came in and begins with ``start``."""
        for part in re.split(r"-{40,} .*\n", self.heard()):
            head, _, message = part.partition("\n\n")
            if "received" in head and message.startswith(start):
                return message
        raise AssertionError(f"no {start} in:\n{self.heard()}")

    def stop(self):
        self.process.kill()
        self.process.wait()


def header(message, name):
    """The values of a header, in their order."""
    return re.findall(rf"^{name}: *(.*?)\r?$", message, re.MULTILINE | re.IGNORECASE)
