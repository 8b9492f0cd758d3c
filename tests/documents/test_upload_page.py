"""The upload form without a browser, withdrawing documents, downloads."""

import re

import pytest
from django.urls import reverse

from numbers.models import Document, Order, Submission
from portal.jobs.outbox import run_due_jobs
from tests.documents.pages import (
    order,
    send,
    submitted,
)
from tests.support.documents import make_document
from tests.support.files import png
from tests.support.pages import text
from tests.support.regulations import make_document_type

# -- the form ---------------------------------------------------------------------------------------------------


def form_of(customer, project, **query):
    page = customer.get(reverse("numbers:document_upload", args=[project.pid]), query)
    assert page.status_code == 200
    return page


def chosen(page):
    found = re.search(r'<option value="([^"]*)"[^>]* selected', page.content.decode())
    return found and found[1]


def listed_first(page):
    """Codes of the types under the heading."""
    group = re.search(r'<optgroup label="Needed for your orders">(.*?)</optgroup>', page.content.decode(), re.DOTALL)
    return re.findall(r'<option value="([^"]+)"', group[1])


def test_the_form_knows_what_is_required(customer, project, germany):
    make_document_type("other", name="Other document")
    make_document_type("retired", name="Retired type", is_active=False)
    found = order(project)
    page = form_of(customer, project)
    assert listed_first(page) == ["id_card", "passport", "bill"]
    assert "Retired type" not in text(page)
    assert "Only the order of" not in text(page)
    submitted(found, 0, make_document(project, "passport"))
    assert listed_first(form_of(customer, project)) == ["bill"]
    page = form_of(customer, project, order=found.ref, type="bill")
    assert chosen(page) == "bill"
    for part in (
        "Only the order of +49 30 12345678",
        "Documents still missing for this order",
        "with an address in Berlin",
    ):
        assert part in text(page)
    assert 'data-expires="1"' in page.content.decode()
    assert 'data-hint="The page with the photo"' in page.content.decode()


def test_the_form_for_a_replacement(customer, project, types):
    document = make_document(project, "passport", name="Passport of Ada")
    page = form_of(customer, project, replaces=document.ref)
    assert "Replace “Passport of Ada”" in text(page)
    assert chosen(page) == "passport"
    assert "Utility bill" not in text(page)
    assert 'value="Passport of Ada"' in page.content.decode()


@pytest.mark.parametrize(
    "query",
    [
        {"order": "x"},
        {"order": "0" * 32},
        {"replaces": "\U0001f600"},
        {"type": "nothing"},
        {"type": "x" * 5000},
        {"order": "00000000-0000-0000-0000-000000000007", "replaces": "7", "type": "\x01"},
    ],
)
def test_an_odd_address_is_an_empty_form(customer, project, types, query):
    page = form_of(customer, project, **query)
    assert not chosen(page)
    assert "For the order of" not in text(page)


def test_things_of_others_are_not_prefilled(customer, project, other_project, germany):
    theirs, document = order(other_project), make_document(other_project, "bill", name="A telling name")
    for query in ({"order": theirs.ref}, {"replaces": document.ref}):
        page = form_of(customer, project, **query)
        assert "A telling name" not in text(page)
        assert "+49 30 12345678" not in text(page)


def test_an_upload_is_submitted_and_shown(customer, project, owner, germany):
    first, second = order(project, "3011111111"), order(project, "3022222222")
    submitted(first, 0, make_document(project, "passport"))
    answer = send(customer, project)
    document = Document.objects.get(name="Bill of March")
    assert "“Bill of March” was uploaded. The file is being checked…" in text(customer.get(answer.url))
    run_due_jobs()
    assert answer.url == reverse("numbers:documents", args=[project.pid]) + f"#document-{document.ref}"
    words = text(customer.get(answer.url))
    assert (
        "“Bill of March” was uploaded and submitted for the orders of +49 30 11111111 and +49 30 22222222. "
        "The order of +49 30 11111111 is complete and in review."
    ) in words
    assert {each.requirement.order_id for each in document.submissions.all()} == {first.pk, second.pk}
    assert (document.uploaded_by, document.type.code, document.original_name) == (owner, "bill", "scan.png")
    assert Order.objects.get(pk=first.pk).status == "in_review"


def test_only_for_this_order(customer, project, germany):
    first, second = order(project, "3011111111"), order(project, "3022222222")
    send(customer, project, order=second.ref, use_for="order")
    run_due_jobs()
    assert {each.requirement.order_id for each in Submission.objects.all()} == {second.pk}
    send(customer, project, png("another"), order=second.ref, use_for="all")
    run_due_jobs()
    assert {each.requirement.order_id for each in Submission.objects.all()} == {first.pk, second.pk}


def test_a_document_that_no_order_needs_is_kept(customer, project, types):
    to = send(customer, project).url
    run_due_jobs()
    words = text(customer.get(to))
    assert "“Bill of March” was uploaded. No open order needs it at the moment; it is kept here" in words


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"type": None}, "Choose the type of document."),
        ({"type": "nothing"}, "Choose one of the document types in the list."),
        ({"type": "retired"}, "Choose one of the document types in the list."),
        ({"name": ""}, "Give the document a name"),
        ({"name": "  "}, "Give the document a name"),
        ({"name": "x" * 81}, "at most 80 characters"),
        ({"name": "a\x00b"}, "Null characters are not allowed."),
        ({"type": "passport"}, "Enter the expiry date shown on the document."),
        ({"type": "passport", "expires_on": "soon"}, "Enter the date like this: 2031-05-28."),
        ({"type": "passport", "expires_on": "2001-01-01"}, "This document has expired."),
        ({"type": "passport", "expires_on": "9999-12-31"}, "No document is valid for that long."),
        ({"file": None}, "Choose the file."),
        ({"data": b""}, "The file is empty."),
        ({"data": b"<script>alert(1)</script>", "filename": "x.pdf"}, "PDF"),
        ({"file": "not a file"}, "Choose the file."),
        ({"use_for": "moon", "order": "order"}, "Select a valid choice."),
    ],
)
def test_what_is_wrong_is_shown_beside_its_field_and_the_rest_is_kept(customer, project, germany, values, shown):
    make_document_type("retired", is_active=False)
    found = order(project)
    given = {"name": "My precious document"} | values
    if "order" in given:
        given["order"] = found.ref
    for script in (False, True):
        answer = send(customer, project, script=script, **given)
        assert answer.status_code == 422
        if script:
            assert shown in str(answer.json()["errors"])
        else:
            assert shown in text(answer)
            assert 'aria-invalid="true"' in answer.content.decode()
            assert "browsers do not keep it" in text(answer)
            if given["name"] == "My precious document":
                assert 'value="My precious document"' in answer.content.decode()
    assert not Document.objects.exists()


def test_several_mistakes_are_shown_at_once(customer, project, types):
    errors = send(customer, project, script=True, type="passport", name="", file=None).json()["errors"]
    assert set(errors) == {"name", "expires_on", "file"}


def test_an_answer_for_the_script(customer, project, types):
    answer = send(customer, project, script=True)
    document = Document.objects.get()
    to = reverse("numbers:documents", args=[project.pid]) + f"#document-{document.ref}"
    check = reverse("numbers:document_check", args=[project.pid, document.ref])
    assert (answer.status_code, answer.json()) == (200, {"location": to, "check": check})
    assert customer.get(check).json() == {"state": "pending", "message": ""}
    run_due_jobs()
    assert customer.get(check).json() == {"state": "passed", "message": ""}
    assert "“Bill of March” was uploaded." in text(customer.get(to))


def test_a_second_click_stores_once(customer, project, types):
    body = form_of(customer, project).content.decode()
    key = re.search(r'name="upload_key" value="([0-9a-f]{32})"', body)[1]
    answers = [send(customer, project, upload_key=key) for _ in range(2)]
    assert answers[0].url == answers[1].url
    assert Document.objects.count() == 1
