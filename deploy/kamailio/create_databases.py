#!/usr/bin/env python3
"""Makes the two SQLite files of the switch, or what is missing in them. Run it as often as you like.

    create_databases.py RECORDS_DB STATE_DB [SCHEMAS]

Kamailio's own tables come from the files of its package (SCHEMAS). Standard library only.
"""

import sqlite3
import sys
from pathlib import Path

SCHEMAS = Path("/usr/share/kamailio/db_sqlite")
KAMAILIOS = {"version": "standard", "dialog": "dialog", "location": "usrloc"}  # a table of each file


def _opened(path: str) -> sqlite3.Connection:
    database = sqlite3.connect(path, timeout=30)
    database.execute("PRAGMA journal_mode = WAL")  # readers and the one who writes do not wait for one another
    return database


def create_records(path: str) -> None:
    with _opened(path) as database:
        database.executescript(Path(__file__).with_name("records.sql").read_text(encoding="utf-8"))


def create_state(path: str, schemas: Path = SCHEMAS) -> None:
    with _opened(path) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table, file in KAMAILIOS.items():
            if table not in tables:
                text = (schemas / f"{file}-create.sql").read_text(encoding="utf-8")
                database.executescript(f"BEGIN; {text} COMMIT;")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    create_records(sys.argv[1])
    create_state(sys.argv[2], Path(sys.argv[3]) if len(sys.argv) == 4 else SCHEMAS)
