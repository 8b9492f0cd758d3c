"""Where messages go: set for a number or for its project, as versions, and what waits follows."""

from dataclasses import replace

import pytest
from django.utils import timezone

from numbers.messaging import services
from numbers.models import MessageSettingsVersion, NumberMessageSettings
from portal.core.errors import DomainError, NotFound
from projects.models import AuditEntry, WebhookEndpoint, WebhookTarget
from projects.webhooks.sealing import OwnHeaders
from projects.webhooks.targets import TargetSettings, settings_of
from tests.support.leases import make_lease

pytestmark = pytest.mark.django_db
URL, OTHER = "https://example.com:443/incomingsms", "https://example.com:443/other"
OWN = OwnHeaders((("X-Token", "s3cret"),), ("anna", "pa55word"))


@pytest.fixture
def lease(project):
    return make_lease(project=project)


@pytest.fixture
def change(lease, by):
    def change(**settings):
        return services.change_number(
            lease=lease, change=lambda set_: replace(set_, **settings), by=by, now=timezone.now()
        )

    return change


def stored(lease):
    row = NumberMessageSettings.objects.select_related("target__endpoint", "target__fallback").get(lease=lease)
    return settings_of(row.target)


def versions(lease):
    return MessageSettingsVersion.objects.filter(lease=lease).order_by("version")


def test_everything_that_is_set_is_kept(change, lease):
    change(url=URL, method="GET", request_text="hello", fallback_url=OTHER, own=OWN)
    assert stored(lease) == TargetSettings(URL, "GET", "hello", OTHER, OWN)


def test_each_change_is_a_version_in_words_and_the_same_again_is_none(change, lease):
    change(url=URL)
    change(url=URL)
    change(method="GET", request_text="hello", fallback_url=OTHER, own=OWN)
    first, second = versions(lease)
    assert first.changes == [f"Messages go to POST {URL} instead of no URL of their own."]
    assert second.changes == [
        f"Messages go to GET {URL} instead of POST {URL}.",
        "Request text: hello instead of incoming-sms.",
        f"Fallback URL: {OTHER} instead of none.",
        "Own headers: X-Token.",
        "Basic credentials: anna.",
    ]
    assert AuditEntry.objects.filter(action="message_settings.changed", subject=lease.number.e164).count() == 2


def test_secrets_are_in_no_version_no_trail_and_not_in_clear(change, lease):
    change(url=URL, own=OWN)
    written = [str(versions(lease).values()), str(list(AuditEntry.objects.values_list("data", flat=True)))]
    written.append(NumberMessageSettings.objects.get().target.sealed)
    assert not [text for text in written for secret in ("s3cret", "pa55word") if secret in text]


def test_they_are_forgotten_with_the_url(change):
    change(url=URL, own=OWN)
    change(url="")
    assert WebhookTarget.objects.get().sealed == ""


def test_going_back_is_to_a_version_of_the_number_itself(change, lease, project, by):
    other = make_lease("+12125550102", project)
    services.change_number(lease=other, change=lambda set_: replace(set_, url=URL), by=by, now=timezone.now())
    with pytest.raises(NotFound):
        services.restore_number(lease=lease, version=1, by=by, now=timezone.now())
    assert not versions(lease).exists()


def test_going_back_keeps_the_credentials_of_now(change, lease, by):
    change(url=URL)
    change(url=OTHER, own=OWN)
    services.restore_number(lease=lease, version=1, by=by, now=timezone.now())
    assert (stored(lease).url, stored(lease).own) == (URL, OWN)
    assert versions(lease).last().restores == 1


def test_without_a_url_the_rest_is_gone_too(change, lease):
    change(url=URL, own=OWN, request_text="hello")
    change(url="")
    assert stored(lease) == TargetSettings()


def test_two_numbers_with_one_url_share_its_endpoint(change, project, by):
    other = make_lease("+12125550102", project)
    change(url=URL)
    services.change_number(lease=other, change=lambda set_: replace(set_, url=URL), by=by, now=timezone.now())
    assert WebhookEndpoint.objects.filter(project=project).count() == 1


@pytest.mark.parametrize(
    ("wrong", "code", "field"),
    [
        ({"method": "PUT"}, "webhook_method_unknown", "method"),
        ({"request_text": ""}, "request_text_invalid", "request_text"),
        ({"request_text": "x" * 101}, "request_text_invalid", "request_text"),
        ({"fallback_url": URL}, "fallback_same_url", "fallback_url"),
        ({"own": OwnHeaders((("Host", "a"),))}, "own_header_invalid", "headers"),
        ({"own": OwnHeaders((("Webhook-Id", "a"),))}, "own_header_invalid", "headers"),
        ({"own": OwnHeaders((("Content-Type", "a"),))}, "own_header_invalid", "headers"),
        ({"own": OwnHeaders((("user-agent", "a"),))}, "own_header_invalid", "headers"),
        ({"own": OwnHeaders((("Proxy-Connection2", "a"),))}, "own_header_invalid", "headers"),
        ({"own": OwnHeaders((("Sec-Fetch-Mode", "a"),))}, "own_header_invalid", "headers"),
        ({"own": OwnHeaders((("X-Forwarded-For", "a"),))}, "own_header_invalid", "headers"),
        ({"own": OwnHeaders((("X-A", "a" * 1001),))}, "own_header_invalid", "headers"),
        ({"own": OwnHeaders(tuple((f"X-{no}", "a") for no in range(11)))}, "own_header_invalid", "headers"),
        ({"own": OwnHeaders((("X-A", "a\r\nX-B: b"),))}, "own_header_invalid", "headers"),
        ({"own": OwnHeaders((("X A", "a"),))}, "own_header_invalid", "headers"),
        ({"own": OwnHeaders((("X-A", "a"), ("x-a", "b")))}, "own_header_invalid", "headers"),
        ({"own": OwnHeaders((("Authorization", "a"),), ("u", "p"))}, "own_header_invalid", "headers"),
        ({"own": OwnHeaders(basic=("u", ""))}, "basic_credentials_invalid", "basic_password"),
        ({"own": OwnHeaders(basic=("u:v", "p"))}, "basic_credentials_invalid", "basic_user"),
    ],
)
def test_what_cannot_be_set_names_its_field_and_changes_nothing(change, lease, wrong, code, field):
    with pytest.raises(DomainError) as refused:
        change(url=URL, **wrong)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not versions(lease).exists()


def test_the_projects_default_has_versions_of_its_own(project, by):
    now = timezone.now()
    services.change_project(project=project, change=lambda set_: replace(set_, url=URL), by=by, now=now)
    services.change_project(project=project, change=lambda set_: replace(set_, url=OTHER), by=by, now=now)
    services.restore_project(project=project, version=1, by=by, now=now)
    assert list(MessageSettingsVersion.objects.filter(lease=None).values_list("version", flat=True)) == [1, 2, 3]
    assert AuditEntry.objects.filter(action="message_settings.default_changed").count() == 3
