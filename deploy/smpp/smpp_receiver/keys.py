"""By which name the portal knows a message, so that it is stored once however often the SMSC sends it.

A ``deliver_sm`` has no name, and its text is none: people send the same text twice. So each gets a new key, which stays
*open* until it is certain that the SMSC has our answer. What is the same as an open one is that one, sent again. Each
message that the SMSC sees acknowledged has used up one key; messages with the same content may change places.

Keys are in a file, so that this holds when the process is killed. They are not synced: after a power cut a message may
come twice, but none is lost.
"""

import sqlite3
import time
import uuid

KEPT = 7 * 86_400  # seconds; the portal knows a key for as long
# Seconds that an answer may have been lost with its connection. Then the SMSC sends the message again when we are back;
# what comes later and is the same is another one.
UNCONFIRMED = 300
_TABLE = """
CREATE TABLE IF NOT EXISTS open_keys (key TEXT PRIMARY KEY, digest TEXT NOT NULL, since REAL NOT NULL, answered REAL)
"""
_INDEX = "CREATE INDEX IF NOT EXISTS open_keys_digest ON open_keys (digest)"
_OLD = "DELETE FROM open_keys WHERE since < ? OR answered < ?"
_FOUND = "SELECT key FROM open_keys WHERE digest = ? AND (answered IS NULL OR answered >= ?) ORDER BY since"


class Keys:
    """Of one process. Raises sqlite3.Error when the file cannot be used."""

    def __init__(self, path: str) -> None:
        self.database = sqlite3.connect(path, timeout=10, isolation_level=None)
        for statement in ("PRAGMA journal_mode = WAL", "PRAGMA synchronous = OFF", _TABLE, _INDEX):
            self.database.execute(statement)
        self.in_use: set[str] = set()  # of messages that are being handed over or confirmed in this session
        self.forget_old()

    def forget_old(self) -> None:
        self.database.execute(_OLD, [time.time() - KEPT, time.time() - UNCONFIRMED])

    def take(self, digest: str) -> str:
        """The open key of this content that nobody uses now, or a new one."""
        found = self.database.execute(_FOUND, [digest, time.time() - UNCONFIRMED])
        key = next((key for (key,) in found if key not in self.in_use), "")
        if not key:
            key = uuid.uuid4().hex
            self.database.execute("INSERT INTO open_keys VALUES (?, ?, ?, NULL)", [key, digest, time.time()])
        self.in_use.add(key)
        return key

    def answered(self, key: str) -> None:
        """Stored, and our answer is about to be written."""
        self.database.execute("UPDATE open_keys SET answered = ? WHERE key = ?", [time.time(), key])

    def settle(self, key: str) -> None:
        """The SMSC has our answer, or there is nothing that could be stored twice."""
        self.database.execute("DELETE FROM open_keys WHERE key = ?", [key])
        self.in_use.discard(key)

    def release(self, key: str) -> None:
        """Whatever has the same content may be the same message."""
        self.in_use.discard(key)

    def close(self) -> None:
        self.database.close()
