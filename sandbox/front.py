"""The front of demo, tests and benchmarks: Caddy from its wheel, with the installation's own Caddyfile."""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [
    str(Path(sys.executable).with_name("caddy")),
    "run",
    "--adapter",
    "caddyfile",
    "--config",
    str(ROOT / "Caddyfile"),
]


def environment(
    *, port: int, people: int, rest: int, carrier: int, static: Path, data: Path, settings: dict[str, str]
) -> dict[str, str]:
    """All that the front is given. The classes are ports on loopback; ``settings`` are the portal's."""
    known = {name: settings[name] for name in ("SITE_NAME", "SUPPORT_EMAIL", "DOCUMENT_MAX_MB") if name in settings}
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "TMPDIR") if name in os.environ}
    return (
        kept
        | {"SITE_NAME": "Vox Developer Portal", "DOCUMENT_MAX_MB": "20"}
        | known
        | {
            "FRONT_ADDRESS": f"http://:{port}",
            "FRONT_BIND": "127.0.0.1",
            "FRONT_DATA": str(data),
            "FRONT_PAGES": str(ROOT / "front"),
            "STATIC_ROOT": str(static),
            "XDG_CONFIG_HOME": str(data),
            "PEOPLE": f"127.0.0.1:{people}",
            "REST": f"127.0.0.1:{rest}",
            "CARRIER": f"127.0.0.1:{carrier}",
        }
    )
