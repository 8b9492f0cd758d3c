"""What went wrong, in words for the customer whose server it is."""

import logging
import ssl

import aiohttp
from aiohttp.http_exceptions import BadHttpMessage, LineTooLong

from portal.outbound.answers import Failure
from portal.outbound.lookup import PrivateAddress

log = logging.getLogger(__name__)


def too_slow(seconds: float, status: int | None) -> str:
    if status is None:
        return f"The server gave no answer within {seconds:g} seconds."
    return f"The answer was not complete within {seconds:g} seconds."


def too_large(most: int) -> str:
    return f"The answer is larger than {most // 1024} kB."


def has_begun(error: Exception) -> bool:
    """Whether ``error`` broke off an answer of which something had arrived."""
    return isinstance(error, aiohttp.ServerDisconnectedError) and not isinstance(error.message, str)


def words(error: Exception, connect_seconds: float) -> tuple[Failure, str]:
    match error:
        case aiohttp.ClientConnectorError(os_error=PrivateAddress()):
            return Failure.PRIVATE, "The host name leads to an address that is not in the public internet."
        case aiohttp.ClientConnectorDNSError():
            return Failure.DNS, str(error.os_error)
        case aiohttp.ClientConnectorCertificateError():
            return Failure.TLS, _certificate(error.certificate_error)
        case aiohttp.ClientConnectorSSLError():
            return Failure.TLS, _handshake(error.os_error)
        case aiohttp.ClientConnectorError():
            return Failure.CONNECT, _refusal(error.os_error)
        case TimeoutError():
            return Failure.TIMEOUT, f"The server accepted no connection within {connect_seconds:g} seconds."
        case aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            return Failure.PROTOCOL, "The server closed the connection without an answer."
        case aiohttp.ClientPayloadError():
            return Failure.PROTOCOL, "The answer broke off, or its length or chunks are wrong."
        case aiohttp.ClientResponseError():
            return _not_http(error)
        case ValueError():  # aiohttp.InvalidURL is one: also header values with line breaks
            return Failure.PROTOCOL, "This request cannot be sent: its URL or a header is not valid."
    log.error("a request to a customer's server failed for no known reason", exc_info=error)
    return Failure.PROTOCOL, "The request failed."


def _certificate(error: Exception) -> str:
    reason = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else str(error)
    return f"The server’s certificate is not accepted: {reason.rstrip('.')}."


def _handshake(error: OSError) -> str:
    reason = getattr(error, "reason", None)
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
        return "The server does not speak TLS at this port; a URL with http:// or another port may be meant."
    return "The encrypted connection (TLS) could not be established."


def _refusal(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "Nothing accepts connections at this port of the server."
    return "The server cannot be reached."


def _not_http(error: aiohttp.ClientResponseError) -> tuple[Failure, str]:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, LineTooLong) or (isinstance(cause, BadHttpMessage) and "Too many" in cause.message):
            return Failure.TOO_LARGE, "The answer’s headers are too large."
        cause = cause.__cause__
    return Failure.PROTOCOL, "What the server answered is not HTTP."
