"""What is set for the incoming calls of a number and of a project, as values: to compare, to store, to go back to."""

from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from typing import Any

from numbers.routing.models import RING_SECONDS, CallerId, CallRoute, ProjectCallSettings, RouteKind, SipTransport

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SipServer:
    """``host`` is a name or an address, IPv6 without brackets."""

    host: str
    port: int
    transport: str = SipTransport.UDP

    @property
    def authority(self) -> str:
        """``host:port`` as in an address: ``[2001:db8::1]:5060``."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def shown(self) -> str:
        """As people read it: ``203.0.113.9:5060 (TCP)``; UDP is what everybody expects and is left out."""
        return self.authority if self.transport == SipTransport.UDP else f"{self.authority} ({self.transport.upper()})"

    @classmethod
    def of(cls, host: str, port: int | None, transport: str) -> "SipServer | None":
        return cls(host, port, transport) if host and port else None


@dataclass(frozen=True, slots=True)
class SecondStep:
    """Where a call goes if nobody answers: to one of the two, or nowhere."""

    pstn: str = ""  # E.164
    sip: SipServer | None = None

    @property
    def kind(self) -> str:
        if self.pstn:
            return RouteKind.PSTN
        return RouteKind.SIP if self.sip else RouteKind.NONE


@dataclass(frozen=True, slots=True)
class RouteSettings:
    """Of a number. ``kind`` is what is in use; what was set for the other kinds is kept."""

    kind: str = RouteKind.NONE
    users: tuple[int, ...] = ()  # ids of app users
    pstn: str = ""  # E.164
    sip: SipServer | None = None
    ring_seconds: int = RING_SECONDS
    caller_id: str = CallerId.DID
    fallback: SecondStep = field(default_factory=SecondStep)
    blocked: tuple[str, ...] = ()

    def has(self, kind: str) -> bool:
        """Whether something is set for ``kind``, in use or not."""
        found = {RouteKind.USERS: self.users, RouteKind.PSTN: self.pstn, RouteKind.SIP: self.sip}
        return bool(found.get(RouteKind(kind)))

    def phones_in_use(self) -> list[str]:
        """Telephone numbers that a call can be sent to, in order; E.164."""
        return [phone for phone in (self.pstn if self.kind == RouteKind.PSTN else "", self.fallback.pstn) if phone]

    def cleared(self) -> "RouteSettings":
        """Without a setting of its own; what was in use is removed, what is kept for other kinds stays."""
        if self.kind == RouteKind.PSTN:
            return replace(self, kind=RouteKind.NONE, pstn="")
        if self.kind == RouteKind.SIP:
            return replace(self, kind=RouteKind.NONE, sip=None)
        return replace(self, kind=RouteKind.NONE, users=()) if self.kind == RouteKind.USERS else self


@dataclass(frozen=True, slots=True)
class ProjectSettings:
    """Of a project; None where the installation's value holds, for ``countries`` all."""

    trunk: SipServer | None = None
    blocked: tuple[str, ...] = ()
    countries: tuple[str, ...] | None = None
    dearest_price: Decimal | None = None
    spend_cap: Decimal | None = None
    channels: int | None = None


def of_route(route: CallRoute | None) -> RouteSettings:
    if route is None:
        return RouteSettings()
    return RouteSettings(
        kind=route.kind,
        users=tuple(route.app_user_ids),
        pstn=route.pstn_target,
        sip=SipServer.of(route.sip_host, route.sip_port, route.sip_transport),
        ring_seconds=route.ring_seconds,
        caller_id=route.caller_id,
        fallback=_second_step(route),
        blocked=tuple(route.blocked_callers),
    )


def _second_step(route: CallRoute) -> SecondStep:
    if route.fallback_kind == RouteKind.PSTN:
        return SecondStep(pstn=route.fallback_pstn_target)
    if route.fallback_kind == RouteKind.SIP:
        return SecondStep(
            sip=SipServer.of(route.fallback_sip_host, route.fallback_sip_port, route.fallback_sip_transport)
        )
    return SecondStep()


def of_project(row: ProjectCallSettings | None) -> ProjectSettings:
    if row is None:
        return ProjectSettings()
    return ProjectSettings(
        trunk=SipServer.of(row.trunk_host, row.trunk_port, row.trunk_transport),
        blocked=tuple(row.blocked_callers),
        countries=None if row.allowed_countries is None else tuple(row.allowed_countries),
        dearest_price=row.dearest_price,
        spend_cap=row.spend_cap,
        channels=row.channels,
    )


def columns_of_route(settings: RouteSettings, countries: dict[str, str]) -> Json:
    """Values of the columns of CallRoute. ``countries``: the country of each telephone number in it."""
    step = settings.fallback
    return {
        "kind": settings.kind,
        "app_user_ids": list(settings.users),
        "pstn_target": settings.pstn,
        "pstn_country": countries.get(settings.pstn, ""),
        **_sip_columns("sip", settings.sip),
        "ring_seconds": settings.ring_seconds,
        "caller_id": settings.caller_id,
        "fallback_kind": step.kind,
        "fallback_pstn_target": step.pstn,
        "fallback_pstn_country": countries.get(step.pstn, ""),
        **_sip_columns("fallback_sip", step.sip),
        "blocked_callers": list(settings.blocked),
    }


def columns_of_project(settings: ProjectSettings) -> Json:
    return {
        **_sip_columns("trunk", settings.trunk),
        "blocked_callers": list(settings.blocked),
        "allowed_countries": None if settings.countries is None else list(settings.countries),
        "dearest_price": settings.dearest_price,
        "spend_cap": settings.spend_cap,
        "channels": settings.channels,
    }


def _sip_columns(prefix: str, server: SipServer | None) -> Json:
    return {
        f"{prefix}_host": server.host if server else "",
        f"{prefix}_port": server.port if server else None,
        f"{prefix}_transport": server.transport if server else SipTransport.UDP.value,
    }


def to_json(settings: RouteSettings | ProjectSettings) -> Json:
    """What differs from nothing set, so that a later release reads what an older one wrote."""
    found: Json = {}
    for each in fields(settings):
        value = getattr(settings, each.name)
        if isinstance(value, SipServer):
            value = _server_to_json(value)
        elif isinstance(value, SecondStep):
            value = {"pstn": value.pstn} if value.pstn else {"sip": _server_to_json(value.sip)} if value.sip else {}
        elif isinstance(value, Decimal):
            value = str(value)
        elif isinstance(value, tuple):
            value = list(value)
        if value or (each.name in ("countries", "dearest_price", "spend_cap") and value is not None):
            found[each.name] = value
    return found


def route_from_json(stored: Json) -> RouteSettings:
    step = stored.get("fallback", {})
    return replace(
        RouteSettings(),
        **{name: stored[name] for name in ("kind", "pstn", "ring_seconds", "caller_id") if name in stored},
        users=tuple(stored.get("users", ())),
        sip=_server_from_json(stored.get("sip")),
        fallback=SecondStep(pstn=step.get("pstn", ""), sip=_server_from_json(step.get("sip"))),
        blocked=tuple(stored.get("blocked", ())),
    )


def project_from_json(stored: Json) -> ProjectSettings:
    amounts = {name: Decimal(stored[name]) for name in ("dearest_price", "spend_cap") if name in stored}
    return replace(
        ProjectSettings(),
        **amounts,
        trunk=_server_from_json(stored.get("trunk")),
        blocked=tuple(stored.get("blocked", ())),
        countries=tuple(stored["countries"]) if "countries" in stored else None,
        channels=stored.get("channels"),
    )


def _server_to_json(server: SipServer) -> Json:
    return {"host": server.host, "port": server.port, "transport": str(server.transport)}


def _server_from_json(stored: Json | None) -> SipServer | None:
    return SipServer(**stored) if stored else None
