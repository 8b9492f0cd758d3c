"""``python -m sandbox.gateway --port 8002 --webhook-url http://127.0.0.1:8000/payments/stripe/webhook``

Webhooks are signed with ``SANDBOX_WEBHOOK_SECRET``; several, separated by commas, while one is rotated.
"""

import argparse
import os
import signal
import sys

from sandbox.gateway.server import Sandbox


def _secrets() -> str:
    """In the demo's environment the portal's own list names them."""
    return os.environ.get("SANDBOX_WEBHOOK_SECRET") or os.environ.get("STRIPE_WEBHOOK_SECRETS", "")


def main() -> None:
    parser = argparse.ArgumentParser(prog="sandbox.gateway", description="The sandbox payment gateway.")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--webhook-url", required=True)
    options = parser.parse_args()
    secrets = [word for word in _secrets().split(",") if word]
    if not secrets:
        sys.exit("SANDBOX_WEBHOOK_SECRET is not set.")
    sandbox = Sandbox(options.webhook_url, secrets, port=options.port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print(f"sandbox gateway ready at {sandbox.url}", flush=True)
    try:
        sandbox.http.serve_forever(poll_interval=0.2)
    except KeyboardInterrupt:
        pass
    finally:
        sandbox.http.server_close()


if __name__ == "__main__":
    main()
