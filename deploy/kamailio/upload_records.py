#!/usr/bin/env python3
"""Takes call records from the switch's database to the portal: each once, however often something is killed.

    upload_records.py PORTAL_CONF RECORDS_DB [--every SECONDS]   runs until SIGTERM
    upload_records.py PORTAL_CONF RECORDS_DB --again             sends what was set aside once more

A batch gets its id before it is sent for the first time and is sent unchanged until the portal has answered; the
portal recognises it. What the portal refuses for good is set aside (table ``set_aside``). Standard library only.
"""

import argparse
import fcntl
import json
import logging
import signal
import sqlite3
import sys
import threading
import uuid
from collections.abc import Iterator, Sequence
from configparser import ConfigParser
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

LARGEST_BATCH = 500  # records that the portal takes at once
NEVER_AGAIN = {400, 413, 422}
SLOWEST_RETRY = 60.0  # seconds
TIMEOUT = 30.0  # seconds for one answer
log = logging.getLogger("upload_records")


@dataclass(frozen=True)
class Portal:
    """The section ``[portal]`` of portal.conf, which Kamailio reads, too."""

    url: str
    switch_id: str
    secret: str

    @classmethod
    def read(cls, path: str) -> "Portal":
        """Raises KeyError and OSError where it is incomplete or cannot be read."""
        parser = ConfigParser(interpolation=None)
        with open(path, encoding="utf-8") as file:
            parser.read_file(file)
        section = parser["portal"]
        return cls(section["url"].rstrip("/"), section["username"], section["password"])

    def send(self, body: bytes) -> tuple[int, Any]:
        """Status and answer; None instead of an answer that is no JSON. Raises OSError and HTTPException."""
        parts = urlsplit(self.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
        try:
            headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}
            connection.request("POST", f"{parts.path}/cdrs", body, headers)
            response = connection.getresponse()
            text = response.read()
        finally:
            connection.close()
        try:
            return response.status, json.loads(text)
        except ValueError:
            return response.status, None


Row = tuple[int, str, str]  # id, cdr_id, record


class Records:
    """The database that Kamailio writes. A method is one transaction."""

    def __init__(self, path: str) -> None:
        self.database = sqlite3.connect(path, timeout=30, isolation_level=None)
        self.database.execute("PRAGMA synchronous = FULL")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self.database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.database.execute("ROLLBACK")
            raise
        self.database.execute("COMMIT")

    def batch(self) -> tuple[str, list[Row]] | None:
        """The batch that was begun and not answered, or else a new one of the oldest records."""
        begun = self.database.execute("SELECT batch_id FROM records WHERE batch_id IS NOT NULL LIMIT 1").fetchone()
        if begun:
            return begun[0], self._of(begun[0])
        if not self.database.execute("SELECT 1 FROM records LIMIT 1").fetchone():
            return None
        batch_id = str(uuid.uuid4())
        with self._transaction():
            self.database.execute(
                "UPDATE records SET batch_id = ? WHERE id IN (SELECT id FROM records ORDER BY id LIMIT ?)",
                [batch_id, LARGEST_BATCH],
            )
        return batch_id, self._of(batch_id)

    def _of(self, batch_id: str) -> list[Row]:
        return self.database.execute(
            "SELECT id, cdr_id, record FROM records WHERE batch_id = ? ORDER BY id", [batch_id]
        ).fetchall()

    def remove(self, rows: Sequence[Row], refused: dict[str, str]) -> None:
        """The portal has them; those in ``refused`` (cdr_id: error) are set aside."""
        with self._transaction():
            for number, cdr_id, record in rows:
                if cdr_id in refused:
                    self.database.execute(
                        "INSERT INTO set_aside (cdr_id, record, error) VALUES (?, ?, ?)",
                        [cdr_id, record, refused[cdr_id]],
                    )
                self.database.execute("DELETE FROM records WHERE id = ?", [number])

    def again(self) -> int:
        """Puts back what was set aside; how many."""
        with self._transaction():
            self.database.execute("INSERT OR IGNORE INTO records (cdr_id, record) SELECT cdr_id, record FROM set_aside")
            return self.database.execute("DELETE FROM set_aside").rowcount


def complete(record: str) -> dict[str, str]:
    """As the portal wants it: Kamailio noted the times, ``duration`` is the seconds between two of them.

    Raises ValueError for what is no record.
    """
    fields = json.loads(record)
    if not isinstance(fields, dict):
        raise ValueError("no object")
    answered = fields.get("answer_time")
    duration = Decimal(fields["end_time"]) - Decimal(answered) if answered else Decimal(0)
    return fields | {"duration": str(max(duration, Decimal(0)))}


def body_of(batch_id: str, switch_id: str, rows: Sequence[Row]) -> tuple[bytes, dict[str, str]]:
    """What is sent, the same for the same rows, and the records that are none (cdr_id: error)."""
    cdrs, broken = [], {}
    for _, cdr_id, record in rows:
        try:
            cdrs.append(complete(record))
        except (ValueError, KeyError, ArithmeticError) as error:
            broken[cdr_id] = f"unreadable: {error!r}"
    return json.dumps({"batch_id": batch_id, "switch_id": switch_id, "cdrs": cdrs}).encode(), broken


def upload(portal: Portal, records: Records) -> bool | None:
    """One batch. True: the portal has answered for good; False: to be sent again; None: there is nothing to send."""
    batch = records.batch()
    if batch is None:
        return None
    batch_id, rows = batch
    body, refused = body_of(batch_id, portal.switch_id, rows)
    try:
        status, answer = portal.send(body)
    except (OSError, HTTPException) as error:
        log.warning("batch %s of %d waits: %s", batch_id, len(rows), error)
        return False
    if status in NEVER_AGAIN:
        refused = {cdr_id: f"{status} {answer}" for _, cdr_id, _ in rows}
    elif status == 200 and isinstance(answer, dict) and isinstance(answer.get("rejected"), list):
        refused |= {str(each.get("cdr_id")): str(each.get("error")) for each in answer["rejected"]}
    else:
        log.warning("batch %s of %d waits: the portal answers %s %s", batch_id, len(rows), status, answer)
        return False
    records.remove(rows, refused)
    log.info("batch %s of %d: %s", batch_id, len(rows), answer)
    for cdr_id, why in refused.items():
        log.error("set aside: %s: %s", cdr_id, why)
    return True


def run(portal: Portal, records: Records, every: float, stopping: threading.Event) -> None:
    delay = every
    while not stopping.is_set():
        try:
            sent = upload(portal, records)
        except sqlite3.OperationalError as error:  # busy, or the disk is full: it may be better in a moment
            log.warning("the database cannot be used: %s", error)
            sent = False
        if sent:
            delay = every
            continue  # there may be more
        delay = every if sent is None else min(max(delay * 2, every), SLOWEST_RETRY)
        stopping.wait(delay)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("portal_conf")
    parser.add_argument("records_db")
    parser.add_argument("--every", type=float, default=1.0, metavar="SECONDS", help="how often to look for records")
    parser.add_argument("--again", action="store_true", help="put back what was set aside, and end")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    records = Records(arguments.records_db)
    if arguments.again:
        log.info("%d records are sent again", records.again())
        return 0
    lock = open(f"{arguments.records_db}.lock", "w", encoding="utf-8")  # noqa: SIM115  held until the process ends
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        log.error("another uploader works on %s", arguments.records_db)  # noqa: TRY400
        return 1
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    run(Portal.read(arguments.portal_conf), records, arguments.every, stopping)
    return 0


if __name__ == "__main__":
    sys.exit(main())
