"""Countries that share a calling code: what the supplier says counts where the plan cannot say."""

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType

from numbers.inventory import feed, feed_checks
from portal.accounts import countries

KINDS = (
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.MOBILE,
    PhoneNumberType.TOLL_FREE,
    PhoneNumberType.SHARED_COST,
    PhoneNumberType.VOIP,
    PhoneNumberType.PERSONAL_NUMBER,
    PhoneNumberType.UAN,
)


def checked(e164, country, kind="did"):
    fields = [e164, country, "", "", kind, "voice", "0", "1", "no", "acme", "A-1"]
    return feed_checks.check(feed.Line(2, fields))


def reason(found):
    return found.reason if isinstance(found, feed_checks.Rejected) else ""


def test_every_kind_of_number_of_every_country_can_be_stock():
    tried = 0
    for country in countries.NAMES:
        for kind in KINDS:
            if example := phonenumbers.example_number_for_type(country, kind):
                e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
                if not feed_checks.E164.fullmatch(e164):  # a short number
                    continue
                found = checked(e164, country, "tollfree" if kind == PhoneNumberType.TOLL_FREE else "did")
                assert isinstance(found, feed_checks.Offer), (country, found)
                tried += 1
    assert tried > 800


@pytest.mark.parametrize(
    ("e164", "country"),
    [
        ("+590690001234", "MF"),
        ("+590690001234", "BL"),
        ("+590690001234", "GP"),
        ("+212650123456", "EH"),
        ("+212528812345", "EH"),
        ("+212528812345", "MA"),
        ("+390669812345", "VA"),
        ("+393123456789", "VA"),
        ("+393123456789", "IT"),
        ("+4741234567", "SJ"),
        ("+4779123456", "SJ"),
        ("+61412345678", "CX"),
        ("+61412345678", "CC"),
        ("+358412345678", "AX"),
        ("+78091234567", "KZ"),
        ("+15002345678", "BB"),
        ("+445612345678", "JE"),
        ("+445612345678", "IM"),
    ],
)
def test_what_is_in_both_plans_is_believed_to_the_supplier(e164, country):
    assert reason(checked(e164, country)) == ""


@pytest.mark.parametrize(
    ("e164", "country", "owner"),
    [
        ("+4722123456", "SJ", "NO"),
        ("+390212345678", "VA", "IT"),
        ("+441481960194", "GB", "GG"),
        ("+442079460123", "JE", "GB"),
        ("+447797712345", "GB", "JE"),
        ("+74952123456", "KZ", "RU"),
        ("+77172123456", "RU", "KZ"),
        ("+61261234567", "CX", "AU"),
        ("+212522123456", "EH", "MA"),
        ("+12125550123", "CA", "US"),
        ("+14165550123", "US", "CA"),
        ("+12464123456", "US", "BB"),
        ("+18005550123", "CA", "US"),
        ("+59996881234", "BQ", "CW"),
        ("+262269601234", "RE", "YT"),
    ],
)
def test_what_clearly_is_another_countrys_is_refused(e164, country, owner):
    assert reason(checked(e164, country)) == f"a number of {owner}, not of {country}"
