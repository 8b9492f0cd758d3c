"""Rows of a feed, and its import."""

import csv

import pytest
from django.core.management import call_command

from numbers.inventory import feed

GOOD = {
    "e164": "+12125550123",
    "country": "US",
    "region": "New York",
    "city": "New York",
    "type": "did",
    "capabilities": "voice|sms",
    "setup": "0",
    "monthly": "1.25",
    "docs_required": "no",
    "supplier": "acme",
    "supplier_id": "A1",
}


def write(path, *rows, header=feed.HEADER):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for row in rows:
            writer.writerow([row.get(name, "") for name in header] if isinstance(row, dict) else row)
    return path


def line(n, **changes):
    return GOOD | {"e164": f"+1212555{n:04d}", "supplier_id": f"A{n}"} | changes


@pytest.fixture
def run(tmp_path, capsys, db):
    def call(*rows, code=0, options=(), header=feed.HEADER):
        path = write(tmp_path / "feed.csv", *rows, header=header)
        if code:
            with pytest.raises(SystemExit) as ended:
                call_command("import_numbers", path, *options)
            assert ended.value.code == code
        else:
            call_command("import_numbers", path, *options)
        captured = capsys.readouterr()
        return captured.out.strip(), captured.err

    return call
