"""One bound connection to the SMSC: messages are handed over, and acknowledged when the portal has stored them."""

import asyncio
import http.client
import itertools
import logging
import sqlite3
import ssl
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from . import messages, pdu
from .confirming import Confirming
from .keys import Keys
from .pdu import BrokenPdu, Pdu
from .portal import Portal, status_for_smsc
from .settings import Settings

log = logging.getLogger("smpp_receiver")
BIND_PATIENCE = 30.0  # seconds
UNBIND_PATIENCE = 2.0


class NotBound(Exception):  # noqa: N818  named like what it is
    """The SMSC refused us. Holds its command_status."""


class Session:
    """``threads`` wait for the portal, one for each message of the window."""

    def __init__(self, settings: Settings, portal: Portal, keys: Keys, threads: ThreadPoolExecutor) -> None:
        self.settings, self.portal, self.keys, self.threads = settings, portal, keys, threads
        self.sequence = itertools.count(1)
        self.window = asyncio.Semaphore(settings.window)
        self.tasks: set[asyncio.Task[None]] = set()
        self.confirming = Confirming(keys, self._enquire)
        self.is_ending = False
        self.heard_at = time.monotonic()

    async def bind(self) -> None:
        """Raises NotBound, OSError, BrokenPdu, IncompleteReadError and TimeoutError."""
        given = self.settings
        tls = ssl.create_default_context() if given.tls else None
        command = pdu.BIND_TRANSCEIVER if given.is_transceiver else pdu.BIND_RECEIVER
        texts = (given.system_id, given.password, given.system_type)
        async with asyncio.timeout(BIND_PATIENCE):
            self.reader, self.writer = await asyncio.open_connection(given.host, given.port, ssl=tls)
            self._write(pdu.bind(command, next(self.sequence), texts, given.address_range))
            answer = await pdu.read(self.reader)
        if answer.command not in (command | pdu.RESPONSE, pdu.GENERIC_NACK) or answer.status != pdu.OK:
            raise NotBound(f"command_status 0x{answer.status:08X}")

    async def run(self, stopping: asyncio.Event) -> None:
        """Until the connection ends, or ``stopping`` is set: then what was begun is finished first."""
        reading = asyncio.create_task(self._read())
        others = [asyncio.create_task(self._ask()), asyncio.create_task(stopping.wait())]
        try:
            await asyncio.wait([reading, *others], return_when=asyncio.FIRST_COMPLETED)
            if stopping.is_set():
                await self._finish(reading)
            elif reading.done():
                reading.result()
        finally:
            await _cancelled([reading, *others, *self.tasks])

    async def close(self) -> None:
        self.confirming.give_up()
        if hasattr(self, "writer"):
            self.writer.close()
            with suppress(OSError, TimeoutError):
                await asyncio.wait_for(self.writer.wait_closed(), UNBIND_PATIENCE)

    async def _finish(self, reading: "asyncio.Task[None]") -> None:
        """New messages are left to the SMSC; it sends them again."""
        self.is_ending = True
        if self.tasks:
            await asyncio.wait(self.tasks, timeout=self.settings.portal_timeout + 1)
        self._write(Pdu(pdu.UNBIND, next(self.sequence)))
        await asyncio.wait([reading], timeout=UNBIND_PATIENCE)

    async def _read(self) -> None:
        while True:
            each = await pdu.read(self.reader)
            self.heard_at = time.monotonic()
            if each.command == pdu.DELIVER_SM:
                await self._begin(each)
            elif each.command == pdu.ENQUIRE_LINK:
                self._write(each.response())
            elif each.command == pdu.ENQUIRE_LINK | pdu.RESPONSE:
                self.confirming.heard(each.sequence)
            elif each.command == pdu.UNBIND:
                self._write(each.response())
                log.info("the SMSC unbinds")
                return
            elif each.command == pdu.UNBIND | pdu.RESPONSE:
                self.confirming.all_heard()
                return
            elif not each.command & pdu.RESPONSE and each.command != pdu.ALERT_NOTIFICATION:
                self._write(Pdu(pdu.GENERIC_NACK, each.sequence, pdu.INVALID_COMMAND))

    async def _begin(self, received: Pdu) -> None:
        await self.window.acquire()  # the SMSC waits: what is not read stays with it
        if self.is_ending:
            self.window.release()
            return
        task = asyncio.create_task(self._deliver(received))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _ask(self) -> None:
        """``enquire_link`` when the SMSC is silent. Ends when it is silent even then."""
        interval = self.settings.enquire_link
        while True:
            await asyncio.sleep(max(0.0, self.heard_at + interval - time.monotonic()))
            if self.window.locked():
                self.heard_at = time.monotonic()  # it is us who do not read
            elif time.monotonic() - self.heard_at >= interval:
                asked_at = time.monotonic()
                self._enquire()
                await asyncio.sleep(interval)
                if self.heard_at < asked_at and not self.window.locked():
                    log.warning("the SMSC is silent")
                    return

    # -- a message ----------------------------------------------------------------------------------------------------

    async def _deliver(self, received: Pdu) -> None:
        try:
            message = pdu.deliver_sm(received.body)
            if messages.is_receipt(message):
                self._write(received.response())
            else:
                await self._hand_over(received, message)
            await self.writer.drain()
        except BrokenPdu as error:
            log.error("a deliver_sm that cannot be read: %s", error)  # noqa: TRY400
            self._write(received.response(pdu.PERMANENT_ERROR))
        except sqlite3.Error as error:
            log.error("%s cannot be used: %s", self.settings.state, error)  # noqa: TRY400
            self._write(received.response(pdu.TEMPORARY_ERROR))
        except OSError as error:
            log.warning("the connection to the SMSC ended: %s", error)
        finally:
            self.window.release()

    async def _hand_over(self, received: Pdu, message: pdu.DeliverSm) -> None:
        key = self.keys.take(messages.digest(message))
        try:
            status = await self._status(message, key)
            if status == pdu.OK:
                self.keys.answered(key)
            elif status != pdu.TEMPORARY_ERROR:
                self.keys.settle(key)
        except BaseException:
            self.keys.release(key)
            raise
        self._write(received.response(status))
        if status == pdu.OK:
            self.confirming.add(key)
        else:
            self.keys.release(key)

    async def _status(self, message: pdu.DeliverSm, key: str) -> int:
        """The ``command_status`` of the answer."""
        given, loop = self.settings, asyncio.get_running_loop()
        body = messages.as_json(message, given.smsc, given.default_alphabet, time.time())
        try:
            found, word = await loop.run_in_executor(self.threads, self.portal.hand_over, body, key)
        except (OSError, http.client.HTTPException) as error:
            log.warning("to be sent again: the portal does not answer (%s)", type(error).__name__)
            return pdu.TEMPORARY_ERROR
        status = status_for_smsc(found)
        if status == pdu.TEMPORARY_ERROR:
            log.warning("to be sent again: the portal answers %d %s", found, word)
        elif status != pdu.OK:
            log.error("refused: the portal answers %d %s; to %r", found, word, message.destination)
        return status

    def _enquire(self) -> int:
        """Its sequence number."""
        sequence = next(self.sequence)
        self._write(Pdu(pdu.ENQUIRE_LINK, sequence))
        return sequence

    def _write(self, each: Pdu) -> None:
        self.writer.write(bytes(each))


async def _cancelled(tasks: "Iterable[asyncio.Task[Any]]") -> None:
    tasks = list(tasks)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
