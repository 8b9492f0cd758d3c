from billing.ledger.models import Account, Transfer
from billing.payments.models import StripeEvent, TopUp
from billing.pricing.models import CallPrice

__all__ = ["Account", "CallPrice", "StripeEvent", "TopUp", "Transfer"]
