from billing.ledger.models import Account, Transfer
from billing.payments.models import StripeEvent, TopUp

__all__ = ["Account", "StripeEvent", "TopUp", "Transfer"]
