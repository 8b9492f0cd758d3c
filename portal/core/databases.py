"""How the processes connect to PostgreSQL; imported by the settings."""

from urllib.parse import unquote

from portal.core import env

# By process class, in milliseconds: how long to wait for a lock, and for a statement as a whole. A process for people
# serves one request at a time, so whoever waits for a locked row keeps the next one waiting: 300 ms are many
# purchases from the same wallet, and no more. A call is being set up while a switch waits. Commands take their time.
TIMEOUTS = {"people": (300, 5_000), "rest": (300, 5_000), "carrier": (50, 1_000), "worker": (10_000, 600_000)}


def database(url: str, process_class: str = "command") -> dict[str, object]:
    """``postgresql://user:password@host:port/name?host=/socket/dir&sslmode=verify-full`` as Django's settings."""
    lock, statement = TIMEOUTS.get(process_class, (0, 0))
    serving = process_class in ("people", "rest", "carrier")
    # A process that is stopped inside a transaction must not keep its locks for ever.
    limits = {
        "lock_timeout": lock,
        "statement_timeout": statement,
        "idle_in_transaction_session_timeout": 30_000 if serving else 0,
    }
    parts = env.address(url)
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "portal.core.postgres",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", "")) or parts.hostname or "",
        "PORT": str(parts.port or query.get("port", "")),
        "CONN_MAX_AGE": env.number("DATABASE_CONN_MAX_AGE", 600),
        # Seconds after which a server that says nothing at all is given up; None = never.
        "PATIENCE": statement / 1000 + 2 if serving else None,
        "OPTIONS": {
            "server_side_binding": False,
            "prepare_threshold": 2,
            "connect_timeout": 2 if serving else 5,
            "application_name": process_class,
            "options": " ".join(f"-c {name}={value}" for name, value in limits.items() if value),
        }
        | {name: unquote(query[name]) for name in ("sslmode", "sslrootcert") if name in query},
    }


def role_of(url: str) -> dict[str, object] | None:
    """What differs when another role connects to the same database."""
    return {key: database(url)[key] for key in ("USER", "PASSWORD", "HOST", "PORT")} if url else None
