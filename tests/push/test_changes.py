"""Replacing and removing on the pages: with a fresh code, and the last one wins."""

import pytest

from projects.models import PushCredential
from tests.push.sending import IDS, send
from tests.support.pages import html, text
from tests.support.people import freshen
from tests.support.push import APP, PASSWORD, certificate, p8, p12, service_account

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("today")]


class TestReplacing:
    @pytest.fixture
    def uploaded(self, for_ios):
        return for_ios(p8(), bundle_id=APP)

    def test_it_needs_a_fresh_code(self, customer, uploaded, at):
        answer = customer.get(at("ios", "upload"))
        assert answer["Location"].startswith("/accounts/2fa/reauthenticate/?next=")
        freshen(customer, seconds_ago=299)
        assert "takes the place of the one for" in text(customer.get(at("ios", "upload")))

    def test_with_it_the_old_one_is_gone(self, customer, uploaded, project, at):
        freshen(customer)
        assert send(customer, at("ios", "upload"), p12(certificate())).status_code == 302
        assert PushCredential.objects.get().kind == "apns_cert"
        shown = text(customer.get(at("ios")))
        assert "The iOS certificate was replaced." in shown
        assert "replaced the iOS certificate, now for com.example.app" in shown

    def test_a_form_that_comes_too_late_keeps_its_ids_and_no_secret(self, customer, uploaded, at):
        """Also of whoever opened the page before another member uploaded the first one."""
        answer = send(customer, at("ios", "upload"), p8(), password=PASSWORD, **(IDS | {"bundle_id": "com.example.b"}))
        assert answer["Location"].startswith(at("ios", "upload") + "?key_id=")
        assert PASSWORD not in str(dict(customer.session))
        assert PushCredential.objects.get() == uploaded
        there = customer.get(answer["Location"])["Location"]
        assert "bundle_id%3Dcom.example.b" in there
        assert "Nothing was changed yet" in text(customer.get(there, follow=True))
        freshen(customer)
        assert 'value="com.example.b"' in html(customer.get(answer["Location"]))

    def test_the_first_one_needs_none(self, customer, uploaded, at):
        assert customer.get(at("android", "upload")).status_code == 200

    def test_of_two_tabs_the_last_one_wins_and_the_history_says_so(self, customer, at):
        freshen(customer)
        for app in ("com.example.one", "com.example.two"):
            assert send(customer, at("ios", "upload"), p8(), **(IDS | {"bundle_id": app})).status_code == 302
        assert PushCredential.objects.get().topic == "com.example.two"
        shown = text(customer.get(at("ios")))
        assert "replaced the iOS certificate, now for com.example.two" in shown
        assert "uploaded the iOS certificate for com.example.one" in shown


class TestRemoving:
    @pytest.fixture
    def uploaded(self, for_android):
        return for_android(service_account())

    def test_it_is_asked_and_needs_a_fresh_code(self, customer, uploaded, at):
        assert "Remove the Android API key?" in text(customer.get(at("android", "remove")))
        answer = customer.post(at("android", "remove"))
        assert answer["Location"].startswith("/accounts/2fa/reauthenticate/")
        assert PushCredential.objects.exists()
        freshen(customer)
        assert customer.post(at("android", "remove"))["Location"] == at("android")
        assert not PushCredential.objects.exists()
        shown = text(customer.get(at("android")))
        assert "The Android API key was removed." in shown
        assert "Not set" in shown

    def test_in_a_dialog(self, customer, uploaded, at):
        answer = customer.get(at("android", "remove"), headers={"HX-Request": "true"})
        assert answer["HX-Retarget"] == "#modal"
        freshen(customer)
        answer = customer.post(at("android", "remove"), headers={"HX-Request": "true"})
        assert answer["HX-Redirect"] == at("android")

    def test_one_that_is_gone(self, customer, at):
        freshen(customer)
        page = customer.post(at("ios", "remove"))
        assert "This project has no iOS certificate any more." in html(page, 404)
