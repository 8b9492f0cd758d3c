"""What differs between installations, from the environment (``portal-smpp.env.example``)."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit


class BadSettings(Exception):  # noqa: N818  named like what it is
    """One sentence that names the variable."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Seconds where nothing else is said. Secrets are not shown (``repr``)."""

    host: str
    port: int
    tls: bool
    system_id: str
    password: str
    system_type: str
    address_range: str
    is_transceiver: bool
    smsc: str
    default_alphabet: str
    window: int  # messages that are handed over at the same time
    enquire_link: float  # of silence until the SMSC is asked whether it is there, and until it has to have answered
    slowest_retry: float
    portal_url: str
    portal_secret: str
    portal_timeout: float
    state: str  # file

    def __repr__(self) -> str:
        return f"<{self.system_id} at {self.host}:{self.port}, window {self.window}, portal {self.portal_url}>"


def read(env: Mapping[str, str] = os.environ) -> Settings:
    """Raises BadSettings."""
    host = _required(env, "SMPP_HOST")
    url = _required(env, "PORTAL_URL").rstrip("/")
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        raise BadSettings("PORTAL_URL is no http or https address.")
    return Settings(
        host=host,
        port=int(_number(env, "SMPP_PORT", 2775, 1, 65_535)),
        tls=_choice(env, "SMPP_TLS", "0", ("0", "1")) == "1",
        system_id=_required(env, "SMPP_SYSTEM_ID"),
        password=_required(env, "SMPP_PASSWORD"),
        system_type=env.get("SMPP_SYSTEM_TYPE", ""),
        address_range=env.get("SMPP_ADDRESS_RANGE", ""),
        is_transceiver=_choice(env, "SMPP_BIND", "receiver", ("receiver", "transceiver")) == "transceiver",
        smsc=env.get("SMPP_SMSC_NAME", "") or host,
        default_alphabet=_choice(env, "SMPP_DEFAULT_ALPHABET", "gsm7", ("gsm7", "latin1", "ascii", "utf8")),
        window=int(_number(env, "SMPP_WINDOW", 10, 1, 100)),
        enquire_link=_number(env, "SMPP_ENQUIRE_LINK", 30, 0.01, 3600),
        slowest_retry=_number(env, "SMPP_SLOWEST_RETRY", 60, 0.01, 3600),
        portal_url=url,
        portal_secret=_required(env, "PORTAL_SECRET"),
        portal_timeout=_number(env, "PORTAL_TIMEOUT", 10, 0.01, 300),
        state=env.get("SMPP_STATE", "") or "smpp-receiver.db",
    )


def _required(env: Mapping[str, str], name: str) -> str:
    if value := env.get(name, "").strip():
        return value
    raise BadSettings(f"{name} is missing.")


def _choice(env: Mapping[str, str], name: str, usual: str, choices: tuple[str, ...]) -> str:
    value = env.get(name, "") or usual
    if value not in choices:
        raise BadSettings(f"{name} is one of {', '.join(choices)}.")
    return value


def _number(env: Mapping[str, str], name: str, usual: float, least: float, most: float) -> float:
    try:
        value = float(env.get(name, "") or usual)
    except ValueError:
        value = -1
    if not least <= value <= most:
        raise BadSettings(f"{name} is a number from {least:g} to {most:g}.")
    return value
