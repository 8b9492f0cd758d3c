"""Writes on the ledger. Everything that moves money goes through :func:`post`, or inserts transfers with keys
of its own in one statement (purchase and monthly run do, for speed); either way the database's triggers keep the rules.

Lock order: accounts by id, and a project's wallet has its lowest id. A transaction that moves money more than
once and does not begin with the wallet calls :func:`lock_wallet` first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from billing import money
from billing.ledger.models import Account, AccountKind, Transfer, TransferKind
from billing.mode import livemode
from portal.core.errors import DomainError

# No row comes back when the key is known, or when the project has no accounts yet.
_POST = """
INSERT INTO billing_transfer (key, kind, debit_id, credit_id, amount, occurred_at, memo, cause_kind, cause_id)
SELECT %(key)s, %(kind)s, debit.id, credit.id, %(amount)s, %(occurred_at)s, %(memo)s,
       %(cause_kind)s, %(cause_id)s
FROM billing_account debit, billing_account credit
WHERE (debit.project_id, debit.kind, debit.currency, debit.livemode)
        = (%(project)s, %(debit)s, %(currency)s, %(live)s)
  AND (credit.project_id, credit.kind, credit.currency, credit.livemode)
        = (%(project)s, %(credit)s, %(currency)s, %(live)s)
ON CONFLICT (key) DO NOTHING
RETURNING id
"""


# Called in the transaction that put money into a project's wallet; rooms above register in their app's ready().
CreditHook = Callable[[int], None]
_credit_hooks: list[CreditHook] = []


def on_credit(hook: CreditHook) -> CreditHook:
    """Registers ``hook(project_id)``; it queues what the new credit makes possible, and does no work itself."""
    if hook not in _credit_hooks:
        _credit_hooks.append(hook)
    return hook


def ensure_accounts(project_id: int) -> dict[str, int]:
    """Account ids by kind, in the installation's currency and mode; creates what is missing."""
    accounts = _account_ids(project_id)
    missing = [kind for kind in AccountKind.values if kind not in accounts]
    if missing:
        # In the order of AccountKind: the wallet gets the lowest id (see the lock order above).
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO billing_account (project_id, currency, livemode, kind, balance) "
                "SELECT %s, %s, %s, kind, 0 FROM unnest(%s::text[]) WITH ORDINALITY AS k (kind, n) "
                "ORDER BY n ON CONFLICT DO NOTHING",
                [project_id, settings.CURRENCY, livemode(), missing],
            )
        accounts = _account_ids(project_id)
    return accounts


def _account_ids(project_id: int) -> dict[str, int]:
    accounts = Account.objects.filter(project_id=project_id, currency=settings.CURRENCY, livemode=livemode())
    return dict(accounts.values_list("kind", "id"))


def lock_wallet(project_id: int) -> None:
    """Holds the project's wallet until the end of the transaction."""
    wallets = Account.objects.filter(
        project_id=project_id, kind=AccountKind.WALLET, currency=settings.CURRENCY, livemode=livemode()
    )
    list(wallets.select_for_update(no_key=True).values_list("pk"))


@dataclass(frozen=True, slots=True)
class Wallet:
    """A project's wallet, held until the end of the transaction."""

    account_id: int
    monthly_id: int  # the account that monthly charges go to
    balance: Decimal


WALLETS = """
SELECT w.project_id, w.id, m.id, w.balance
FROM billing_account w
LEFT JOIN billing_account m ON (m.project_id, m.kind, m.currency, m.livemode)
    = (w.project_id, 'revenue_monthly', w.currency, w.livemode)
WHERE w.project_id = ANY(%s) AND w.kind = 'wallet' AND w.currency = %s AND w.livemode = %s
ORDER BY w.id FOR NO KEY UPDATE OF w
"""


def lock_wallets(project_ids: Sequence[int], *, wait: bool = True) -> dict[int, Wallet]:
    """Holds the wallets of several projects, for one INSERT of many transfers. Accounts that are missing are made.

    Without ``wait``, a wallet that somebody else holds is left out.
    """
    sql = WALLETS if wait else WALLETS + " SKIP LOCKED"
    scope: list[Any] = [list(project_ids), settings.CURRENCY, livemode()]
    with connection.cursor() as cursor:
        cursor.execute(sql, scope)
        rows = cursor.fetchall()
        missing = set(project_ids) - {project for project, _, monthly, _ in rows if monthly is not None}
        for project_id in sorted(missing):
            ensure_accounts(project_id)
        if missing:
            cursor.execute(sql, scope)
            rows = cursor.fetchall()
    return {project: Wallet(wallet, monthly, balance) for project, wallet, monthly, balance in rows}


def post(
    *,
    key: str,
    kind: str,
    project_id: int,
    debit: str,
    credit: str,
    amount: Decimal,
    occurred_at: datetime,
    memo: str,
    cause: tuple[str, int],
) -> bool:
    """Moves ``amount`` from the account of kind ``debit`` to that of kind ``credit``.

    True if it was booked now, False if ``key`` had been booked before. Raises DomainError:
    ``insufficient_credit`` (402, with ``missing``), ``insufficient_hold``, and ``key_reused`` when the
    earlier transfer says something else.
    """
    values = {
        "key": key, "kind": str(kind), "project": project_id, "debit": str(debit), "credit": str(credit),
        "amount": money.money(amount), "occurred_at": occurred_at, "memo": memo[:200],
        "cause_kind": cause[0], "cause_id": cause[1], "currency": settings.CURRENCY, "live": livemode(),
    }  # fmt: skip
    booked = _insert(values)
    if not booked and not _is_booked(values):
        ensure_accounts(project_id)
        booked = _insert(values)
    if booked and credit == AccountKind.WALLET:
        for hook in _credit_hooks:
            hook(project_id)
    return booked


def _insert(values: dict[str, Any]) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_POST, values)
            return cursor.fetchone() is not None
    except IntegrityError as error:
        raise (refusal(error) or error) from error


def _is_booked(values: dict[str, Any]) -> bool:
    row = (
        Transfer.objects.filter(key=values["key"])
        .values_list("kind", "debit__project_id", "debit__kind", "credit__kind", "amount")
        .first()
    )
    if row is None:
        return False
    if row != (values["kind"], values["project"], values["debit"], values["credit"], values["amount"]):
        raise DomainError("key_reused", f"The ledger holds a different transfer under the key {values['key']!r}.")
    return True


def refusal(error: IntegrityError) -> DomainError | None:
    """The ledger's refusal as a DomainError; None when the error is not a lack of money."""
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is None or diagnosis.constraint_name != "account_no_overdraft":
        return None
    if diagnosis.table_name != AccountKind.WALLET:
        return DomainError("insufficient_hold", "The amount held for this order is lower than the amount to capture.")
    missing = Decimal(diagnosis.message_detail)
    return DomainError(
        "insufficient_credit",
        f"Not enough credit: you need {money.display(missing)} more.",
        status=402,
        missing=missing,
    )


def hold(
    *, key: str, project_id: int, amount: Decimal, occurred_at: datetime, memo: str, cause: tuple[str, int]
) -> bool:
    """Sets ``amount`` of the wallet aside; :func:`release` gives it back, :func:`capture` spends it."""
    return post(
        key=key,
        kind=TransferKind.HOLD,
        project_id=project_id,
        debit=AccountKind.WALLET,
        credit=AccountKind.HELD,
        amount=amount,
        occurred_at=occurred_at,
        memo=memo,
        cause=cause,
    )


def release(
    *, key: str, project_id: int, amount: Decimal, occurred_at: datetime, memo: str, cause: tuple[str, int]
) -> bool:
    return post(
        key=key,
        kind=TransferKind.RELEASE,
        project_id=project_id,
        debit=AccountKind.HELD,
        credit=AccountKind.WALLET,
        amount=amount,
        occurred_at=occurred_at,
        memo=memo,
        cause=cause,
    )


@transaction.atomic
def capture(
    *,
    key: str,
    project_id: int,
    revenue: str,
    amount: Decimal,
    occurred_at: datetime,
    memo: str,
    cause: tuple[str, int],
) -> bool:
    """Spends what was held; ``revenue`` is ``revenue_setup`` or ``revenue_monthly``.

    The wallet is not touched, but locked: what follows in the transaction may be a release.
    """
    lock_wallet(project_id)
    return post(
        key=key,
        kind=TransferKind.CAPTURE,
        project_id=project_id,
        debit=AccountKind.HELD,
        credit=revenue,
        amount=amount,
        occurred_at=occurred_at,
        memo=memo,
        cause=cause,
    )
