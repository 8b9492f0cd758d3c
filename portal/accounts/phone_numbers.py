"""The one door for a phone number as somebody typed or pasted it (docs/adr/0023-one-door-for-phone-numbers.md).

``read`` gives the number or says in words why there is none; ``readings`` gives every number that a text can mean;
``search_terms`` is for finding numbers by a part. What a machine sends without a word of doubt goes through
``international``. All of them understand the same spellings.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from urllib.parse import unquote

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from portal.accounts import countries
from portal.accounts.telephone import international as as_people_read_it

LONGEST = 80  # characters as typed; a number pasted from a page brings labels and invisible marks
FEWEST, MOST = 7, 15  # digits with the country code; E.164 allows 15
ABROAD = ("00", "011")  # international prefixes that people write whatever their country's own one is
_WHOLE = 6  # digits from which a national number may be complete
_PART = 4  # digits from which a part without its prefix still says something

# Default_Ignorable_Code_Point beyond category Cf, the blank Braille pattern, what a paste leaves of a picture, and
# the frame of a keycap emoji.
_UNSEEN = {
    0x034F,
    0x115F,
    0x1160,
    0x17B4,
    0x17B5,
    0x20E3,
    0x2800,
    0x3164,
    0xFFA0,
    0xFFFC,
    *range(0x180B, 0x1810),
    *range(0xFE00, 0xFE10),
    *range(0xE0100, 0xE01F0),
}
_LABEL = re.compile(r"(?:tel|telephone|telefon|phone|mobile|mob|callto)\b[.: ]*(?://)?\s*", re.IGNORECASE)
_URI = re.compile(r"(?:tel|callto):", re.IGNORECASE)
_EXTENSION = re.compile(
    r"\d[\s,;.()]*(?:;\s*(?:ext|isub)|extension|extn?\b|ext|xtn|x|×|#|,|;|dw\b|durchwahl|poste|anexo|доб|int(?:ern|erno)?\b"
    r"|[pw])[\s.:=#]*\d+\W*$",
    re.IGNORECASE,
)
_CONTEXT = re.compile(r";\s*phone-context=(\+[\d\-. ()]+)$", re.IGNORECASE)
_EDGES = re.compile(r"^[^\d+(]+|[^\d)]+$")
_PLUS = re.compile(r"[(\[ ]*\+[+ ]*")
_PLAIN = re.compile(r"[+ ]?([1-9][0-9]{6,14})", re.ASCII)
_INNER = set("0123456789 -.()[]/_~·•∙‧'")
_ZERO = re.compile(r"[(\[]\s*0\s*[)\]]")


class PhoneNumberError(Exception):
    """``message`` says to the person who typed it why this is no phone number."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    e164: str
    region: str  # ISO 3166-1 alpha-2; "001" for numbers of no country, e.g. satellite phones
    kind: int  # phonenumbers.PhoneNumberType


@dataclass(frozen=True, slots=True)
class Reading:
    """A valid number that a text can mean. ``how``: plus, national (of the given country), prefix (00, 011), bare."""

    number: PhoneNumber
    how: str


@dataclass(frozen=True, slots=True)
class Terms:
    """To find numbers by: ``beginnings`` and ``wholes`` with + and country code, ``parts`` anywhere in the digits."""

    beginnings: tuple[str, ...]
    wholes: tuple[str, ...]
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Typed:
    """``spellings`` differ in a ``(0)``: with the zero, and without it."""

    plus: bool
    spellings: tuple[str, ...]


def clean(text: str) -> str:
    """Without what nobody sees, and with ASCII digits, signs and single spaces. Letters stay as they are.

    Bidi marks, zero-width characters, soft hyphens and variation selectors are dropped; digits of every script and
    full-width signs are understood.
    """
    return " ".join("".join(map(_plain, unicodedata.normalize("NFKC", text))).split())


def _plain(char: str) -> str:
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    category = unicodedata.category(char)
    if category == "Cf" or ord(char) in _UNSEEN:
        return ""
    if category[0] == "Z" or char in "\t\n\r\v\f\x85":
        return " "
    if category == "Pd" or char == "−":
        return "-"
    return "+" if char == "➕" else char


def read(text: str, region: str | None = None) -> PhoneNumber:
    """The number that ``text`` means; without + it is one of ``region``, or with its country code if there is none.

    Raises PhoneNumberError for letters, extensions, service codes, and for numbers that cannot exist or are longer
    than E.164 allows, which libphonenumber lets pass.
    """
    typed = _typed(text)
    for reading in _readings(typed, region):
        if reading.how != "bare" or region is None:
            return reading.number
    raise PhoneNumberError(_why_not(typed, region))


def readings(text: str, region: str | None = None) -> list[Reading]:
    """Every valid number that ``text`` can mean, the likeliest first, each once; none for nonsense."""
    try:
        return list(_readings(_typed(text), region))
    except PhoneNumberError:
        return []


def names_its_country(text: str) -> bool:
    """Whether it begins with a plus, 00 or 011, so that no country need be chosen beside it."""
    try:
        typed = _typed(text)
    except PhoneNumberError:
        return False
    return typed.plus or typed.spellings[0].startswith(ABROAD)


def international(text: str) -> str | None:
    """What a program sends as a number with its country code, as E.164; the plus may be 00, 011 or missing.

    It need not be a number that libphonenumber knows: stock and switches decide what exists. None for nonsense.
    """
    try:
        typed = _typed(text)
    except PhoneNumberError:
        return None
    for reading in _readings(typed, None):
        return reading.number.e164
    digits = _from_abroad(typed, typed.spellings[-1])
    return f"+{digits}" if re.fullmatch(r"[1-9][0-9]{6,14}", digits, re.ASCII) else None


def from_machine(text: str) -> str | None:
    """The same for what switches and gateways write: at once where it is digits with a plus, a blank that was one, or
    nothing in front."""
    if found := _PLAIN.fullmatch(text):
        return f"+{found[1]}"
    return international(text)


def why_not_international(text: str) -> str:
    """Why ``international`` has no answer, in words."""
    try:
        return _why_not(_typed(text), None)
    except PhoneNumberError as error:
        return error.message


def search_terms(text: str) -> Terms | None:
    """What a text with digits and no letters can be the whole or a part of; None if it is no such text.

    A number without country code is tried with every one, so that ``(702) 555-1009`` finds +17025551009.
    """
    try:
        typed = _typed(text)
    except PhoneNumberError:
        return None
    beginnings: list[str] = []
    parts: list[str] = []
    wholes: list[str] = []
    for digits in typed.spellings:
        abroad = _from_abroad(typed, digits)
        beginnings += [abroad, *_without_trunk(abroad)]
        parts += [digits, *(each for each in (abroad, *_without_trunk(abroad)) if len(each) >= _PART)]
        if not typed.plus and abroad == digits:
            if digits[0] == "0" and len(digits) > _PART:
                parts.append(digits[1:])
            if len(digits) >= _WHOLE:
                wholes += [
                    code + each
                    for code, trunk in _trunks().items()
                    for each in (digits, digits.removeprefix(trunk))
                    if len(code + each) <= MOST
                ]
    return Terms(
        tuple(dict.fromkeys(f"+{each}" for each in beginnings if each)),
        tuple(dict.fromkeys(f"+{each}" for each in wholes)),
        tuple(dict.fromkeys(filter(None, parts))),
    )


def _typed(text: str) -> _Typed:
    if len(text) > 4 * LONGEST:
        raise PhoneNumberError("That is too long to be a phone number.")
    line = clean(text)
    if not line:
        raise PhoneNumberError("Enter a phone number.")
    if _URI.match(line):
        line = unquote(line)
        if context := _CONTEXT.search(line):
            line = (context[1] if "+" not in line[: context.start()] else "") + _LABEL.sub("", line[: context.start()])
    line = _LABEL.sub("", line, count=1) if _LABEL.match(line) else line
    if len(line) > LONGEST:
        raise PhoneNumberError("That is too long to be a phone number.")
    if _EXTENSION.search(line):
        raise PhoneNumberError("Leave out the extension: enter the number alone.")
    if letters := re.search(r"[^\W\d_]+", line):
        raise PhoneNumberError(f"A phone number has digits only: replace “{letters[0][:12]}”.")
    if "*" in line or "#" in line:
        raise PhoneNumberError("Codes with * or # are not phone numbers.")
    return _digits(_EDGES.sub("", line))


def _digits(line: str) -> _Typed:
    found = _PLUS.match(line)
    rest = line[found.end() :] if found else line
    if "+" in rest:
        raise PhoneNumberError("Enter one phone number only; a + stands at its beginning.")
    for char in rest:
        if char not in _INNER:
            shown = f"“{char}”" if char.isprintable() else "An invisible character"
            raise PhoneNumberError(f"{shown} has no place in a phone number.")
    spellings = [rest, _ZERO.sub("", rest, count=1)] if _ZERO.search(rest) else [rest]
    digits = tuple(re.sub(r"\D", "", each, flags=re.ASCII) for each in spellings)
    if not digits[0]:
        raise PhoneNumberError("This is not a phone number.")
    return _Typed(bool(found), digits)


def _from_abroad(typed: _Typed, digits: str) -> str:
    """The digits from the country code on: no country code begins with 0."""
    for prefix in ABROAD:
        if digits.startswith(prefix):
            return digits[len(prefix) :]
    return digits


def _readings(typed: _Typed, region: str | None) -> Iterator[Reading]:
    seen: set[str] = set()
    for how, text in _candidates(typed, region):
        number = _valid(text, region)
        if number is not None and number.e164 not in seen:
            seen.add(number.e164)
            yield Reading(number, how)


def _candidates(typed: _Typed, region: str | None) -> Iterator[tuple[str, str]]:
    """What the country's own rules make of it comes first: the country was chosen."""
    for digits in typed.spellings:
        if typed.plus:
            yield "plus", f"+{_from_abroad(typed, digits)}"
        elif region:
            yield "national", digits
    if not typed.plus:
        for digits in typed.spellings:
            abroad = _from_abroad(typed, digits)
            yield ("bare" if abroad == digits else "prefix"), f"+{abroad}"


def _parsed(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except NumberParseException:
        return None


def _valid(text: str, region: str | None) -> PhoneNumber | None:
    number = _parsed(text, region)
    if number is None or not phonenumbers.is_valid_number(number):
        return None
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    if not FEWEST <= len(e164) - 1 <= MOST:
        return None
    return PhoneNumber(e164, phonenumbers.region_code_for_number(number) or "", phonenumbers.number_type(number))


def _why_not(typed: _Typed, region: str | None) -> str:
    digits = typed.spellings[-1]
    national = not typed.plus and _from_abroad(typed, digits) == digits
    if len(_from_abroad(typed, digits)) > MOST:
        return f"A phone number has at most {MOST} digits with its country code; this has {len(digits)}."
    if national and region:
        for reading in _readings(typed, region):  # only bare ones are left
            shown = as_people_read_it(reading.number.e164)
            where = countries.NAMES.get(reading.number.region)
            return (
                f"This is not a phone number in {countries.in_a_sentence(region)}. If you mean "
                f"{shown}{f' ({where})' if where else ''}, write it with the +."
            )
        number = _parsed(digits, region)
        if number is not None and len(f"{number.country_code}{number.national_number}") > MOST:
            return f"A phone number has at most {MOST} digits with its country code; this has more."
        return (
            f"This is not a valid phone number in {countries.in_a_sentence(region)}. Check the digits, "
            "or begin with + and the country code."
        )
    if national and (digits.startswith("0") or len(digits) < FEWEST):
        return "Write the number with its country code, for example +12125550100."
    return "No such phone number can exist. Check the country code and the number of digits."


@cache
def _trunks() -> dict[str, str]:
    """Calling code → what is dialled before an area code within the country: ``0``, in Russia ``8``, or nothing."""
    found = {}
    for code, regions in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items():
        metadata = phonenumbers.PhoneMetadata.metadata_for_region(regions[0], None)
        found[str(code)] = (metadata.national_prefix if metadata else None) or ""
    return found


def _without_trunk(digits: str) -> list[str]:
    """``4402079460018`` → ``442079460018``: what is dialled within the country is not dialled from abroad."""
    return [
        code + digits[len(code + trunk) :]
        for code, trunk in _trunks().items()
        if trunk not in ("", "1") and digits.startswith(code + trunk)
    ]


@lru_cache(maxsize=4096)
def kind_of(e164: str) -> int:
    """phonenumbers.PhoneNumberType of a number in E.164."""
    number = _parsed(e164, None)
    return PhoneNumberType.UNKNOWN if number is None else phonenumbers.number_type(number)
