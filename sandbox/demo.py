"""``make demo``: the whole portal on this machine, with a pretend world around it.

Everything it keeps is under ``var/demo``; ``var/demo.json`` is for programs, ``var/demo.env`` for ``make
manage``.
"""

import fcntl
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import IO, Any
from urllib.error import URLError
from urllib.request import urlopen

from sandbox import announcement, front, keys
from sandbox.processes import MARK, Child, DemoError, Watch, end_leftovers, stop_all
from sandbox.servers import Postgres, Valkey, end_with_parent, free_port

ROOT = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("DEMO_FOLDER") or ROOT / "var")  # another one for tests and a second demo
HOME = VAR / "demo"
LOGS = HOME / "logs"
PYTHON = Path(sys.executable)
READY_SECONDS = 240
WORKERS = {"people": 2, "rest": 1, "carrier": 1}  # web processes of each class of callers
# Background workers and their queues. Money waits for nothing; a receiver that is silent holds up only other receivers.
QUEUES = {
    "worker": ["default", "--processes", "2"],
    "worker-mail-bulk": ["mail", "bulk", "--threads", "4"],
    "worker-deliver": ["deliver", "--threads", "20"],
}


def number_from_env(name: str, default: int, *, low: int, high: int) -> int:
    value = os.environ.get(name) or str(default)
    if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
        raise DemoError(f"{name} must be a whole number from {low} to {high}; it is {value!r}.")
    return int(value)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def only_one() -> IO[str]:
    """Holds the demo's lock; the kernel lets go of it however this process ends."""
    lock = open(HOME / "lock", "a+", encoding="utf-8")  # noqa: SIM115  stays open as long as the demo runs
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        holder = lock.read().strip()
        raise DemoError(f"A demo of this folder is running already ({holder}). Stop it first.") from None
    return lock


def write_private(path: Path, text: str) -> None:
    temporary = path.with_name(path.name + ".part")
    with open(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)


@dataclass
class Demo:
    port: int
    numbers: int
    known: dict[str, str]  # passwords and keys, made once
    began: float = field(default_factory=time.monotonic)
    children: list[Child] = field(default_factory=list)
    steps: list[Child] = field(default_factory=list)
    settings: dict[str, str] = field(default_factory=dict)
    owner: dict[str, str] = field(default_factory=dict)
    postgres: Postgres | None = None
    valkey: Valkey | None = None

    def __post_init__(self) -> None:
        self.ports: dict[str, int] = {}
        for name, offset in (
            ("mailbox", 1),
            ("gateway", 2),
            ("carrier", 3),
            ("switch", 4),
            ("receiver", 5),
            ("smtp", 25),
        ):
            wanted = self.port + offset
            self.ports[name] = wanted if wanted < 65536 and is_free(wanted) else free_port()
        self.ports |= {name: free_port() for name in ("people", "rest")}  # only the front asks there
        self.url = f"http://127.0.0.1:{self.port}"
        self.mailbox_url = f"http://127.0.0.1:{self.ports['mailbox']}"
        self.gateway_url = f"http://127.0.0.1:{self.ports['gateway']}"
        self.carrier_url = f"http://127.0.0.1:{self.ports['carrier']}"
        self.switch_url = f"http://127.0.0.1:{self.ports['switch']}"
        self.receiver_url = f"http://127.0.0.1:{self.ports['receiver']}"

    # -- running -----------------------------------------------------------------------------------------------

    def run(self) -> None:
        self.start_servers()
        feed = self.prepare_feed()
        static = self.collect_static()
        self.migrate()
        if static is not None:
            static[0].finish()  # the web workers read the list of hashed names when they start
            write_private(HOME / "static.stamp", static[1])
        self.start_portal()
        self.load_numbers(feed)
        self.load_rules()
        made = self.make_customers()
        self.wait_until_ready()
        facts = self.facts(made)
        write_private(VAR / "demo.json", json.dumps(facts, indent=2) + "\n")
        self.announce(facts)
        self.watch(patient=True).forever()

    def watch(self, *, patient: bool = False) -> Watch:
        servers = {"postgres": self.postgres, "valkey": self.valkey}
        return Watch(
            self.children, {name: server for name, server in servers.items() if server}, say=say, patient=patient
        )

    def start_servers(self) -> None:
        database, broker = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
        owner = os.environ.pop("DATABASE_OWNER_URL", "")  # migrations only; no other child may have it
        if not database:
            say("Starting PostgreSQL …")
            self.postgres = Postgres(HOME / "pg").start()
            database, owner = self.postgres.url, self.postgres.owner_url
        if not broker:
            self.valkey = Valkey(HOME / "valkey").start()
            broker = self.valkey.url
        self.settings, self.owner = self.environment(database, broker), {"DATABASE_OWNER_URL": owner}
        known = self.settings | self.owner
        write_private(VAR / "demo.env", "".join(f"{key}={value}\n" for key, value in known.items()))
        self.serve(
            "mailbox",
            *(PYTHON, "-m", "sandbox.mailbox", "--port", self.ports["mailbox"]),
            *("--smtp-port", self.ports["smtp"], "--folder", HOME / "mail"),
        )
        self.serve(
            "gateway",
            *(PYTHON, "-m", "sandbox.gateway", "--port", self.ports["gateway"]),
            *("--webhook-url", f"{self.url}/payments/stripe/webhook"),
        )

    def environment(self, database: str, broker: str) -> dict[str, str]:
        """The portal's settings: production's, but for the pretend world on loopback."""
        return {
            "DEBUG": "0",
            "SITE_URL": self.url,
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "OPERATOR": "Vox Demo Telecom Ltd, 1 Example Street, Exampletown",
            "SECRET_KEY": self.known["secret_key"],
            "ENCRYPTION_KEYS": self.known["encryption_key"],
            "DATABASE_URL": database,
            "REDIS_URL": broker,
            "STRIPE_SECRET_KEY": self.known["stripe_secret_key"],
            "STRIPE_API_BASE": self.gateway_url,
            "STRIPE_WEBHOOK_SECRETS": self.known["webhook_secret"],
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": str(self.ports["smtp"]),
            "TRUSTED_PROXIES": "1",
            "WEBHOOK_PRIVATE_TARGETS": "1",
            "SANDBOX": "1",
            "SANDBOX_CALLS_URL": self.switch_url,
            "STATIC_ROOT": str(HOME / "static"),
            "DOCUMENT_ROOT": str(HOME / "documents"),
            "LOG_LEVEL": os.environ.get("LOG_LEVEL", "INFO"),
        }

    def start_portal(self) -> None:
        for name, workers in WORKERS.items():
            # Switches come to their listener without the front, so it believes nobody's X-Forwarded-For.
            env = {"TRUSTED_PROXIES": "0"} if name == "carrier" else {}
            self.serve(
                name, PYTHON, "-m", "portal.serve", name, "--port", self.ports[name], "--workers", workers, env=env
            )
        self.serve(
            "switch",
            *(PYTHON, "-m", "sandbox.switch", "--port", self.ports["switch"]),
            *("--portal", self.carrier_url, "--back", self.url),
            env={"SANDBOX_SWITCH_SECRET": self.known["switch_secret"]},
        )
        self.serve("receiver", PYTHON, "-m", "sandbox.receiver", "--port", self.ports["receiver"], "--back", self.url)
        self.serve(
            "front",
            *front.COMMAND,
            env=front.environment(
                port=self.port,
                **{name: self.ports[name] for name in WORKERS},
                static=HOME / "static",
                data=HOME / "front",
                settings=self.settings,
            ),
        )
        for name, arguments in QUEUES.items():
            self.serve(name, PYTHON, "-m", "portal.work", *arguments)
        self.serve(
            "beat",
            PYTHON,
            "-m",
            "celery",
            "-A",
            "portal",
            "beat",
            "--loglevel",
            "WARNING",
            "--schedule",
            HOME / "beat-schedule",
            "--pidfile",
            "",
            env={"PROCESS_CLASS": "worker"},
        )

    def process(self, name: str, *command: object, env: Mapping[str, str]) -> Child:
        all_of_it = os.environ | self.settings | {"PORTAL_ENV_FILE": os.devnull, "PYTHONUNBUFFERED": "1", **env}
        return Child(name, [str(part) for part in command], LOGS / f"{name}.log", all_of_it).start()

    def serve(self, name: str, *command: object, env: Mapping[str, str] | None = None) -> None:
        self.children.append(self.process(name, *command, env=env or {}))

    def step(self, name: str, *arguments: object, env: Mapping[str, str] | None = None) -> Child:
        child = self.process(name, PYTHON, *arguments, env=env or {})
        self.steps.append(child)
        return child

    # -- preparing ---------------------------------------------------------------------------------------------

    def prepare_feed(self) -> Child | None:
        """The suppliers' feed of numbers, made while the database is being set up."""
        if self.loaded() == self.wanted():
            return None
        say(f"Making a supplier's feed of {self.numbers:,} numbers …")
        return self.step("feed", "-m", "sandbox.feed", "--count", self.numbers, "--out", HOME / "feed.csv")

    def wanted(self) -> dict[str, Any]:
        return {"numbers": self.numbers, "database": os.environ.get("DATABASE_URL", "")}

    def loaded(self) -> dict[str, Any]:
        try:
            return dict(json.loads((HOME / "loaded.json").read_text(encoding="utf-8")))
        except (OSError, ValueError):
            return {}

    def load_numbers(self, feed: Child | None) -> None:
        if feed is None:
            return
        feed.finish()
        say("Loading the numbers …")
        self.step("import", "manage.py", "import_numbers", HOME / "feed.csv").finish()
        write_private(HOME / "loaded.json", json.dumps(self.wanted()))

    def load_rules(self) -> None:
        """What countries ask for, and invented prices of calls to each; what staff have changed since stays."""
        folder = ROOT / "sandbox"
        requirements = self.step(
            "requirements", "manage.py", "import_requirements", folder / "requirements.json", "--demo", "--only-new"
        )
        prices = self.step("prices", "manage.py", "import_call_prices", folder / "call_prices.csv", "--only-new")
        requirements.finish()
        prices.finish()

    def migrate(self) -> None:
        """Skipped when nothing has changed since the last time; /readyz would tell if that were wrong."""
        files = sorted(path for path in ROOT.glob("*/**/migrations/*.py") if ".venv" not in path.parts)
        files.append(ROOT / "portal" / "core" / "roles.py")  # every migrate ends with the application's rights
        stamp = json.dumps([self.wanted(), [[str(path), path.stat().st_mtime_ns] for path in files]])
        stamp_file = HOME / "migrate.stamp"
        if stamp_file.is_file() and stamp_file.read_text(encoding="utf-8") == stamp:
            return
        self.step("migrate", "manage.py", "migrate", "--no-input", env=self.owner).finish()
        write_private(stamp_file, stamp)

    def collect_static(self) -> tuple[Child, str] | None:
        files = sorted(path for path in (ROOT / "static").rglob("*") if path.is_file())
        stamp = json.dumps([[str(path), path.stat().st_mtime_ns] for path in files])
        stamp_file = HOME / "static.stamp"
        if stamp_file.is_file() and stamp_file.read_text(encoding="utf-8") == stamp:
            return None
        return self.step("collectstatic", "manage.py", "collectstatic", "--no-input", "--clear"), stamp

    def make_customers(self) -> dict[str, Any]:
        result = HOME / "customers.json"
        self.step(
            "create_demo", "manage.py", "create_demo", "--secrets", HOME / "secrets.json", "--out", result
        ).finish()
        return dict(json.loads(result.read_text(encoding="utf-8")))

    def wait_until_ready(self) -> None:
        watch, deadline = self.watch(), time.monotonic() + READY_SECONDS
        waiting = [self.url, *(f"http://127.0.0.1:{self.ports[name]}" for name in ("rest", "carrier"))]
        while waiting and time.monotonic() < deadline:
            watch.look()
            try:
                with urlopen(f"{waiting[0]}/readyz", timeout=5):
                    waiting.pop(0)
                    continue
            except (URLError, OSError):
                pass
            time.sleep(0.1)
        if waiting:
            raise DemoError(f"The portal did not become ready within {READY_SECONDS} s; see {LOGS}.")

    # -- telling -----------------------------------------------------------------------------------------------

    def facts(self, made: dict[str, Any]) -> dict[str, Any]:
        return (
            {"url": self.url}
            | made
            | {
                "mailbox_url": self.mailbox_url,
                "gateway_url": self.gateway_url,
                "carrier_url": self.carrier_url,
                "switch_url": self.switch_url,
                "receiver_url": self.receiver_url,
                "webhook_secret": self.known["webhook_secret"],
            }
        )

    def announce(self, facts: dict[str, Any]) -> None:
        lines = announcement.lines(facts, seconds=time.monotonic() - self.began, file=VAR / "demo.json", logs=LOGS)
        width = max(len(line) for line in lines)
        print("\n".join(["", "─" * width, *lines, "─" * width]), flush=True)

    def stop(self) -> None:
        stop_all([*self.steps, *self.children])
        if self.valkey is not None:
            self.valkey.stop()
        if self.postgres is not None:
            self.postgres.stop()


def say(text: str) -> None:
    with suppress(OSError):  # written to a full disk, or to a terminal that is gone: no reason to end
        print(text, flush=True)


def on_ending(act: Callable[[int, FrameType | None], object] | signal.Handlers) -> None:
    for ending in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, act)


def interrupted(number: int, frame: FrameType | None) -> None:
    """Once: the second signal (a killed make sends two) must not stop the stopping."""
    on_ending(signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> int:
    on_ending(interrupted)
    if "MAKELEVEL" in os.environ:  # a killed make takes the demo along
        end_with_parent()
    os.chdir(ROOT)
    LOGS.mkdir(parents=True, exist_ok=True)
    demo = None
    try:
        port = number_from_env("PORT", 8000, low=1, high=65535)
        numbers = number_from_env("DEMO_NUMBERS", 100_000, low=1, high=50_000_000)
        lock = only_one()
        if count := end_leftovers(HOME):
            say(f"Ended {count} processes that an earlier demo had left.")
        if not is_free(port):
            raise DemoError(f"Port {port} is taken. Choose another, for instance: make demo PORT={free_port()}")
        lock.truncate(0)
        lock.write(f"process {os.getpid()}, http://127.0.0.1:{port}")
        lock.flush()
        os.environ[MARK] = str(HOME)
        demo = Demo(port, numbers, keys.load(HOME / "secrets.json"))
        demo.run()
    except DemoError as error:
        print(f"\n{error}", file=sys.stderr, flush=True)
        return 1
    except KeyboardInterrupt:
        say("\nStopping …")
        return 0
    finally:
        on_ending(signal.SIG_IGN)
        if demo is not None:
            demo.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
