"""A number that comes back from another supplier, and a supplier's id that comes back with another number."""

import pytest
from django.core.management import CommandError

from numbers.models import FeedImport, Number, SupplyChange
from tests.inventory.damaged import row, text_of
from tests.inventory.test_damaged_feeds import CASES
from tests.support.people import sign_in

pytestmark = pytest.mark.django_db


def alpha(n, ref=None, **changes):
    return row(n, supplier="alpha", supplier_id=ref or f"A-{n}", **changes)


def omega(n, ref=None, **changes):
    return row(n, supplier="omega", supplier_id=ref or f"O-{n}", **changes)


def number(n):
    found = Number.objects.get(e164=f"+1702555{n:04d}")
    return found.supplier, found.supplier_ref, found.status


def changes():
    return set(
        SupplyChange.objects.values_list("number__e164", "status", "old_supplier", "old_ref", "new_supplier", "new_ref")
    )


def test_the_case_of_a_ported_number(load):
    case = {n: next(CASES.glob(f"feed_port_{n}*")).read_bytes() for n in (1, 2, 3)}
    load(case[1])
    load(case[2], "--withdraw-missing", "--force")
    code, out, err = load(case[3])
    assert (code, out) == (0, "added 0, updated 1, unchanged 0, withdrawn 0, rejected 0")
    assert "1 number moved to another supplier." in err
    assert number(3000) == ("omega", "Q-9", "available")
    assert changes() == {("+17025553000", "withdrawn", "alpha", "P-1", "omega", "Q-9")}
    load(case[2], "--withdraw-missing", "--force")
    assert number(3000) == ("omega", "Q-9", "available"), "its former supplier's feed has no say any more"


@pytest.mark.parametrize("status", ["available", "held", "leased", "quarantined"])
def test_a_number_that_is_not_withdrawn_leaves_its_supplier_only_by_a_persons_word(load, status):
    load(text_of([alpha(0), alpha(1)]))
    Number.objects.filter(e164="+17025550000").update(status=status)
    code, _, err = load(text_of([omega(0, monthly="9")]))
    assert code == 1
    assert "the number belongs to supplier alpha; if it has left it: --move-from alpha" in err
    assert number(0) == ("alpha", "A-0", status)
    assert load(text_of([omega(0, monthly="9")]), "--move-from", "beta")[0] == 1
    assert load(text_of([omega(0, monthly="9")]), "--move-from", "alpha")[0] == 0
    assert number(0) == ("omega", "O-0", status)
    assert changes() == {("+17025550000", status, "alpha", "A-0", "omega", "O-0")}


@pytest.mark.parametrize("withdrawn", [True, False])
def test_an_id_used_again_is_the_new_numbers(load, withdrawn):
    load(text_of([alpha(0, "P-1"), alpha(1, "P-2")]))
    if withdrawn:
        Number.objects.filter(e164="+17025550000").update(status="withdrawn")
    code, _, err = load(text_of([alpha(5, "P-1")]))
    if not withdrawn:
        assert code == 1
        assert "the supplier's id belongs to +17025550000; if the supplier has given it to this number: " in err
        code, _, err = load(text_of([alpha(5, "P-1")]), "--reuse-ids")
    assert code == 0
    assert "1 number lost the id to another number." in err
    assert number(5) == ("alpha", "P-1", "available")
    former = Number.objects.get(e164="+17025550000")
    assert (former.supplier_ref, former.status) == (f"retired:{former.pk}", "withdrawn")
    assert changes() == {("+17025550000", "withdrawn", "alpha", "P-1", "alpha", "")}
    assert load(text_of([alpha(0, "P-7")]))[0] == 0
    assert number(0) == ("alpha", "P-7", "available"), "named again, it is sold again"


@pytest.mark.parametrize("status", ["leased", "held"])
def test_a_number_in_use_keeps_its_status_when_its_id_goes_over(load, status):
    load(text_of([alpha(0, "P-1")]))
    Number.objects.update(status=status)
    assert load(text_of([alpha(5, "P-1")]), "--reuse-ids")[0] == 0
    supplier, ref, now = number(0)
    assert (supplier, now) == ("alpha", status)
    assert ref.startswith("retired:")


def test_ids_may_be_dealt_out_anew_within_one_feed(load):
    load(text_of(alpha(n, f"P-{n}") for n in range(4)))
    code, out, _ = load(text_of(alpha(n, f"P-{(n + 1) % 4}") for n in range(4)))
    assert (code, out) == (0, "added 0, updated 4, unchanged 0, withdrawn 0, rejected 0")
    assert [number(n)[1] for n in range(4)] == ["P-1", "P-2", "P-3", "P-0"]
    assert {number(n)[2] for n in range(4)} == {"available"}


def test_a_chain_of_ids_that_hangs_on_a_refused_row_is_refused_whole(load):
    load(text_of([alpha(0, "P-0"), alpha(1, "P-1"), alpha(2, "P-2")]))
    code, out, _ = load(text_of([alpha(0, "P-1"), alpha(1, "P-2")]))
    assert (code, out) == (1, "added 0, updated 0, unchanged 0, withdrawn 0, rejected 2")
    assert [number(n)[1] for n in range(3)] == ["P-0", "P-1", "P-2"]


def test_a_number_moves_while_its_id_goes_to_another(load):
    load(text_of([alpha(0, "P-0")]))
    code, out, _ = load(text_of([omega(0), alpha(1, "P-0")]), "--move-from", "alpha")
    assert (code, out) == (0, "added 1, updated 1, unchanged 0, withdrawn 0, rejected 0")
    assert number(0) == ("omega", "O-0", "available")
    assert number(1) == ("alpha", "P-0", "available")


def test_an_id_that_looks_retired_is_refused(load):
    code, _, err = load(text_of([alpha(0, "retired:5")]))
    assert code == 1
    assert "a supplier_id may not begin with retired:" in err


# -- the record -----------------------------------------------------------------------------------------------------


def test_every_import_leaves_a_record_in_words_that_staff_can_read(load, client, superuser):
    load(text_of(row(n) for n in range(10)))
    load(text_of([*(row(n) for n in range(5)), row(5, monthly="x")]), "--withdraw-missing", "--skip-bad")
    load(text_of(row(n) for n in range(5)), "--withdraw-missing", "--force")
    with pytest.raises(CommandError):
        load(b"nonsense\n")
    load(text_of([row(1, monthly="3")]), "--dry-run")
    first, second, third, fourth = FeedImport.objects.order_by("id")
    assert (first.file, first.added, first.options) == ("feed.csv", 10, "")
    assert (second.withdrawn, second.rejected, second.unchanged) == (0, 1, 5)
    assert "zeta: 4 of 10 numbers on sale (40 %)" in second.outcome
    assert "--force" in second.outcome
    assert "Line 7: +17025550005 monthly is not a price" in second.outcome
    assert (third.withdrawn, third.options) == (5, "--withdraw-missing --force")
    assert "must name the columns" in fourth.outcome
    sign_in(client, superuser)
    page = client.get("/admin/numbers/feedimport/").content.decode()
    assert "zeta: 4 of 10 numbers on sale (40 %)" in page
    assert client.get("/admin/numbers/supplychange/?q=%2B1702").status_code == 200
