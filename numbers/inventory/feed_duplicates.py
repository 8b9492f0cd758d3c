"""What a feed may name once: a number, and a supplier's id."""

from collections.abc import Iterable, Iterator

from numbers.inventory.feed_checks import Offer, Rejected


def without_duplicates(checked: Iterable[Offer | Rejected]) -> Iterator[Offer | Rejected]:
    """Rejects the second line of a number, and the second number of a supplier's id."""
    numbers: dict[str, int] = {}
    refs: dict[tuple[str, str], int] = {}
    for row in checked:
        if isinstance(row, Offer):
            if first := numbers.get(row.e164):
                # Copied down by a spreadsheet, it is another line's number: only the id says what this one stands for.
                row = _rejected(row, f"the number is in line {first} already", is_known_by_ref_only=True)
            elif first := refs.get((row.supplier, row.supplier_ref)):
                row = _rejected(row, f"the supplier's id is in line {first} already")
            else:
                numbers[row.e164] = refs[row.supplier, row.supplier_ref] = row.line
        yield row


def _rejected(offer: Offer, reason: str, *, is_known_by_ref_only: bool = False) -> Rejected:
    return Rejected(
        offer.line,
        offer.e164,
        reason,
        offer.supplier,
        offer.supplier_ref,
        is_known_by_ref_only,
        hides=offer.is_last_open,
    )
