"""What the provisioning team does with an order. Errors: docs/errors.md.

Every decision locks the order's row first (lock order as in :mod:`numbers.orders.services`). ``seen`` is the
:class:`numbers.desk.order_version.OrderVersion` of the page that the decision was made on, as text: when something
changed since, the decision is refused with ``page_outdated``. Doing the same thing twice (a double click) does it once.
"""
