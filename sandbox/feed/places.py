"""Area codes with their true state and city, from libphonenumber's geocoder."""

import re
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from phonenumbers import region_codes_for_country_code
from phonenumbers.geodata import GEOCODE_DATA


def _table(text: str) -> dict[str, str]:
    pairs = (entry.split(":") for entry in text.strip().replace("\n", "|").split("|"))
    return {code: name for code, name in pairs}  # noqa: C416  a list of two is no pair to mypy


# Copied from public numbering plans, not from the portal: the sandbox is an outside party.
STATES = _table("""
AL:Alabama|AK:Alaska|AZ:Arizona|AR:Arkansas|CA:California|CO:Colorado|CT:Connecticut|DE:Delaware|DC:Washington D.C.
FL:Florida|GA:Georgia|HI:Hawaii|ID:Idaho|IL:Illinois|IN:Indiana|IA:Iowa|KS:Kansas|KY:Kentucky|LA:Louisiana|ME:Maine
MD:Maryland|MA:Massachusetts|MI:Michigan|MN:Minnesota|MS:Mississippi|MO:Missouri|MT:Montana|NE:Nebraska|NV:Nevada
NH:New Hampshire|NJ:New Jersey|NM:New Mexico|NY:New York|NC:North Carolina|ND:North Dakota|OH:Ohio|OK:Oklahoma
OR:Oregon|PA:Pennsylvania|RI:Rhode Island|SC:South Carolina|SD:South Dakota|TN:Tennessee|TX:Texas|UT:Utah|VT:Vermont
VA:Virginia|WA:Washington|WV:West Virginia|WI:Wisconsin|WY:Wyoming
AB:Alberta|BC:British Columbia|MB:Manitoba|NB:New Brunswick|NL:Newfoundland and Labrador|NS:Nova Scotia
NT:Northwest Territories|NU:Nunavut|ON:Ontario|PE:Prince Edward Island|QC:Quebec|SK:Saskatchewan|YT:Yukon
""")
BRAZIL = _table("""
AC:Acre|AL:Alagoas|AM:Amazonas|AP:Amapá|BA:Bahia|CE:Ceará|DF:Distrito Federal|ES:Espírito Santo|GO:Goiás|MA:Maranhão
MG:Minas Gerais|MS:Mato Grosso do Sul|MT:Mato Grosso|PA:Pará|PB:Paraíba|PE:Pernambuco|PI:Piauí|PR:Paraná
RJ:Rio de Janeiro|RN:Rio Grande do Norte|RO:Rondônia|RR:Roraima|RS:Rio Grande do Sul|SC:Santa Catarina|SE:Sergipe
SP:São Paulo|TO:Tocantins
""")
AUSTRALIA = {
    "New South Wales",
    "Victoria",
    "Queensland",
    "South Australia",
    "Western Australia",
    "Tasmania",
    "Northern Territory",
    "Australian Capital Territory",
}
# In these the geocoder names provinces, not towns.
PROVINCES = {"KR", "ES", "AR"}
# For parts of these area codes the geocoder has no answer.
KNOWN = {"203": "Connecticut", "310": "California", "713": "Texas", "718": "New York", "905": "Ontario"}
SPELLING = {"Abu dhabi": "Abu Dhabi"}  # the geocoder's, and the usual one
NANP = "1"
KEYS = sorted(GEOCODE_DATA)


@dataclass(frozen=True, slots=True)
class Place:
    prefix: str  # first digits of the national number
    region: str
    city: str


def entries(prefix: str) -> Iterator[tuple[str, str]]:
    """(digits, English description) of everything the geocoder knows under ``prefix``."""
    for index in range(bisect_left(KEYS, prefix), len(KEYS)):
        key = KEYS[index]
        if not key.startswith(prefix):
            return
        if text := GEOCODE_DATA[key].get("en"):
            yield key, text


def split(country: str, text: str) -> tuple[str, str] | None:
    """(region, city) of a description; None if it is of no use."""
    if country == "BR":
        city, dash, state = text.rpartition(" - ")
        return (BRAZIL[state], city) if dash and state in BRAZIL else None
    if country in ("US", "CA"):
        city, comma, state = text.rpartition(", ")
        if comma:
            return (STATES[state], city) if state in STATES else None
        return (text, "") if text in STATES.values() else None
    if country == "AU":
        return (text, "") if text in AUSTRALIA else None
    if country in PROVINCES:
        return text, ""
    if country == "UA" and ", " in text:
        city, _, region = text.rpartition(", ")
        return region, city.split("/")[0]
    city = re.split(r"[/(,]", text)[0].strip()
    return ("", SPELLING.get(city, city)) if city else None


@cache
def _nanp() -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for key, text in entries(NANP):
        if len(key) >= 4:
            found[key[1:4]].append((key[1:], text))
    return found


def nanp_state(area: str) -> str:
    """State or province of a North American area code, "" where libphonenumber and our table know none."""
    states = Counter(place[0] for _, text in _nanp().get(area, ()) if (place := split("US", text)))
    return KNOWN.get(area) or (states.most_common(1)[0][0] if states else "")


def nanp(area: str) -> list[Place]:
    """Exchanges of an area code with their city, else the whole area code with its state."""
    state = nanp_state(area)
    found = [
        Place(key, state, place[1])
        for key, text in _nanp().get(area, ())
        if (place := split("US", text)) and place[0] == state and place[1]
    ]
    return found or ([Place(area, state, "")] if state else [])


def national(country: str, calling_code: str) -> list[Place]:
    """Areas of a country with a calling code of its own, shallow prefixes first; empty if nothing is known."""
    if len(region_codes_for_country_code(int(calling_code))) > 1 and country in ("KZ",):
        calling_code_prefix = calling_code + "7"  # the Russian part of +7 begins with 3, 4, 8, 9
    else:
        calling_code_prefix = calling_code
    found = []
    for key, text in entries(calling_code_prefix):
        prefix = key[len(calling_code) :]
        if len(prefix) <= 5 and (place := split(country, text)):
            found.append(Place(prefix, *place))
    return found


def holds(country: str, digits: str, place: Place) -> bool:
    """Whether the geocoder places a number (its digits with the calling code) there: deeper entries win."""
    for length in range(len(digits), 1, -1):
        text = GEOCODE_DATA.get(digits[:length], {}).get("en")
        if text:
            found = split(country, text)
            return found is not None and found[0] == place.region and found[1] in ("", place.city)
    return not place.city
