"""The list of uploaded documents: search, filters, rights."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone

from numbers.console.documents import document_list
from projects.models import Role
from projects.services import archive_project
from tests.documents.pages import order, order_cards, page_of, rows, send, submitted
from tests.support.documents import make_document
from tests.support.pages import text
from tests.support.people import actor, make_user, sign_in
from tests.support.projects import add_member, make_project
from tests.support.queries import query_count
from tests.support.regulations import make_document_type


def names(page):
    return [name for name, _ in rows(page)]


def test_search_and_filters(customer, project, germany):
    found = order(project)
    one = make_document(project, "bill", name="Bill of March 100%", original_name="scan_7.pdf")
    two = make_document(project, "passport", name="Passport of Ada")
    make_document_type("retired", name="Retired type", is_active=False)
    make_document(project, "retired", name="Ancient")
    submitted(found, 1, one)
    submitted(found, 0, two, "accepted")
    for query, shown in [
        ({"q": "march"}, [one.name]),
        ({"q": "scan_"}, [one.name]),
        ({"q": "100%"}, [one.name]),
        ({"q": "none"}, []),
        ({"type": "passport"}, [two.name]),
        ({"type": "retired"}, ["Ancient"]),
        ({"state": "review"}, [one.name]),
        ({"state": "accepted", "type": "bill"}, []),
        ({"state": "unused"}, ["Ancient"]),
        ({"state": "replaced"}, []),
    ]:
        assert names(page_of(customer, project, **query)) == shown, query
    assert "No document matches" in text(page_of(customer, project, q="none"))


@pytest.mark.parametrize("state", ["rejected", "refused"])
def test_rejected_is_one_state_whoever_rejected_it(customer, project, germany, state):
    """The program that checks files or a reviewer; an address with the former name of the first is understood."""
    erased = {"purged_at": timezone.now()}
    make_document(project, "bill", name="Virus", inspection="refused", remark="It is infected.", **erased)
    make_document(project, "bill", name="Lost", inspection="failed", remark="We could not check it.", **erased)
    submitted(order(project), 1, make_document(project, "bill", name="Dark"), "rejected", "Too dark.")
    make_document(project, "bill", name="Fine")
    page = page_of(customer, project, state=state)
    assert rows(page) == [
        ("Dark", "Rejected Too dark."),
        ("Lost", "Rejected We could not check it."),
        ("Virus", "Rejected It is infected."),
    ]
    html = page.content.decode()
    assert html.count('<span class="badge bg-red-lt">Rejected</span>') == 3
    assert re.findall(r'<option value="([^"]*)"[^>]*>Rejected<', html) == ["rejected"]
    assert re.search(r'<option value="rejected"\s+selected', html)


@pytest.mark.parametrize(
    "query",
    [
        {"before": "0"},
        {"before": "x"},
        {"before": "9" * 40},
        {"state": "sold"},
        {"type": "nothing"},
        {"q": "x" * 5000},
        {"q": "\x01"},
        {"q": "\U0001f600 <b>"},
        {"q": "%_\\"},
        {"type": "\ud7ff"},
    ],
)
def test_nonsense_in_the_address_breaks_nothing(customer, project, types, query):
    make_document(project, "bill")
    page = page_of(customer, project, **query)
    assert "<b>" not in page.content.decode()
    if {"state", "type"} & set(query):
        assert "Select a valid choice" in text(page)
        assert len(rows(page)) == 1


def test_pages_show_every_document_once(customer, project, types):
    made = [make_document(project, "bill", name=f"Paper {n}").name for n in range(document_list.PAGE_SIZE * 2 + 1)]
    url, seen = reverse("numbers:documents", args=[project.pid]), []
    while url:
        page = customer.get(url)
        seen += names(page)
        following = re.search(r'rel="next"\s+href="([^"#]+)', page.content.decode())
        url = following and following[1].replace("&amp;", "&")
    assert seen == made[::-1]


def test_the_list_as_a_fragment(customer, project):
    page = customer.get(
        reverse("numbers:documents", args=[project.pid]), headers={"HX-Request": "true", "HX-Target": "documents-list"}
    )
    assert page.templates[0].name == "numbers/documents/_list.html"


def test_as_many_queries_for_many_orders_and_documents_as_for_one(customer, project, germany):
    def fill(n):
        found = order(project, f"30111111{n:02d}")
        for line, kind in enumerate(("passport", "bill")):
            submitted(found, line, make_document(project, kind, uploaded_by=make_user()))

    addresses = [reverse(name, args=[project.pid]) for name in ("numbers:documents", "numbers:document_upload")]
    customer.get("/projects/")  # the first request of a session records the session
    fill(0)
    few = [query_count(customer, url) for url in addresses]
    for n in range(1, 12):
        fill(n)
    assert [query_count(customer, url) for url in addresses] == few
    assert max(few) <= 13


# -- rights -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.READ_ONLY, Role.BILLING])
def test_readers_see_lists_and_no_actions(client, project, germany, role):
    document = make_document(project, "bill", name="Bill")
    order(project)
    reader = sign_in(client, add_member(project, role))
    page = page_of(reader, project)
    assert order_cards(page)
    assert names(page) == ["Bill"]
    for address in ("document_upload", "document_download", "document_withdraw"):
        args = [project.pid] if address == "document_upload" else [project.pid, document.ref]
        assert reverse(f"numbers:{address}", args=args) not in page.content.decode()


def test_in_an_archived_project_nothing_is_uploaded(customer, project, owner, germany):
    document = make_document(project, "bill", name="Bill")
    archive_project(project=project, typed_name=project.name, by=actor(owner))
    page = page_of(customer, project)
    assert reverse("numbers:document_upload", args=[project.pid]) not in page.content.decode()
    answer = send(customer, project)
    assert answer.status_code == 409
    assert "This project is archived" in text(answer)
    customer.post(reverse("numbers:document_withdraw", args=[project.pid, document.ref]))
    document.refresh_from_db()
    assert document.is_there


@pytest.mark.parametrize(
    ("name", "method"), [("document_download", "get"), ("document_check", "get"), ("document_withdraw", "post")]
)
def test_a_document_of_another_project_is_not_there(client, owner, project, name, method, other_project):
    """Neither one's own of another project nor a stranger's, by its reference."""
    sign_in(client, owner)
    for elsewhere in (make_project(owner, name="Elsewhere"), other_project):
        theirs = make_document(elsewhere)
        assert getattr(client, method)(reverse(f"numbers:{name}", args=[project.pid, theirs.ref])).status_code == 404
        theirs.refresh_from_db()
        assert theirs.is_there
        page = client.get(reverse("numbers:document_upload", args=[project.pid]), {"replaces": str(theirs.ref)})
        assert theirs.name not in page.content.decode()
