import re
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.urls import reverse
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from projects import tokens
from projects.actor import SYSTEM
from projects.models import AuditEntry, Project, Role
from tests.support.pages import html
from tests.support.people import freshen, sign_in
from tests.support.projects import add_member

pytestmark = pytest.mark.django_db
REAUTHENTICATE = "/accounts/2fa/reauthenticate/"


@pytest.fixture
def page(client, owner):
    return sign_in(client, owner)


def token_of(project, slot="primary"):
    return tokens.reveal(project=project, slot=slot, by=SYSTEM)


class TestCreate:
    url = "/projects/new/"

    def test_creates_and_leads_to_the_dashboard(self, page, owner):
        response = page.post(self.url, {"name": "  Helpdesk ", "creation_key": uuid4()}, follow=True)
        made = Project.objects.get()
        assert (made.name, made.created_by) == ("Helpdesk", owner)
        assert response.redirect_chain == [(f"/projects/{made.pid}/", 302)]
        assert "Project “Helpdesk” was created." in html(response)

    def test_a_double_click_creates_once(self, page):
        form = {
            "name": "Helpdesk",
            "creation_key": re.search(r'name="creation_key" value="([^"]+)"', html(page.get(self.url)))[1],
        }
        first, second = page.post(self.url, form), page.post(self.url, form)
        assert first.url == second.url
        assert Project.objects.count() == 1

    @pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\x00b", "a\u202eb", "a\x1bb"])
    def test_a_bad_name_is_explained_beside_the_field_and_kept(self, page, name):
        response = page.post(self.url, {"name": name, "creation_key": "nonsense\x00"})
        assert response.status_code == 422
        assert "invalid-feedback" in html(response, 422)
        assert not Project.objects.exists()
        if name.strip() and name.isprintable():
            assert f'value="{name}"' in html(response, 422)

    @hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(name=st.text(max_size=100), key=st.text(max_size=50))
    def test_nothing_typed_breaks_it(self, page, name, key):
        name, key = (value.encode("utf-8", "ignore").decode() for value in (name, key))
        response = page.post(self.url, {"name": name, "creation_key": key})
        assert response.status_code in (302, 422)

    def test_names_are_escaped(self, page):
        response = page.post(self.url, {"name": "<script>alert(1)</script>"}, follow=True)
        assert "<script>alert" not in html(response)


class TestKeys:
    def reveal(self, page, project, slot="primary"):
        return page.post(reverse("projects:token_reveal", args=[project.pid, slot]))

    def test_the_page_shows_the_mask_and_never_the_token(self, page, project):
        token = token_of(project)
        body = html(page.get(reverse("projects:keys", args=[project.pid])))
        assert f"ptk_••••••••••••{token[-4:]}" in body
        assert token not in body
        assert token[4:36] not in body
        assert project.pid in body

    def test_the_examples_name_the_site_and_the_project(self, page, project, settings):
        settings.SITE_URL = "https://numbers.customer.example"
        body = html(page.get(reverse("projects:keys", args=[project.pid])))
        assert "curl -X POST https://numbers.customer.example/purchasenumber" in body
        assert f"projectid={project.pid}" in body

    @pytest.mark.parametrize("age", [None, 301])
    def test_revealing_asks_for_a_fresh_code(self, page, project, age):
        if age:
            freshen(page, age)
        response = self.reveal(page, project)
        assert response.status_code == 302
        assert response.url.startswith(REAUTHENTICATE)
        assert not AuditEntry.objects.filter(action="token.revealed").exists()

    def test_a_fresh_code_reveals_it_in_that_answer_only(self, page, project, owner):
        response = self.reveal(freshen(page), project)
        token = token_of(project)
        assert token in html(response)
        assert "no-store" in response["Cache-Control"]
        assert token not in html(page.get(reverse("projects:keys", args=[project.pid])))
        first = AuditEntry.objects.filter(action="token.revealed").earliest("id")
        assert (first.actor_user, first.subject, first.ip) == (owner, f"…{token[-4:]}", "127.0.0.1")

    def test_the_token_is_in_no_session_cookie_or_log(self, page, project, caplog):
        caplog.set_level("DEBUG")
        response = self.reveal(freshen(page), project)
        token = token_of(project)
        stored = [session.get_decoded() for session in Session.objects.all()]
        assert stored
        for place in (str(stored), str(dict(page.session)), str(response.headers), str(page.cookies), caplog.text):
            assert token not in place
            assert token[4:36] not in place

    def test_a_reload_of_the_revealed_page_by_address_leads_back(self, page, project):
        response = freshen(page).get(reverse("projects:token_reveal", args=[project.pid, "primary"]))
        assert response.url == reverse("projects:keys", args=[project.pid])

    @pytest.mark.parametrize("slot", ["secondary", "third", "x" * 500, "%00"])
    def test_a_slot_without_a_token_is_not_found(self, page, project, slot):
        response = freshen(page).post(f"/projects/{project.pid}/keys/{slot}/reveal/")
        assert response.status_code in (400, 404)

    @pytest.mark.parametrize("role", [Role.BILLING, Role.READ_ONLY])
    @pytest.mark.parametrize("name", ["rotate", "promote", "revoke", "reveal"])
    def test_other_roles_can_do_none_of_it(self, client, project, role, name):
        freshen(sign_in(client, add_member(project, role)))
        args = [project.pid, "primary"] if name == "reveal" else [project.pid]
        assert client.post(reverse(f"projects:token_{name}", args=args)).status_code == 403
        body = html(client.get(reverse("projects:keys", args=[project.pid])))
        assert "Reveal</button>" not in body
        assert "Rotate</a>" not in body

    @pytest.mark.parametrize("role", [Role.ADMIN, Role.DEVELOPER])
    def test_developers_and_admins_can(self, client, project, role):
        freshen(sign_in(client, add_member(project, role)))
        assert token_of(project) in html(self.reveal(client, project))

    @pytest.mark.parametrize("change", ["rotate", "promote", "revoke"])
    def test_each_change_asks_first_and_needs_a_fresh_code(self, page, project, change):
        tokens.rotate(project=project, by=SYSTEM)
        before = list(project.tokens.order_by("id").values())
        url = reverse(f"projects:token_{change}", args=[project.pid])
        assert page.get(url).status_code == 200
        dialog = page.get(url, headers={"HX-Request": "true"})
        assert 'id="modal-title"' in html(dialog)
        assert "<html" not in html(dialog)
        assert page.post(url).url.startswith(REAUTHENTICATE)
        assert list(project.tokens.order_by("id").values()) == before

    def test_rotation_step_by_step(self, page, project):
        freshen(page)
        old = token_of(project)
        page.post(reverse("projects:token_rotate", args=[project.pid]))
        new = token_of(project, "secondary")
        body = html(page.get(reverse("projects:keys", args=[project.pid])))
        assert "Both tokens work now" in body
        assert new in html(self.reveal(page, project, "secondary"))
        page.post(reverse("projects:token_promote", args=[project.pid]))
        assert tokens.authenticate(project.pid, old) is None
        assert tokens.authenticate(project.pid, new)

    def test_a_step_that_somebody_else_took_is_explained(self, page, project):
        """Where the question stands: on its page, or in the dialog."""
        freshen(page)
        for headers in ({}, {"HX-Request": "true"}):
            response = page.post(reverse("projects:token_promote", args=[project.pid]), headers=headers)
            assert response.status_code == 409
            assert "There is no secondary token to promote." in html(response, 409)
            assert "Promote the secondary token?" in html(response, 409)
            assert response.headers.get("HX-Retarget") == ("#modal" if headers else None)

    def test_the_way_through_the_fresh_code_ends_at_the_token(self, page, project, monkeypatch):
        """allauth keeps the refused POST and resumes it: the person clicks once."""
        from portal.accounts import security

        self.reveal(page, project)
        form = type("Form", (), {"device": object(), "is_valid": lambda self: True})()
        monkeypatch.setattr(security, "code_form", lambda request, user: form)
        response = page.post(f"{REAUTHENTICATE}?next=/projects/{project.pid}/keys/primary/reveal/")
        assert token_of(project) in html(response)
        assert "no-store" in response["Cache-Control"]


class TestSettings:
    def url(self, project, name="settings"):
        return reverse(f"projects:{name}", args=[project.pid])

    def test_renames(self, page, project):
        response = page.post(self.url(project), {"name": " Beta  Calls "}, follow=True)
        assert Project.objects.get().name == "Beta Calls"
        assert "The name was saved." in html(response)

    @pytest.mark.parametrize("name", ["", "x" * 81, "a\x00b"])
    def test_a_bad_name_is_explained(self, page, project, name):
        response = page.post(self.url(project), {"name": name})
        assert response.status_code == 422
        assert "invalid-feedback" in html(response, 422)
        assert Project.objects.get().name == "Acme Calls"

    def test_archives_after_the_name_was_typed(self, page, project):
        wrong = page.post(self.url(project, "archive"), {"typed_name": "acme"})
        assert wrong.status_code == 422
        assert "Type the project’s name, Acme Calls, to confirm." in html(wrong, 422)
        assert Project.objects.get().is_active
        response = page.post(self.url(project, "archive"), {"typed_name": "Acme Calls"}, follow=True)
        assert not Project.objects.get().is_active
        assert "Restore project" in html(response)
        assert page.post(self.url(project), {"name": "New"}).status_code == 409
        page.post(self.url(project, "restore"))
        assert Project.objects.get().is_active

    @pytest.mark.parametrize("typed", ["", "\x00", "x" * 100_000, "😀"])
    def test_odd_confirmations_are_refused(self, page, project, typed):
        assert page.post(self.url(project, "archive"), {"typed_name": typed}).status_code == 422
        assert Project.objects.get().is_active

    def test_restoring_an_active_project_is_explained(self, page, project):
        assert "This project is already active." in html(page.post(self.url(project, "restore"), follow=True))

    @pytest.mark.parametrize(
        ("role", "renames"),
        [(Role.ADMIN, True), (Role.DEVELOPER, False), (Role.BILLING, False), (Role.READ_ONLY, False)],
    )
    def test_only_the_owner_archives_and_only_some_rename(self, client, project, role, renames):
        sign_in(client, add_member(project, role))
        body = html(client.get(self.url(project)))
        assert ("Save name" in body) is renames
        assert "Archive project</button>" not in body
        assert client.post(self.url(project), {"name": "New"}).status_code == (302 if renames else 403)
        for name in ("archive", "restore"):
            assert client.post(self.url(project, name), {"typed_name": "New"}).status_code == 403
