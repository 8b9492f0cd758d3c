"""A carrier's message centre: an SMPP 3.4 server on loopback that keeps each message until somebody has taken it.

It knows nothing of the kit's own reading of SMPP: what both get wrong in the same way would not be seen.
"""

import itertools
import socket
import struct
import threading
import time
from contextlib import closing, suppress
from dataclasses import dataclass, field

BIND_RECEIVER, BIND_TRANSCEIVER, UNBIND, ENQUIRE_LINK, DELIVER_SM = 0x01, 0x09, 0x06, 0x15, 0x05
RESPONSE = 0x80000000
OK, TEMPORARY, PERMANENT, INVALID_DESTINATION = 0x00, 0x64, 0x65, 0x0B
BAD_PASSWORD = 0x0E
AGAIN = 0.1  # seconds until what was not taken is sent again; a real one takes minutes
UDH, RECEIPT = 0x40, 0x04  # in esm_class
PAYLOAD, SAR_REFERENCE, SAR_TOTAL, SAR_NUMBER = 0x0424, 0x020C, 0x020E, 0x020F

_WRITING = threading.Lock()  # PDUs of several threads


@dataclass
class Mo:
    """A message from a phone, as it goes over the wire. ``statuses``: the answers, one for each time that it was sent;
    None: the connection ended without one."""

    source: str
    destination: str
    content: bytes
    coding: int = 0
    esm_class: int = 0
    ton: int = 1  # of the sender: 1 international, 3 a short code, 5 a name
    tlvs: tuple[tuple[int, bytes], ...] = ()
    statuses: list[int | None] = field(default_factory=list)

    @property
    def body(self):
        def text(value):
            return value.encode("latin-1") + b"\0"

        return b"".join(
            [
                text(""),  # service_type
                bytes([self.ton, 1]) + text(self.source),
                bytes([1, 1]) + text(self.destination),
                bytes([self.esm_class, 0, 0]) + text("") + text("") + bytes([0, 0, self.coding, 0]),
                bytes([len(self.content)]) + self.content,
                *(struct.pack(">HH", tag, len(value)) + value for tag, value in self.tlvs),
            ]
        )

    @property
    def is_settled(self):
        return bool(self.statuses) and self.statuses[-1] not in (None, TEMPORARY)


def parts(source, destination, contents, *, reference=204, wide=False, coding=0, **given):
    """One message in several; ``wide``: with a reference of 16 bits."""

    def header(no):
        if wide:
            return bytes([6, 8, 4]) + reference.to_bytes(2) + bytes([len(contents), no])
        return bytes([5, 0, 3, reference, len(contents), no])

    return [
        Mo(source, destination, header(no) + content, coding, UDH, **given) for no, content in enumerate(contents, 1)
    ]


class Smsc:
    """``password``: of every system_id."""

    def __init__(self, password="secret"):
        self.password, self.binds = password, []
        self.sequence, self.lock = itertools.count(1), threading.Condition()
        self.waiting, self.sent, self.sessions = [], {}, []
        self.most_in_flight, self.window = 0, 1000
        self.cut_before_answer = 0  # so many connections end when an answer is about to be read
        self.is_silent = False  # answers nothing but binds
        self.ended = False
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.threads = [_thread(self._accept), _thread(self._send_all)]

    def stop(self):
        with self.lock:
            self.ended = True
            self.lock.notify_all()
        self.server.shutdown(socket.SHUT_RDWR)  # wakes whoever waits in accept()
        self.server.close()
        self.drop()
        for thread in self.threads:
            thread.join()

    # -- what tests do ------------------------------------------------------------------------------------------------

    def take(self, *messages):
        """From phones; each is sent until somebody has answered it for good."""
        with self.lock:
            self.waiting += messages
            self.lock.notify_all()
        return messages[0] if len(messages) == 1 else messages

    def settled(self, *messages, patience=30):
        """Waits for that; the last answers."""
        with self.lock:
            done = self.lock.wait_for(lambda: all(each.is_settled for each in messages), patience)
        assert done, [each.statuses for each in messages]
        return [each.statuses[-1] for each in messages]

    def tried(self, message, times=1, patience=30):
        with self.lock:
            assert self.lock.wait_for(lambda: len(message.statuses) >= times, patience), message.statuses

    def bound(self, times=1, patience=30):
        with self.lock:
            assert self.lock.wait_for(lambda: len(self.binds) >= times and self.sessions, patience), self.binds

    def drop(self):
        """Connections end without a word."""
        with self.lock:
            for session in self.sessions:
                with suppress(OSError):
                    session.shutdown(socket.SHUT_RDWR)

    # -- the wire -----------------------------------------------------------------------------------------------------

    def _accept(self):
        with suppress(OSError):
            while True:
                session, _ = self.server.accept()
                self.threads.append(_thread(self._serve, session))

    def _serve(self, session):
        session.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with closing(session), suppress(OSError), session.makefile("rb") as stream:
            while len(head := stream.read(16)) == 16:
                length, command, status, sequence = struct.unpack(">IIII", head)
                if not self._answer(session, command, status, sequence, stream.read(length - 16)):
                    break
        with self.lock:
            if session in self.sessions:
                self.sessions.remove(session)
            for key in [key for key in self.sent if key[0] is session]:
                self._record(key, None)

    def _answer(self, session, command, status, sequence, body):
        if command in (BIND_RECEIVER, BIND_TRANSCEIVER):
            system_id, password = body.split(b"\0")[:2]
            right = password.decode() == self.password
            _write(session, command | RESPONSE, OK if right else BAD_PASSWORD, sequence, b"SMSC\0" if right else b"")
            with self.lock:
                self.binds.append((command, system_id.decode(), right))
                self.sessions += [session] if right else []
                self.lock.notify_all()
            return True
        if command == DELIVER_SM | RESPONSE:
            with self.lock:
                if self.cut_before_answer:
                    self.cut_before_answer -= 1
                    return False
                self._record((session, sequence), status)
        elif command in (ENQUIRE_LINK, UNBIND) and not self.is_silent:
            _write(session, command | RESPONSE, OK, sequence)
        return command != UNBIND

    def _record(self, key, status):
        if message := self.sent.pop(key, None):
            message.statuses.append(status)
            if not message.is_settled:
                timer = threading.Timer(AGAIN, self.take, [message])
                timer.daemon = True
                timer.start()
        self.lock.notify_all()

    def _send_all(self):
        while True:
            with self.lock:
                self.lock.wait_for(self._may_send)
                if self.ended:
                    return
                message, session, key = self.waiting.pop(0), self.sessions[-1], next(self.sequence)
                self.sent[session, key] = message
                self.most_in_flight = max(self.most_in_flight, len(self.sent))
            with suppress(OSError):
                _write(session, DELIVER_SM, OK, key, message.body)

    def _may_send(self):
        return self.ended or (self.waiting and self.sessions and len(self.sent) < self.window)


def _thread(act, *arguments):
    thread = threading.Thread(target=act, args=arguments, daemon=True)
    thread.start()
    return thread


def _write(session, command, status, sequence, body=b""):
    with _WRITING:
        session.sendall(struct.pack(">IIII", 16 + len(body), command, status, sequence) + body)


def until(condition, what, patience=30):
    deadline = time.monotonic() + patience
    while not (found := condition()):
        assert time.monotonic() < deadline, f"waited {patience} s for {what}"
        time.sleep(0.01)
    return found
