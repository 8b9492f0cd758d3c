"""Numbers › Documents to upload: what orders ask for, and what was uploaded."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from numbers.console.documents import queries
from numbers.models import Order
from numbers.orders import closing
from projects.actor import SYSTEM
from projects.models import Role
from projects.services import archive_project
from tests.documents.pages import (
    ADDRESS,
    offered,
    order,
    page_of,
    rows,
    send,
    tasks,
)
from tests.support.documents import make_document
from tests.support.pages import text
from tests.support.people import actor, make_user, sign_in
from tests.support.projects import add_member, make_project
from tests.support.queries import query_count
from tests.support.regulations import make_document_type, make_regulation

# -- to do ------------------------------------------------------------------------------------------------------


def test_what_an_order_asks_for_and_how_each_line_stands(customer, project, germany):
    today = timezone.now().date()
    first = order(project)
    page = page_of(customer, project)
    [words] = tasks(page)
    for part in (
        "Order of +49 30 12345678",
        "Berlin, Germany · DID · for a business",
        "Ordered",
        "30 days left",
        "Proof of identity Missing",
        "Of the user.",
        "Identity card or Passport",
        "Proof of address Missing",
        "Utility bill , with an address in Berlin",
    ):
        assert part in words
    assert "2 documents missing for 1 order" in text(page)
    assert reverse("numbers:order", args=[project.pid, first.ref]) in page.content.decode()

    offered(first, 0, make_document(project, "passport", name="My passport"), "accepted")
    offered(first, 1, make_document(project, "bill", name="Blurred bill"), "rejected", "It cannot be read.")
    old = make_document(project, "bill", name="Old bill", expires_on=today - timedelta(days=2))
    offered(first, 1, old, "accepted")
    [words] = tasks(page_of(customer, project))
    assert "Proof of identity Accepted" in words
    assert "My passport accepted" in words
    assert "Blurred bill rejected: It cannot be read." in words
    assert re.search(rf"Old bill expired on {old.expires_on:%-d %b %Y} ?: replace it", words)
    assert f"replaces={old.ref}" in page_of(customer, project).content.decode()

    offered(first, 1, make_document(project, "bill", name="New bill"))
    [words] = tasks(page_of(customer, project))
    assert "Proof of address In review" in words
    assert "New bill in review" in words
    assert "Blurred bill" not in words


def test_a_line_may_ask_for_several(customer, project, types):
    make_regulation("DE", lines=[ADDRESS | {"count": 3}])
    found = order(project)
    offered(found, 0, make_document(project, "bill"))
    page = page_of(customer, project)
    assert "1 of 3 submitted" in tasks(page)[0]
    assert "2 documents missing for 1 order" in text(page)


def test_orders_that_lack_something_come_first_and_decided_ones_not_at_all(customer, project, other_project, germany):
    review, lacking = order(project, "3011111111"), order(project, "3022222222")
    for status, digits in (("approved", "3033333333"), ("documents_requested", "3044444444")):
        Order.objects.filter(pk=order(project, digits).pk).update(status=status)
    closing.cancel_order(order=order(project, "3055555555"), by=SYSTEM, now=timezone.now())
    order(other_project, "3066666666")
    for line, kind in enumerate(("passport", "bill")):
        offered(review, line, make_document(project, kind))
    Order.objects.filter(pk=review.pk).update(status="in_review", submitted_at=timezone.now())
    page = page_of(customer, project)
    found = tasks(page)
    assert [re.search(r"\+49 30 \d+", each)[0] for each in found] == [
        "+49 30 22222222",
        "+49 30 44444444",
        "+49 30 11111111",
    ]
    assert "All documents are submitted. Our team is reviewing" in found[2]
    assert "4 documents missing for 2 orders" in text(page)
    assert lacking.ref.hex in page.content.decode().replace("-", "")


def test_the_upload_button_brings_order_and_type(customer, project, germany):
    found = order(project)
    body = page_of(customer, project).content.decode()
    address = reverse("numbers:document_upload", args=[project.pid])
    assert f'href="{address}?order={found.ref}"' in body  # of two types the customer chooses
    assert f'href="{address}?order={found.ref}&amp;type=bill"' in body


def test_nothing_to_do_and_no_documents(customer, project):
    words = text(page_of(customer, project))
    for part in ("Nothing to do", "No open order needs documents", "No documents yet"):
        assert part in words
    assert "Nothing is missing" not in words


# -- your documents ---------------------------------------------------------------------------------------------


def test_the_state_of_each_document(customer, project, germany):
    now = timezone.now()
    first, second = order(project, "3011111111"), order(project, "3022222222")
    ended = order(project, "3033333333")
    _, review, accepted, rejected, both, late = (
        make_document(project, "bill", name=name)
        for name in ("unused", "review", "accepted", "rejected", "both", "late")
    )
    offered(first, 1, review)
    offered(first, 1, accepted, "accepted")
    offered(first, 1, rejected, "rejected", "Too dark.")
    offered(first, 1, both, "accepted")
    offered(second, 1, both, "rejected", "Another city.")
    offered(ended, 1, late)
    closing.cancel_order(order=ended, by=SYSTEM, now=now)
    old = make_document(project, "bill", name="old")
    make_document(project, "bill", name="new", replaces=old)
    make_document(project, "bill", name="taken", withdrawn_at=now)
    make_document(project, "bill", name="purged", purged_at=now)
    make_document(make_project(), "bill", name="of somebody else")
    day = f"{now:%-d %b %Y}"
    assert rows(page_of(customer, project)) == [
        ("purged", f"Deleted on {day}, when it was no longer needed"),
        ("taken", f"Deleted withdrawn on {day}"),
        ("new", "Not used yet"),
        ("old", "Replaced"),
        ("late", "Not used yet"),
        ("both", "Accepted"),
        ("rejected", "Rejected Too dark."),
        ("accepted", "Accepted"),
        ("review", "In review"),
        ("unused", "Not used yet"),
    ]
    body = page_of(customer, project, q="both").content.decode()
    assert "+49 30 11111111" in body
    assert re.search(r"\+49 30 22222222</span>\s*<span[^>]*>rejected", body)


@pytest.mark.parametrize(
    ("days", "badge"),
    [(-1, "Expired"), (0, "expires today"), (1, "expires in 1 day"), (30, "expires in 30 days"), (31, None)],
)
def test_expiry_is_announced(customer, project, types, days, badge):
    day = timezone.now().date() + timedelta(days=days)
    make_document(project, "passport", name="Mine", expires_on=day)
    words = text(page_of(customer, project))
    assert f"{day:%-d %b %Y}" in words
    assert (badge in words) if badge else not re.search("(?i)expire[ds]", words)


def test_who_uploaded_it_and_what_it_serves(customer, project, germany):
    paper = make_document(project, "bill", name="Bill", original_name="scan.pdf", size=2048)
    make_document(project, "bill", name="Orphan", uploaded_by=None)
    for n in range(5):
        offered(order(project, f"301111111{n}"), 1, paper)
    words = text(page_of(customer, project))
    assert f"by {project.created_by.full_name}" in words
    assert "by a former member" in words
    assert "and 2 more" in words
    assert "scan.pdf" in words


def names(page):
    return [name for name, _ in rows(page)]


def test_search_and_filters(customer, project, germany):
    found = order(project)
    one = make_document(project, "bill", name="Bill of March 100%", original_name="scan_7.pdf")
    two = make_document(project, "passport", name="Passport of Ada")
    make_document_type("retired", name="Retired type", is_active=False)
    make_document(project, "retired", name="Ancient")
    offered(found, 1, one)
    offered(found, 0, two, "accepted")
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
def test_nonsense_in_the_address_is_no_error(customer, project, types, query):
    make_document(project, "bill")
    page = page_of(customer, project, **query)
    assert "<b>" not in page.content.decode()
    if {"state", "type"} & set(query):
        assert "Select a valid choice" in text(page)
        assert len(rows(page)) == 1


def test_pages_show_every_document_once(customer, project, types):
    made = [make_document(project, "bill", name=f"Paper {n}").name for n in range(queries.PAGE_SIZE * 2 + 1)]
    url, seen = reverse("numbers:documents", args=[project.pid]), []
    while url:
        page = customer.get(url)
        seen += names(page)
        following = re.search(r'rel="next" href="([^"#]+)', page.content.decode())
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
            offered(found, line, make_document(project, kind, uploaded_by=make_user()))

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
    paper = make_document(project, "bill", name="Bill")
    order(project)
    reader = sign_in(client, add_member(project, role))
    page = page_of(reader, project)
    assert tasks(page)
    assert names(page) == ["Bill"]
    for address in ("document_upload", "document_download", "document_take_back"):
        args = [project.pid] if address == "document_upload" else [project.pid, paper.ref]
        assert reverse(f"numbers:{address}", args=args) not in page.content.decode()


def test_in_an_archived_project_nothing_is_uploaded(customer, project, owner, germany):
    paper = make_document(project, "bill", name="Bill")
    archive_project(project=project, typed_name=project.name, by=actor(owner))
    page = page_of(customer, project)
    assert reverse("numbers:document_upload", args=[project.pid]) not in page.content.decode()
    answer = send(customer, project)
    assert answer.status_code == 422
    assert "This project is archived" in text(answer)
    customer.post(reverse("numbers:document_take_back", args=[project.pid, paper.ref]))
    paper.refresh_from_db()
    assert paper.is_there


@pytest.mark.parametrize(
    ("name", "method"), [("document_download", "get"), ("document_check", "get"), ("document_take_back", "post")]
)
def test_a_document_of_another_project_is_not_there(client, owner, project, name, method):
    """Neither one's own of another project nor a stranger's, by its reference."""
    sign_in(client, owner)
    for elsewhere in (make_project(owner, name="Elsewhere"), make_project(make_user())):
        theirs = make_document(elsewhere)
        assert getattr(client, method)(reverse(f"numbers:{name}", args=[project.pid, theirs.ref])).status_code == 404
        theirs.refresh_from_db()
        assert theirs.is_there
        page = client.get(reverse("numbers:document_upload", args=[project.pid]), {"replaces": str(theirs.ref)})
        assert theirs.name not in page.content.decode()
