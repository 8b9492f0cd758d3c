"""Host names are looked up by us, and what they lead to is checked, before anything is connected."""

import asyncio
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult
from django.conf import settings

from portal.outbound.addresses import is_public, parse_address

LookUp = Callable[[str], Sequence[str]]  # addresses of a host name; may block, and may raise OSError


class PrivateAddress(OSError):  # noqa: N818  named like the fact
    """A name or a URL leads to an address that is not in the public internet."""


class NoAddress(OSError):  # noqa: N818
    """The message says why, for customers."""


def addresses_of(host: str) -> list[str]:
    """By the resolver of the system."""
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


def check_address(text: str) -> None:
    """Raises PrivateAddress unless ``text`` is an address in the public internet; what is no address is none."""
    address = parse_address(text)
    if not settings.WEBHOOK_PRIVATE_TARGETS and (address is None or not is_public(address)):
        raise PrivateAddress(text)


class CheckedResolver(AbstractResolver):
    """Each look-up in a thread of its own, because the resolver of the system knows no limit but its own.

    Who asks waits ``seconds`` at most; whoever asks for a name that is being looked up waits for the same thread, so
    that a name which hangs holds one. At most ``most`` threads: beyond that nobody is asked until one has ended.
    """

    def __init__(self, look_up: LookUp, *, seconds: float, most: int) -> None:
        self._look_up, self._seconds = look_up, seconds
        self._running: dict[str, asyncio.Future[list[str]]] = {}
        self._free = asyncio.Semaphore(most)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        try:
            found = await asyncio.wait_for(self._found(host), self._seconds)
        except TimeoutError:
            raise NoAddress("The host name could not be looked up in time.") from None
        except (OSError, UnicodeError):
            raise NoAddress("The host name has no address.") from None
        if not found:
            raise NoAddress("The host name has no address.")
        for address in found:
            check_address(address)
        return [_result(host, address, port) for address in dict.fromkeys(found)]

    async def close(self) -> None:
        """Threads that still look something up end with the process."""

    async def _found(self, host: str) -> list[str]:
        future = self._running.get(host)
        if future is None:
            await self._free.acquire()
            future = self._running.get(host)  # others may have asked meanwhile
            if future is None:
                future = self._start(host)
            else:
                self._free.release()
        return await asyncio.shield(future)

    def _start(self, host: str) -> asyncio.Future[list[str]]:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[list[str]] = loop.create_future()

        def ended(found: Sequence[str] | None, error: BaseException | None) -> None:
            self._free.release()
            del self._running[host]
            if error is not None:
                future.set_exception(error)
                future.exception()  # seen: perhaps nobody waits any more
            else:
                future.set_result(list(found or ()))

        def run() -> None:
            outcome: tuple[Any, Any] = None, OSError("The look-up was broken off.")
            try:
                outcome = self._look_up(host), None
            except Exception as error:
                outcome = None, error
            finally:
                with suppress(RuntimeError):  # the loop has ended
                    loop.call_soon_threadsafe(ended, *outcome)

        try:
            threading.Thread(target=run, name=f"look-up {host[:40]}", daemon=True).start()
        except RuntimeError as error:  # the system has no more
            self._free.release()
            raise OSError(str(error)) from error
        self._running[host] = future
        return future


def _result(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST)
