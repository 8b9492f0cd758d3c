"""One request and its answer, within limits: nothing that a server does keeps us, fills us or leads us elsewhere."""

import asyncio
import socket
import ssl
import time
from collections.abc import Mapping
from contextlib import AsyncExitStack
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Self

import aiohttp
from aiohttp.client_reqrep import ClientResponse
from aiohttp.connector import Connection
from yarl import URL

from portal.outbound import failures
from portal.outbound.answers import Answer, Failure, OutboundRequest
from portal.outbound.lookup import CheckedResolver, LookUp, addresses_of, check_address

MOST_HEADERS, LONGEST_HEADER = 100, 8190  # of an answer: count, bytes of one line
KEPT_HEADERS = 16 * 1024  # characters of names and values that an Answer has
# They say where one request ends and the next begins, to whom it goes, and how the answer is packed: ours alone.
RESERVED_HEADERS = frozenset(
    (
        *("accept-encoding", "connection", "content-length", "expect", "host", "keep-alive", "proxy-authorization"),
        *("proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"),
    )
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes. ``connect``: to look a name up, and again for TCP and TLS; ``total``: all there is to wait."""

    connect: float = 5.0
    total: float = 15.0
    keep_alive: float = 4.0
    answer: int = 64 * 1024
    per_host: int = 64  # connections at once


@dataclass(slots=True)
class _Progress:
    """How far a request has come; also after it was broken off."""

    started: float = field(default_factory=time.monotonic)
    is_reused: bool = False  # the connection
    address: str = ""
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)

    def answer(self, failure: Failure | None = None, detail: str = "") -> Answer:
        return Answer(
            failure,
            detail,
            self.status,
            self.headers,
            bytes(self.body),
            time.monotonic() - self.started,
            self.address,
        )


_progress: ContextVar[_Progress] = ContextVar("progress")  # of the request that this task, or one of its own, sends


class _Response(ClientResponse):
    async def start(self, connection: Connection) -> ClientResponse:
        if connection.transport is not None and (peer := connection.transport.get_extra_info("peername")):
            _progress.get().address = peer[0]
        return await super().start(connection)


class Exchange:
    """An asynchronous context manager; sends requests of one event loop."""

    def __init__(
        self,
        *,
        most: int,
        limits: Limits | None = None,
        look_up: LookUp = addresses_of,
        ca_file: str | None = None,
    ) -> None:
        self._most, self._limits = most, limits or Limits()
        self._look_up, self._ca_file = look_up, ca_file

    async def __aenter__(self) -> Self:
        tls = ssl.create_default_context()
        if self._ca_file is not None:
            tls.load_verify_locations(self._ca_file)
        resolver = CheckedResolver(self._look_up, seconds=self._limits.connect, most=4 * self._most)
        async with AsyncExitStack() as stack:
            self._kept = await stack.enter_async_context(self._session(tls, resolver, self._limits.keep_alive))
            self._fresh = await stack.enter_async_context(self._session(tls, resolver, None))
            self._sessions = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._sessions.aclose()

    def _session(
        self, tls: ssl.SSLContext, resolver: CheckedResolver, keep_alive: float | None
    ) -> aiohttp.ClientSession:
        """``keep_alive`` None: each request has a connection of its own."""
        connector = aiohttp.TCPConnector(
            ssl=tls,
            resolver=resolver,
            use_dns_cache=False,
            socket_factory=_checked_socket,
            limit=self._most,
            limit_per_host=self._limits.per_host,
            **({"force_close": True} if keep_alive is None else {"keepalive_timeout": keep_alive}),
        )
        trace = aiohttp.TraceConfig()
        trace.on_connection_reuseconn.append(_note_reused)
        trace.on_connection_create_start.append(_note_fresh)
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._limits.connect),
            auto_decompress=False,
            trust_env=False,
            skip_auto_headers=("User-Agent", "Content-Type"),
            response_class=_Response,
            trace_configs=[trace],
            max_line_size=LONGEST_HEADER,
            max_field_size=LONGEST_HEADER,
            max_headers=MOST_HEADERS,
        )

    async def answer(self, request: OutboundRequest) -> Answer:
        """Never raises, except when it is cancelled."""
        progress = _Progress()
        _progress.set(progress)
        if reserved := sorted(RESERVED_HEADERS.intersection(name.lower() for name in request.headers)):
            return progress.answer(Failure.PROTOCOL, f"The header {reserved[0]} cannot be set.")
        try:
            async with asyncio.timeout(self._limits.total) as deadline:
                failure = await self._sent_again_if_stale(request, progress)
        except Exception as error:
            if deadline.expired():
                return progress.answer(Failure.TIMEOUT, failures.too_slow(self._limits.total, progress.status))
            return progress.answer(*failures.words(error, self._limits.connect))
        return progress.answer(*failure) if failure else progress.answer()

    async def _sent_again_if_stale(self, request: OutboundRequest, progress: _Progress) -> tuple[Failure, str] | None:
        """A server may close a kept connection just when we use it; it then has not seen the request."""
        try:
            return await self._sent(self._kept, request, progress)
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
            if not progress.is_reused or failures.has_begun(error):
                raise
        return await self._sent(self._fresh, request, progress)

    async def _sent(
        self, session: aiohttp.ClientSession, request: OutboundRequest, progress: _Progress
    ) -> tuple[Failure, str] | None:
        async with session.request(
            request.method,
            URL(request.url, encoded=True),
            data=request.body or None,
            headers={**request.headers, "Accept-Encoding": "identity"},
            allow_redirects=False,
        ) as response:
            progress.status, progress.headers = response.status, _kept_headers(response)
            async for piece in response.content.iter_any():
                progress.body += piece
                if len(progress.body) > self._limits.answer:
                    del progress.body[self._limits.answer :]
                    response.close()
                    return Failure.TOO_LARGE, failures.too_large(self._limits.answer)
        return None


async def _note_reused(*_: object) -> None:
    _progress.get().is_reused = True


async def _note_fresh(*_: object) -> None:
    _progress.get().is_reused = False


def _checked_socket(info: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
    """The last gate: the very address that is connected to next, also where a URL has one and nothing is looked up."""
    family, kind, protocol, _, address = info
    check_address(str(address[0]))
    return socket.socket(family, kind, protocol)


def _kept_headers(response: ClientResponse) -> dict[str, str]:
    kept: dict[str, str] = {}
    left = KEPT_HEADERS
    for name, value in response.headers.items():
        left -= len(name) + len(value)
        if left < 0:
            break
        key = name.lower()
        kept[key] = f"{kept[key]}, {value}" if key in kept else value
    return kept
