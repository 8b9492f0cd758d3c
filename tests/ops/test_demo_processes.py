"""The processes of the demo: what ends is started again, and nothing of a killed demo is left."""

import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
import redis
from django.core.management import CommandError, call_command

from sandbox.processes import Child, DemoError, Watch, stop_all
from sandbox.servers import Postgres, Valkey


def until(true):
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_part_that_ends_is_started_again(tmp_path):
    code = "import sys, time; print('up', flush=True); time.sleep(600)"
    child = Child("web", [sys.executable, "-c", code], tmp_path / "web.log", os.environ).start()
    watch, first, words = Watch([child]), child.process.pid, []
    watch.say = words.append
    until(lambda: (tmp_path / "web.log").read_text() == "up\n")
    watch.look()
    assert child.process.pid == first
    child.process.kill()
    child.process.wait()
    watch.look()
    assert child.process.pid != first
    assert words == ["web ended (-9); starting it again."]
    until(lambda: (tmp_path / "web.log").read_text() == "up\nup\n")
    child.stop()


def test_a_part_that_keeps_ending_ends_the_demo_with_the_end_of_its_log(tmp_path):
    child = Child(
        "web", [sys.executable, "-c", "print('no such port'); raise SystemExit(3)"], tmp_path / "web.log", os.environ
    ).start()
    with pytest.raises(DemoError, match=r"web ended 6 times within 60 s, last with 3:\nno such port"):
        Watch([child], most=5).forever()
    child.stop()


def runs(pid):
    try:  # a process that has ended and that nobody has fetched has no command any more
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except OSError:
        return False


def reached(postgres):
    try:
        psycopg.connect(postgres.url).close()
    except psycopg.OperationalError:
        return False
    return True


def answers(valkey):
    try:
        return redis.Redis.from_url(valkey.url).ping()
    except redis.ConnectionError:
        return False


def test_while_a_part_keeps_ending_the_others_go_on_and_it_comes_back_when_it_can(tmp_path):
    """A full disk, for instance, on which beat cannot open its schedule."""
    room = tmp_path / "room"
    code = (
        "import pathlib, sys, time; room = pathlib.Path(sys.argv[1]).exists(); "
        "print('up' if room else 'no room', flush=True); room and time.sleep(600)"
    )
    beat = Child("beat", [sys.executable, "-c", code, str(room)], tmp_path / "beat.log", os.environ).start()
    web = Child("web", [sys.executable, "-c", "import time; time.sleep(600)"], tmp_path / "web.log", os.environ).start()
    words = []
    watch, first = Watch([beat, web], most=2, pause=0.1, patient=True, say=words.append), web.process.pid

    def looked():
        watch.look()
        return (tmp_path / "beat.log").read_text().splitlines()

    try:
        until(lambda: looked().count("no room") >= 5)
        assert words[:2] == ["beat ended (0); starting it again."] * 2
        assert words[2].startswith("beat ended 3 times within 60 s, last with 0:\nno room")
        assert words[2].endswith("It is tried every 0 s; the rest goes on.")
        assert len(words) == 3
        room.touch()
        until(lambda: "up" in looked())
        assert beat.ended is None
        assert web.process.pid == first
        assert web.ended is None
    finally:
        beat.stop()
        web.stop()


def test_a_database_that_cannot_start_is_tried_until_it_can(tmp_path):
    """As one that panicked on a full disk: it cannot even recover before there is room."""
    postgres = Postgres(tmp_path / "pg").start()
    watch = Watch([], {"postgres": postgres}, most=1, pause=0.1, patient=True)
    needed = postgres.data / "global" / "pg_control"

    def up():
        watch.look()
        return reached(postgres)

    try:
        needed.rename(tmp_path / "away")
        postgres.process.kill()
        postgres.process.wait()
        until(lambda: not up() and len(watch.began["postgres"]) >= 3)
        (tmp_path / "away").rename(needed)
        until(up)
    finally:
        postgres.stop()


def test_killed_engines_come_back_at_the_same_address_with_their_data(tmp_path):
    postgres, valkey = Postgres(tmp_path / "pg"), Valkey(tmp_path / "valkey")
    try:
        addresses = postgres.start().url, valkey.start().url
        with psycopg.connect(postgres.owner_url, autocommit=True) as session:
            session.execute("CREATE TABLE kept AS SELECT 7 AS n")
        sleeper = psycopg.connect(postgres.url)  # a session that the killed server leaves behind
        watch = Watch([], {"postgres": postgres, "valkey": valkey})
        for server in (postgres, valkey):
            server.process.kill()
            server.process.wait()
        watch.look()
        assert (postgres.url, valkey.url) == addresses
        until(lambda: reached(postgres) and answers(valkey))
        with psycopg.connect(postgres.owner_url) as session:
            assert session.execute("SELECT n FROM kept").fetchone() == (7,)
        sleeper.close()
    finally:
        postgres.stop()
        valkey.stop()


def test_parts_that_do_not_end_share_one_grace(tmp_path, monkeypatch):
    """All that wait for a database that hangs, for instance: stopping took twelve seconds for each of them."""
    monkeypatch.setattr("sandbox.processes.GRACE_SECONDS", 1.5)
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
    )
    children = [Child(name, [sys.executable, "-c", deaf], tmp_path / name, os.environ).start() for name in "abcd"]
    until(lambda: all((tmp_path / child.name).read_text() for child in children))
    began = time.monotonic()
    stop_all(children)
    assert time.monotonic() - began < 4
    assert [child.ended for child in children] == [-9] * 4


def test_a_frozen_session_of_the_database_is_not_left_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("sandbox.servers.ORPHAN_SECONDS", 0, raising=False)
    postgres = Postgres(tmp_path / "pg").start()
    session = psycopg.connect(postgres.url, autocommit=True)
    backend = session.execute("SELECT pg_backend_pid()").fetchone()[0]
    try:
        os.kill(backend, signal.SIGSTOP)
        os.kill(postgres.process.pid, signal.SIGKILL)  # as a stop does in the end when nothing answers
        postgres.process.wait()
        postgres.stop()
        assert not runs(backend)
    finally:
        with suppress(ProcessLookupError):
            os.kill(backend, signal.SIGKILL)
        session.close()


def test_a_database_of_one_role_changes_hands(tmp_path):
    """What a demo of an earlier release left: the superuser's own tables."""
    postgres = Postgres(tmp_path / "pg")
    try:
        postgres.start().administer(
            "CREATE TABLE kept (id serial, n int)",
            "INSERT INTO kept (n) VALUES (7)",
            "CREATE VIEW seen AS TABLE kept",
            "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            "CREATE EXTENSION btree_gist",
            "ALTER DATABASE portal OWNER TO postgres",
        )
        postgres.stop()
        postgres = Postgres(tmp_path / "pg").start()
        with psycopg.connect(postgres.owner_url) as session:
            session.execute("ALTER TABLE kept ADD COLUMN m int")
            session.execute("DROP VIEW seen")
            session.execute("DROP FUNCTION f()")
            assert session.execute("INSERT INTO kept (n) VALUES (8) RETURNING id").fetchone() == (2,)
    finally:
        postgres.stop()


def test_a_part_takes_its_own_workers_along(tmp_path):
    """Even when it is killed so hard that it cannot tell them."""
    code = (
        "import subprocess, sys, time; "
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)']); "
        "print(p.pid, flush=True); time.sleep(600)"
    )
    child = Child("worker", [sys.executable, "-c", code], tmp_path / "worker.log", os.environ).start()
    deadline = time.monotonic() + 30
    while not (text := (tmp_path / "worker.log").read_text().strip()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    child.process.kill()
    child.stop()
    while True:
        try:
            state = Path(f"/proc/{text}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            break
        if state == "Z":
            break
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_demo_people_are_refused_outside_of_a_sandbox(tmp_path, db, settings):
    settings.SANDBOX = False
    with pytest.raises(CommandError, match="sandbox"):
        call_command("create_demo", secrets=tmp_path / "secrets.json", out=tmp_path / "out.json")
