"""Requests to servers of the tests, and waiting for what comes of them."""

from portal.outbound.answers import Answer
from portal.outbound.client import Courier, Limits, OutboundRequest
from portal.outbound.lookup import LookUp, addresses_of


def post(url, body=b"{}", method="POST", **headers):
    return OutboundRequest(method, url, headers, body)


def answers(courier, *requests, patience=30):
    """Of each request, in their order."""
    for number, request in enumerate(requests):
        courier.send(number, request)
    found = {}
    while len(found) < len(requests):
        results = courier.results(patience)
        assert results, f"no answer to {len(requests) - len(found)} requests"
        found |= dict(results)
    return [found[number] for number in range(len(requests))]


def answer(courier, request):
    return answers(courier, request)[0]


def answer_of(courier, key, request):
    courier.send(key, request)
    found = {}
    while key not in found:
        found |= dict(courier.results(30))
    return found[key]


def send_once(
    request: OutboundRequest,
    *,
    limits: Limits | None = None,
    look_up: LookUp = addresses_of,
    ca_file: str | None = None,
) -> Answer:
    """One request in a courier of its own. Waits for the answer."""
    with Courier(most=1, limits=limits, look_up=look_up, ca_file=ca_file) as courier:
        courier.send(None, request)
        while not (results := courier.results(60)):
            pass
    return results[0][1]
