"""The demo's passwords and keys: random, made once, kept in one private file."""

import base64
import json
import os
import secrets
from pathlib import Path

WORDS = (
    "amber",
    "birch",
    "cedar",
    "delta",
    "ember",
    "fjord",
    "grove",
    "harbor",
    "indigo",
    "juniper",
    "kelp",
    "lunar",
    "meadow",
    "nectar",
    "opal",
    "pebble",
    "quartz",
    "raven",
    "saffron",
    "tundra",
    "umber",
    "velvet",
    "willow",
    "xenon",
    "yarrow",
    "zephyr",
)


def password() -> str:
    return "-".join([*(secrets.choice(WORDS) for _ in range(4)), str(secrets.randbelow(9000) + 1000)])


def totp_secret() -> str:
    return base64.b32encode(secrets.token_bytes(20)).decode()


def load(path: Path) -> dict[str, str]:
    """Reads the file; makes what it does not hold yet."""
    known: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    makers = {
        "secret_key": lambda: secrets.token_urlsafe(64),
        "encryption_key": lambda: base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "stripe_secret_key": lambda: "sk_sandbox_" + secrets.token_hex(16),
        "switch_secret": lambda: "swk_" + secrets.token_hex(16),  # as the portal makes them: Kannel breaks longer ones
        "webhook_secret": lambda: "whsec_" + secrets.token_hex(20),
    }
    for role in ("customer", "provisioning", "billing"):
        makers |= {f"{role}_password": password, f"{role}_totp_secret": totp_secret}
    missing = {name: make() for name, make in makers.items() if name not in known}
    if missing:
        known |= missing
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(known, file, indent=2)
    return known
