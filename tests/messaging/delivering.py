"""A message that comes in, and where it goes."""

from dataclasses import replace

from django.utils import timezone

from numbers.messaging import services
from numbers.messaging.dispatch import dispatch
from numbers.models import Message
from tests.messaging.messages import make_message


def set_url(by, url, *, lease=None, project=None, **settings):
    change = {"change": lambda set_: replace(set_, url=url, **settings), "by": by, "now": timezone.now()}
    if lease:
        services.change_number(lease=lease, **change)
    else:
        services.change_project(project=project, **change)


def comes_in(lease, **values):
    message = make_message(lease, **values)
    dispatch([message], timezone.now())
    return message


def status(message):
    return Message.objects.get(pk=message.pk).status
