"""No answer leaves a part of its request's body unread.

The web server closes a connection on which something is left. The front may just be sending the next caller's form
there, which it cannot send twice: a stranger's large bodies would be other people's 503. And while the front still
sends, the answer itself can get lost.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from django.conf import settings

CHUNK = 65_536
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class BodiesMiddleware:
    """WSGI. Behind the front the whole body is there, and reading it takes no time. Switches reach their listener
    without the front, and a body that comes slowly must not hold a worker there: the connection is given up instead."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.direct = settings.PROCESS_CLASS == "carrier"

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("CONTENT_LENGTH") in (None, "", "0") and "HTTP_TRANSFER_ENCODING" not in environ:
            return self.application(environ, start_response)
        if self.direct:
            return self.application(environ, _closing(start_response))
        answer = self.application(environ, start_response)
        with suppress(OSError):  # the client is gone
            while environ["wsgi.input"].read(CHUNK):
                pass
        return answer


def _closing(start_response: Callable[..., Any]) -> Callable[..., Any]:
    def start(status: str, headers: list[tuple[str, str]], *further: Any) -> Any:
        return start_response(status, [*headers, ("Connection", "close")], *further)

    return start
