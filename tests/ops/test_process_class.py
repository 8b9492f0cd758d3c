"""Each class of callers has a listener of its own that answers its addresses and no others."""

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpResponse
from django.test import RequestFactory

from portal.core.headers import HeadersMiddleware
from portal.edge.process_class import ProcessClassMiddleware
from portal.serve import LISTENERS

ADDRESSES = {
    "people": ("/", "/accounts/login/", "/projects/p/", "/payments/stripe/webhook", "/live/taken", "/carriers"),
    "rest": ("/listnewnumbers", "/listnewnumbers/", "/purchasenumber", "/api/callrouting", "/api/v9/anything"),
    "carrier": ("/carrier", "/carrier/v1/routes/+12125550100"),
}


@pytest.mark.parametrize("process_class", LISTENERS)
def test_a_listener_answers_its_own_class_only(settings, process_class):
    settings.PROCESS_CLASS = process_class
    middleware = HeadersMiddleware(ProcessClassMiddleware(lambda request: HttpResponse("reached")))
    for owner, paths in ADDRESSES.items():
        for path in paths:
            answer = middleware(RequestFactory().get(path))
            if owner == process_class:
                assert answer.content == b"reached", path
            else:
                assert answer.status_code == 404, path
                assert "not_found" in answer.content.decode()
                assert answer["Cache-Control"] == "no-store"


def test_the_words_are_those_of_the_listeners_callers(settings):
    settings.PROCESS_CLASS = "carrier"
    answer = ProcessClassMiddleware(lambda request: HttpResponse())(RequestFactory().get("/accounts/login/"))
    assert answer.content == b'{"error":"not_found"}'
    settings.PROCESS_CLASS = "rest"
    answer = ProcessClassMiddleware(lambda request: HttpResponse())(RequestFactory().get("/carrier/v1/routes/+1"))
    assert answer["Content-Type"] == "application/problem+json"


def test_a_process_without_a_class_answers_everything(settings):
    settings.PROCESS_CLASS = "command"
    with pytest.raises(MiddlewareNotUsed):
        ProcessClassMiddleware(lambda request: HttpResponse())
