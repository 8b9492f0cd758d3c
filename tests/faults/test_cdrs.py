"""The carrier's web server is killed while call records come in: each is stored once, and each batch is answered."""

import http.client
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime

import pytest
from django.conf import settings

from numbers.carrier import credentials
from numbers.models import CallRecord, CallRecordKey
from sandbox.record_sender import RecordSender
from sandbox.servers import end_with_parent, free_port
from tests.carrier.cdrs import batch, record
from tests.faults.workers import until, worker_env
from tests.support.crowd import Beside, share
from tests.support.inventory import make_number
from tests.support.leases import DID
from tests.support.projects import make_project
from tests.support.purchases import purchase_number

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
BATCHES, SIZE, SENDERS, KILLS = 60, 50, 4, 3


class Carrier:
    """The web server as in production, on the test's database."""

    def __init__(self, log):
        self.port, self.log, self.process = free_port(), log, None

    def start(self):
        with open(self.log, "ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "portal.serve", "carrier", "--port", str(self.port), "--workers", "2"],
                env=worker_env(ALLOWED_HOSTS="127.0.0.1", OPERATOR="Test Ltd"),
                cwd=settings.BASE_DIR,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=end_with_parent,
            )

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def carrier(tmp_path):
    server = Carrier(tmp_path / "carrier.log")
    server.start()
    yield server
    server.kill()


def bodies():
    """Each batch twice, with a record in it that stands in the next batch, too."""
    start = datetime.now(UTC).timestamp() - 3600
    records = [
        record(cdr_id=f"c{number}", start_time=f"{start:.3f}", answer_time=None, end_time=f"{start + 25:.3f}")
        for number in range(BATCHES * SIZE + 1)
    ]
    for number in range(BATCHES):
        yield from [batch(*records[number * SIZE : (number + 1) * SIZE + 1], batch_id=f"b{number}")] * 2


def test_a_server_that_is_killed_again_and_again_loses_and_doubles_nothing(carrier):
    make_number(DID, setup_price=0, monthly_price=0)
    lease = purchase_number(make_project(), DID, now=datetime(2026, 1, 1, tzinfo=UTC))
    secret = credentials.create(switch_id="sw1", scopes=["cdrs"])[1]
    RecordSender(carrier.port, secret).send(b'{"batch_id": "warm", "cdrs": []}')

    def send(body):
        return RecordSender(carrier.port, secret).send(json.dumps(body).encode())

    sending = Beside(lambda: share(SENDERS, send, bodies(), patience=120), connected=False)
    for turn in range(1, KILLS + 1):
        enough = SIZE * BATCHES * turn // (KILLS + 1)
        until(lambda enough=enough: sending.has_ended or CallRecord.objects.count() >= enough, "records to come in")
        carrier.kill()
        carrier.start()
    answers = sending.result(150)
    assert CallRecord.objects.count() == CallRecordKey.objects.count() == BATCHES * SIZE + 1
    assert set(CallRecord.objects.values_list("lease", flat=True)) == {lease.pk}
    assert all(answer["accepted"] + answer["duplicates"] == SIZE + 1 for answer in answers)
    # The first answer of a batch may have died with the server; then both are repeats of it.
    assert Counter(bool(answer.get("replayed")) for answer in answers)[True] >= BATCHES


def test_a_body_without_its_length_is_read(carrier):
    """What is sent in chunks comes to Django without a length; it would take it for empty."""
    secret = credentials.create(switch_id="sw1", scopes=["cdrs"])[1]
    RecordSender(carrier.port, secret).send(b'{"batch_id": "warm", "cdrs": []}')
    text = json.dumps(batch(record(), record())).encode()
    connection = http.client.HTTPConnection("127.0.0.1", carrier.port, timeout=20)
    pieces = (text[at : at + 100] for at in range(0, len(text), 100))
    headers = {"Authorization": f"Bearer {secret}", "Transfer-Encoding": "chunked"}
    connection.request("POST", "/carrier/v1/cdrs", pieces, headers, encode_chunked=True)
    response = connection.getresponse()
    assert (response.status, json.loads(response.read())["accepted"]) == (200, 2)
    connection.close()
