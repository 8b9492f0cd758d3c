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

_PAY = "UPDATE billing_account SET balance = balance - NEW.amount WHERE id = NEW.debit_id RETURNING * INTO debit;"
_RECEIVE = "UPDATE billing_account SET balance = balance + NEW.amount WHERE id = NEW.credit_id RETURNING * INTO credit;"

# Accounts are locked in id order, so that two transfers between the same accounts never deadlock. The rules are
# checked behind the updates, which a refusal undoes: locking first would cost a third statement on the hottest row.
APPLY = f"""
    IF NEW.debit_id < NEW.credit_id THEN
        {_PAY}
        {_RECEIVE}
    ELSE
        {_RECEIVE}
        {_PAY}
    END IF;
    IF debit.id IS NULL OR credit.id IS NULL
       OR debit.currency <> credit.currency OR debit.livemode <> credit.livemode
       OR debit.project_id IS DISTINCT FROM credit.project_id THEN
        RAISE EXCEPTION 'both accounts must be of one project, currency and mode'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_like_accounts';
    END IF;
    IF NOT (NEW.kind || ':' || debit.kind || ':' || credit.kind) = ANY (ARRAY[{_FLOWS}]) THEN
        RAISE EXCEPTION 'a transfer of kind % does not go from % to %', NEW.kind, debit.kind, credit.kind
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transfer_fits_kind';
    END IF;
    IF debit.kind IN ('wallet', 'held') AND debit.balance < 0
       AND NOT (debit.kind = 'wallet' AND NEW.kind IN ('usage', 'reversal')) THEN
        RAISE EXCEPTION 'not enough credit: % < %', debit.balance + NEW.amount, NEW.amount
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_no_overdraft',
                  TABLE = debit.kind, DETAIL = (-debit.balance)::text;
    END IF;
    RETURN NULL;
"""

TRANSFER = [
    # AFTER, not BEFORE: the effects of a BEFORE trigger survive INSERT … ON CONFLICT DO NOTHING.
    pgtrigger.Trigger(
        name="transfer_apply",
        when=pgtrigger.After,
        operation=pgtrigger.Insert,
        declare=[("debit", "billing_account"), ("credit", "billing_account")],
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

ACCOUNT = [
    # pg_trigger_depth() is 1 in a trigger fired by a client's statement, 2 when transfer_apply is behind it.
    pgtrigger.Trigger(
        name="account_balance_by_transfers",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func="""
    IF (TG_OP = 'INSERT' AND NEW.balance <> 0) OR (TG_OP = 'UPDATE' AND pg_trigger_depth() < 2) THEN
        RAISE EXCEPTION 'accounts change only through transfers'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'account_balance_by_transfers';
    END IF;
    RETURN NEW;
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
