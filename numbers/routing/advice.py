"""What a customer can do about a call that is not connected."""

from dataclasses import dataclass

from projects.access import Right


@dataclass(frozen=True, slots=True)
class Advice:
    """A sentence, and the page where it is done (a name of numbers.urls or billing.urls; "" = none)."""

    text: str
    url_name: str = ""
    label: str = ""
    right: Right = Right.MANAGE_NUMBERS


_SETTINGS = "numbers:number_settings"
_CREDITS = ("billing:credits", "Credits", Right.MANAGE_CREDITS)
BY_REFUSAL = {
    "suspended": Advice(
        "Add credits; the number is renewed at once.", "billing:credits", "Credits", Right.MANAGE_CREDITS
    ),
    "insufficient_credit": Advice("Add credits.", *_CREDITS),
    "spend_cap": Advice("Raise the cap, or wait until less was spent in 24 hours.", _SETTINGS, "Number Settings"),
    "price_limit": Advice("Raise the dearest price per minute.", _SETTINGS, "Number Settings"),
    "country_not_allowed": Advice("Allow the country.", _SETTINGS, "Number Settings"),
    "blocked_caller": Advice("Remove the entry from the block list."),
    "not_configured": Advice("Set where calls go."),
    "no_price": Advice("Choose another number, or write to support."),
    "barred": Advice("Choose another number, or write to support."),
}
