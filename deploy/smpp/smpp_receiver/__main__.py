"""``python -m smpp_receiver [--check]``: settings come from the environment (see portal-smpp.env.example)."""

import argparse
import asyncio
import http.client
import logging
import random
import signal
import sqlite3
import sys
from concurrent.futures import ThreadPoolExecutor

from .keys import Keys
from .pdu import BrokenPdu
from .portal import Portal
from .session import NotBound, Session, log
from .settings import BadSettings, Settings, read

_FIRST_RETRY = 1.0  # seconds
_BROKEN = (OSError, BrokenPdu, asyncio.IncompleteReadError)


async def serve(settings: Settings) -> None:
    """Binds, and binds again when the connection ends, until SIGTERM or SIGINT."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    keys, portal, delay = Keys(settings.state), Portal(settings), _FIRST_RETRY
    with ThreadPoolExecutor(settings.window) as threads:
        while not stopping.is_set():
            session = Session(settings, portal, keys, threads)
            try:
                await session.bind()
                log.info("bound: %r", settings)
                delay = _FIRST_RETRY
                await session.run(stopping)
            except NotBound as refused:
                log.error("the SMSC refuses the bind: %s", refused)
            except _BROKEN as error:
                log.warning("no connection to the SMSC: %s", repr(error))
            finally:
                await session.close()
            if not stopping.is_set():
                await _pause(stopping, min(delay, settings.slowest_retry))
                delay = min(delay * 2, settings.slowest_retry)
                keys.forget_old()
    keys.close()


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    """A little more or less than that: many receivers do not come back at the same moment."""
    try:
        await asyncio.wait_for(stopping.wait(), seconds * random.uniform(0.8, 1.2))  # noqa: S311  no secret
    except TimeoutError:
        return


async def check(settings: Settings) -> list[str]:
    """What does not work; nothing is stored."""
    found = []
    portal = Portal(settings)
    try:
        status, word = portal.hand_over({}, "")  # without a number: refused, after the credential was looked at
        if (status, word) != (422, "missing_to"):
            found.append(f"The portal answers {status} {word}.")
    except (OSError, http.client.HTTPException) as error:
        found.append(f"The portal does not answer: {error!r}.")
    try:
        Keys(settings.state).close()
    except sqlite3.Error as error:
        found.append(f"{settings.state} cannot be used: {error}.")
    with ThreadPoolExecutor(1) as threads:
        session = Session(settings, portal, Keys(":memory:"), threads)
        ended = asyncio.Event()
        ended.set()
        try:
            await session.bind()
            await session.run(ended)
        except NotBound as refused:
            found.append(f"The SMSC refuses the bind: {refused}.")
        except _BROKEN as error:
            found.append(f"No connection to the SMSC: {error!r}.")
        finally:
            await session.close()
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="smpp_receiver", description=__doc__)
    parser.add_argument("--check", action="store_true", help="try settings, portal and SMSC, and end")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    try:
        settings = read()
    except BadSettings as bad:
        log.error("%s", bad)
        return 2
    if arguments.check:
        problems = asyncio.run(check(settings))
        for problem in problems:
            log.error("%s", problem)
        if not problems:
            log.info("settings, portal and SMSC are right: %r", settings)
        return 1 if problems else 0
    asyncio.run(serve(settings))
    return 0


if __name__ == "__main__":
    sys.exit(main())
