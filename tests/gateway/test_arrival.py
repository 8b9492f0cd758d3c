"""From a phone's message centre over a gateway to the customer's server: SMPP, portal, webhook."""

import copy

import pytest

from numbers.models import Message
from tests.gateway.messages import KINDS
from tests.gateway.smsc import OK, until
from tests.support import webhooks
from tests.support.leases import DID

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(params=["kannel", "smpp"])
def gateway(request):
    return request.getfixturevalue(request.param)


def arrived(server, count):
    """What the customer's server got, once the portal has so many messages."""
    until(lambda: Message.objects.count() >= count, f"{count} messages in the portal")
    webhooks.deliver()
    return [(each["source"], each["message"]) for each in (request.parameters for request in server.received)]


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_arrives_as_it_was_written(lease, customer_server, smsc, gateway, kind):
    sent, source, text = copy.deepcopy(KINDS[kind])
    for each in sent:  # one after the other, so that the order is the one of the table
        smsc.take(each)
        assert smsc.settled(each) == [OK]
    assert arrived(customer_server, 1) == [(source, text)]
    message = Message.objects.get()
    assert (message.destination, message.smsc, message.switch_id) == (DID, "carrier-1", "gw1")
