"""Customers' servers for a benchmark: one process, a port for each, which notes what it gets.

    python -m bench.receivers <log> <port>=<behaviour> …      behaviour: ok, hang or fail

A line of the log for each request: port, webhook-id, destination, Unix time.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

from aiohttp import web

HANGS = 60.0  # seconds, longer than anybody waits


def application(port: int, behaviour: str, log: "Path") -> web.Application:
    output = log.open("a", buffering=1)

    async def answer(request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        output.write(f"{port} {request.headers['webhook-id']} {body['destination']} {time.time():.6f}\n")
        if behaviour == "hang":
            await asyncio.sleep(HANGS)
        return web.Response(status=500 if behaviour == "fail" else 200)

    found = web.Application()
    found.router.add_post("/in", answer)
    return found


async def serve(log: Path, ports: dict[int, str]) -> None:
    for port, behaviour in ports.items():
        runner = web.AppRunner(application(port, behaviour, log), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    pairs = (each.split("=") for each in sys.argv[2:])
    asyncio.run(serve(Path(sys.argv[1]), {int(port): behaviour for port, behaviour in pairs}))
