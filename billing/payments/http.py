"""HTTP towards the gateway, bounded by the deadline that is in force (:mod:`portal.core.deadline`)."""

from types import SimpleNamespace
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from portal.core import deadline


class _Bounded:
    """A connection under the deadline that is in force, also when it was opened before."""

    _dns_host: str
    port: int

    def _new_conn(self) -> Any:
        return deadline.connect(self._dns_host, self.port)

    def request(self, *args: Any, **kwargs: Any) -> None:
        deadline.watch(self)  # type: ignore[arg-type]
        super().request(*args, **kwargs)  # type: ignore[misc]

    def getresponse(self) -> Any:
        # An answer that ends with the connection takes the socket away from it before it is read.
        deadline.watch(SimpleNamespace(sock=self.sock))  # type: ignore[attr-defined]
        return super().getresponse()  # type: ignore[misc]


class _Plain(_Bounded, HTTPConnection):
    pass


class _Encrypted(_Bounded, HTTPSConnection):
    pass


class _PlainPool(HTTPConnectionPool):
    ConnectionCls = _Plain


class _EncryptedPool(HTTPSConnectionPool):
    ConnectionCls = _Encrypted


POOLS = {"http": _PlainPool, "https": _EncryptedPool}


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, *args: Any, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(*args, **kwargs)
        manager.pool_classes_by_scheme = POOLS
        return manager


def session() -> requests.Session:
    """Connections are kept; each request on them counts against its own deadline. May be shared by threads."""
    shared = requests.Session()
    shared.mount("https://", _Adapter())
    shared.mount("http://", _Adapter())
    return shared
