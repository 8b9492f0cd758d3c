"""The ledger's rules as database triggers, declared here and installed by migrations (django-pgtrigger)."""

import pgtrigger

# kind of transfer → which account may pay (debit) and which may receive (credit). Only `usage` and
# `reversal` may overdraw a wallet, so a kind must not be free to choose its accounts.
FLOWS: dict[str, tuple[tuple[str, str], ...]] = {
    "top_up": (("gateway", "wallet"),),
    "reversal": (("wallet", "gateway"),),
    "reinstate": (("gateway", "wallet"),),
    "number_setup": (("wallet", "revenue_setup"),),
    "number_monthly": (("wallet", "revenue_monthly"),),
    "hold": (("wallet", "held"),),
    "release": (("held", "wallet"),),
    "capture": (("held", "revenue_setup"), ("held", "revenue_monthly")),
    "usage": (("wallet", "revenue_usage"),),
    "grant": (("goodwill", "wallet"),),
}
_FLOWS = ", ".join(f"'{kind}:{debit}:{credit}'" for kind, flows in FLOWS.items() for debit, credit in flows)

# Once per statement, so that a purchase's two charges change the wallet once; what is no lock comes first. Accounts are
# locked in id order, so that two statements on the same accounts never deadlock. Nothing but transfers between known
# accounts gets here, and accounts stay: foreign keys would ask the same again while the wallet is locked.
APPLY = f"""
    SELECT added.kind, debit.kind AS debit, credit.kind AS credit,
           (debit.currency, debit.livemode, debit.project_id)
               IS NOT DISTINCT FROM (credit.currency, credit.livemode, credit.project_id) AS alike
    INTO wrong
    FROM added
    LEFT JOIN billing_account debit ON debit.id = added.debit_id
    LEFT JOIN billing_account credit ON credit.id = added.credit_id
    WHERE debit.id IS NULL OR credit.id IS NULL
       OR (debit.currency, debit.livemode, debit.project_id)
              IS DISTINCT FROM (credit.currency, credit.livemode, credit.project_id)
       OR NOT (added.kind || ':' || debit.kind || ':' || credit.kind) = ANY (ARRAY[{_FLOWS}])
    LIMIT 1;
    IF FOUND AND wrong.debit IS NOT NULL AND wrong.credit IS NOT NULL AND wrong.alike THEN
        RAISE EXCEPTION 'a transfer of kind % does not go from % to %', wrong.kind, wrong.debit, wrong.credit
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_fits_kind';
    ELSIF FOUND THEN
        RAISE EXCEPTION 'both accounts must be of one project, currency and mode'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_like_accounts';
    END IF;
    FOR part IN
        SELECT account_id, sum(change) AS change, bool_and(may_overdraw) AS may_overdraw
        FROM (SELECT debit_id AS account_id, -amount AS change, kind IN ('usage', 'reversal') AS may_overdraw FROM added
              UNION ALL SELECT credit_id, amount, true FROM added) AS parts
        GROUP BY account_id ORDER BY account_id
    LOOP
        UPDATE billing_account SET balance = balance + part.change WHERE id = part.account_id RETURNING * INTO account;
        IF account.balance < 0 AND account.kind IN ('wallet', 'held')
           AND NOT (account.kind = 'wallet' AND part.may_overdraw) THEN
            RAISE EXCEPTION 'not enough credit: % < %', account.balance - part.change, -part.change
                USING ERRCODE = 'check_violation', CONSTRAINT = 'account_no_overdraft',
                      TABLE = account.kind, DETAIL = (-account.balance)::text;
        END IF;
    END LOOP;
    RETURN NULL;
"""  # noqa: S608  the list is a constant of this file


class OwnersTrigger(pgtrigger.Trigger):
    """With the rights of the tables' owner (portal/core/roles.py): the application may not write what it writes."""

    as_owner = True


TRANSFER = [
    # AFTER, not BEFORE: the effects of a BEFORE trigger survive INSERT … ON CONFLICT DO NOTHING.
    OwnersTrigger(
        name="transfer_apply",
        when=pgtrigger.After,
        level=pgtrigger.Statement,
        operation=pgtrigger.Insert,
        referencing=pgtrigger.Referencing(new="added"),
        declare=[("wrong", "record"), ("part", "record"), ("account", "billing_account")],
        func=APPLY,
    ),
    pgtrigger.Trigger(
        name="transfer_append_only",
        when=pgtrigger.Before,
        level=pgtrigger.Statement,
        operation=pgtrigger.Update | pgtrigger.Delete | pgtrigger.Truncate,
        func="""
    RAISE EXCEPTION 'the ledger is append-only'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_append_only';
""",
    ),
]

_ONLY_TRANSFERS = """
    RAISE EXCEPTION 'accounts change only through transfers'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'account_balance_by_transfers';
"""

ACCOUNT = [
    pgtrigger.Trigger(
        name="account_starts_empty",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Condition("NEW.balance <> 0"),
        func=_ONLY_TRANSFERS,
    ),
    # The depth is 0 for a client's statement and 1 for transfer_apply's.
    pgtrigger.Trigger(
        name="account_balance_by_transfers",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.Condition("pg_trigger_depth() < 1"),
        func=_ONLY_TRANSFERS,
    ),
    # Nor by a trigger: a session can put one of its own on a temporary table.
    pgtrigger.Trigger(
        name="account_is_the_same",
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        condition=pgtrigger.AnyChange("id", "project", "kind", "currency", "livemode"),
        func="""
    RAISE EXCEPTION 'an account stays what it is; only its balance changes'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'account_is_the_same';
""",
    ),
    pgtrigger.Trigger(
        name="account_stays",
        when=pgtrigger.Before,
        level=pgtrigger.Statement,
        operation=pgtrigger.Delete | pgtrigger.Truncate,
        func="""
    RAISE EXCEPTION 'ledger accounts are never removed'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'account_stays';
""",
    ),
]
