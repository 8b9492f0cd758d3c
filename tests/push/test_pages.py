"""The pages: uploading, what is shown and what never is, replacing and removing with a fresh code, each role."""

import pytest
import time_machine
from django.urls import reverse

from portal.jobs.models import OutgoingMail
from projects import services as project_services
from projects import suspension
from projects.models import AuditEntry, PushCredential, Role
from projects.push import services
from tests.push.sending import IDS, error_of, send
from tests.support.pages import html, text
from tests.support.people import browser_of, freshen, make_staff, staff_actor
from tests.support.projects import add_member
from tests.support.push import (
    ACCOUNT,
    APP,
    ENDS,
    FIREBASE,
    KEY_ID,
    LEGACY_KEY,
    NOW,
    NULL,
    PASSWORD,
    PRODUCTION,
    TEAM,
    certificate,
    p8,
    p12,
    pem,
    rsa_key,
    service_account,
)
from tests.support.queries import query_count

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


class TestUploading:
    def test_a_key_for_ios(self, customer, project, at):
        assert "Upload the iOS certificate" in html(customer.get(at("ios", "upload")))
        key = p8()
        answer = send(customer, at("ios", "upload"), key, **IDS)
        assert (answer.status_code, answer["Location"]) == (302, at("ios"))
        shown = text(customer.get(at("ios")))
        for part in (APP, "APNs key (.p8)", KEY_ID, TEAM, "Never", "Development and production", "by Olga Owner"):
            assert part in shown
        assert PushCredential.objects.get().fingerprint in shown
        assert "uploaded the iOS certificate for com.example.app" in shown

    def test_a_certificate_for_ios(self, customer, at):
        answer = send(customer, at("ios", "upload"), p12(certificate(), password=PASSWORD), password=PASSWORD)
        assert answer.status_code == 302
        shown = text(customer.get(at("ios")))
        for part in (
            APP,
            "Push certificate",
            f"{ENDS:%-d %B %Y}",
            "Calls (VoIP pushes) Yes",
            "The iOS certificate was",
        ):
            assert part in shown

    def test_a_service_account_as_file_and_pasted(self, customer, at):
        assert send(customer, at("android", "upload"), service_account()).status_code == 302
        shown = text(customer.get(at("android")))
        assert FIREBASE in shown
        assert ACCOUNT in shown
        freshen(customer)
        answer = send(customer, at("android", "upload"), secret_text=service_account(project_id="other-1234").decode())
        assert answer.status_code == 302
        assert PushCredential.objects.get().project_name == "other-1234"

    def test_all_that_a_key_lacks_is_said_at_once(self, customer, at):
        page = send(customer, at("ios", "upload"), p8(), team_id="short", bundle_id="app")
        assert page.status_code == 422
        assert "needs its Key ID" in error_of(page, "key_id")
        assert "exactly 10" in error_of(page, "team_id")
        assert "for example com.example.app" in error_of(page, "bundle_id")
        assert 'value="short"' in html(page, 422)
        assert "Please choose the file again" in html(page, 422)

    def test_a_password_is_asked_for_beside_its_field_and_never_comes_back(self, customer, at):
        data = p12(certificate(), password=PASSWORD)
        assert "protected with a password" in error_of(send(customer, at("ios", "upload"), data), "password")
        page = send(customer, at("ios", "upload"), data, password="a wrong guess", bundle_id=APP)
        assert "does not open this file" in error_of(page, "password")
        assert "a wrong guess" not in html(page, 422)
        assert f'value="{APP}"' in html(page, 422)

    @pytest.mark.parametrize(
        ("platform", "data", "part"),
        [
            ("ios", None, "Choose the file."),
            ("ios", b"", "This file is empty."),
            ("ios", b"x" * 70_000, "This file has 69 kB."),
            ("ios", b"x" * 2_000_000, "at most 64 kB are possible"),
            ("ios", service_account(), "upload it as the Android API key"),
            ("android", None, "Choose the JSON file, or paste its content."),
            ("android", p8(), "upload it as the iOS certificate"),
            ("android", LEGACY_KEY.encode(), "Google shut down the API"),
        ],
    )
    def test_a_refusal_stands_beside_the_file(self, platform, data, part, customer, at):
        page = send(customer, at(platform, "upload"), data)
        assert page.status_code == 422
        assert part in error_of(page, "file")
        assert not PushCredential.objects.exists()

    @pytest.mark.parametrize(
        ("pasted", "part"),
        [
            (LEGACY_KEY, "Google shut down the API"),
            (service_account(project_id="Not One").decode(), "“project_id”"),
        ],
    )
    def test_what_was_pasted_is_refused_beside_its_field_and_never_comes_back(self, pasted, part, customer, at):
        page = customer.post(at("android", "upload"), {"secret_text": pasted})
        assert part in error_of(page, "secret_text")
        assert pasted[20:60] not in html(page, 422)

    def test_a_file_and_a_text_are_one_too_many(self, customer, at):
        page = send(customer, at("android", "upload"), service_account(), secret_text=LEGACY_KEY)
        assert "not both" in error_of(page, "secret_text")

    def test_a_nul_in_a_field_is_a_refusal(self, customer, at):
        page = send(customer, at("ios", "upload"), p8(), **(IDS | {"bundle_id": "com.\0.app"}))
        assert page.status_code == 422

    def test_no_page_log_or_mail_holds_a_secret(self, customer, project, at, caplog):
        key, account = p8(), service_account()
        pages = [send(customer, at("ios", "upload"), key, **IDS)]
        pages += [send(customer, at("android", "upload"), account)]
        freshen(customer)
        pages += [send(customer, at("ios", "upload"), p12(certificate(), password=PASSWORD), password=PASSWORD)]
        pages += [
            customer.get(at(platform, what)) for platform in ("ios", "android") for what in ("", "upload", "remove")
        ]
        pages += [customer.get(f"/projects/{project.pid}/")]
        secrets = [PASSWORD, *key.decode().split("\n")[1:3], *pem(rsa_key()).decode().split("\n")[1:4]]
        everything = " ".join(page.content.decode() for page in pages) + caplog.text
        everything += str(list(AuditEntry.objects.values_list("data", flat=True)))
        assert [secret for secret in secrets if secret in everything] == []
        assert not OutgoingMail.objects.exists()
        assert all("no-store" in page["Cache-Control"] for page in pages)


def test_an_unknown_platform(customer, at):
    for what in ("", "upload", "remove"):
        assert customer.get(at("windows", what)).status_code == 404


@pytest.mark.parametrize(("role", "manages"), [(Role.DEVELOPER, True), (Role.BILLING, False), (Role.READ_ONLY, False)])
def test_each_role_sees_its_buttons(role, manages, project, for_ios, at):
    for_ios(p8(), bundle_id=APP)
    browser = browser_of(add_member(project, role))
    dashboard, ios, android = (
        html(browser.get(where)) for where in (f"/projects/{project.pid}/", at("ios"), at("android"))
    )
    assert APP in dashboard
    assert f'href="{at("ios")}"' in dashboard
    assert (f'href="{at("android", "upload")}"' in dashboard) is manages
    for page, parts in ((ios, ("upload", "remove")), (android, ("upload",))):
        platform = "ios" if page is ios else "android"
        assert [f'href="{at(platform, part)}"' in page for part in parts] == [manages] * len(parts)


def test_the_dashboard_shows_both_and_when_they_expire(customer, project, for_ios):
    here = f"/projects/{project.pid}/"
    assert text(customer.get(here)).count("Not set") == 2
    for_ios(p12(certificate()))
    for moment, badge, words in (
        (NOW, "Set", "expires on 30 Aug 2027"),
        (ENDS.replace(day=20), "Expires soon", "expires on 30 Aug 2027"),
        (ENDS, "Expired", "expired on 30 Aug 2027"),
    ):
        with time_machine.travel(moment):
            browser = browser_of(project.created_by)
            page = html(browser.get(here))
            row = page[page.index('id="push-ios"') : page.index('id="push-android"')]
            assert f">{badge}</span>" in row
            assert words in row
            shown = text(browser.get(f"{here}push/ios/"))
            assert badge in shown


def test_the_warning_about_calls(customer, for_ios, at):
    for_ios(p12(certificate({PRODUCTION: NULL})))
    assert "may not send VoIP pushes" in text(customer.get(at("ios")))


def test_an_archived_or_suspended_project_says_why(customer, project, by, for_ios, at):
    for_ios(p8(), bundle_id=APP)
    project_services.archive_project(project=project, typed_name=project.name, by=by)
    freshen(customer)
    for page in (customer.get(at("ios", "upload")), send(customer, at("ios", "upload"), p8(), **IDS)):
        assert "This project is archived" in html(page, 409)
    shown = html(customer.get(at("ios")))
    assert "Restore the project to upload another one." in shown
    assert f'href="{at("ios", "upload")}"' not in shown
    assert f'href="{at("android", "upload")}"' not in html(customer.get(f"/projects/{project.pid}/"))
    project_services.restore_project(project=project, by=by)
    suspension.suspend(project=project, reason="Spam calls.", by=staff_actor(make_staff()), now=NOW)
    assert "Spam calls." in html(send(customer, at("android", "upload"), service_account()), 403)
    assert customer.post(at("ios", "remove")).status_code == 302
    assert not PushCredential.objects.exists()


def test_a_page_costs_the_same_with_and_without_them(customer, project, for_ios, for_android, at):
    addresses = f"/projects/{project.pid}/", at("ios")
    customer.get(addresses[0])  # begins the session
    before = [query_count(customer, address) for address in addresses]
    for_ios(p12(certificate()))
    for_android(service_account())
    assert [query_count(customer, address) for address in addresses] == before


def test_too_many_uploads_are_refused_in_words(customer, at, one_minute, monkeypatch):
    monkeypatch.setattr(services, "UPLOADS_PER_MINUTE", 1)
    send(customer, at("android", "upload"), b"x")
    page = send(customer, at("android", "upload"), service_account())
    assert "Too many requests" in html(page, 429)


def test_names_of_addresses(project, at):
    assert reverse("projects:push", args=[project.pid, "ios"]) == at("ios")
