"""What people type to find a number: digits, vanity letters and wildcards, over the national digits."""

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from portal.accounts import countries, phone_numbers
from portal.accounts.telephone import international
from portal.core.errors import DomainError

# ITU-T E.161 keypad.
KEYPAD = {
    letter: digit
    for digit, letters in {
        "2": "ABC",
        "3": "DEF",
        "4": "GHI",
        "5": "JKL",
        "6": "MNO",
        "7": "PQRS",
        "8": "TUV",
        "9": "WXYZ",
    }.items()
    for letter in letters
}
SEPARATORS = set(" -.()[]/,")  # what phone_numbers.clean leaves of them
ANY_DIGIT, ANY_DIGITS = "?_", "*"
MAX_DIGITS = 15  # digits of the longest number (E.164)


@dataclass(frozen=True, slots=True)
class Pattern:
    """``body`` holds digits, ``_`` (any digit) and ``%`` (any digits); it applies to the national digits."""

    body: str
    match: str  # start, contains, end; whole: a complete number

    def runs(self) -> tuple[str, ...]:
        return tuple(run for run in re.split(r"[_%]+", self.body) if run)

    def like(self, country: str) -> str:
        head = "" if self.match in ("start", "whole") else "%"
        tail = "" if self.match in ("end", "whole") else "%"
        return f"+{countries.calling_code(country)}{head}{self.body}{tail}".replace("%%", "%")

    def spans(self, national: str) -> list[tuple[int, int]]:
        """Where the literal digits of the first match lie in ``national``."""
        found = _regex(self).search(national)
        return [found.span(group) for group in range(1, found.re.groups + 1)] if found else []


@lru_cache(maxsize=256)
def _regex(pattern: Pattern) -> re.Pattern[str]:
    parts = [
        f"({token})" if token[0].isdigit() else {"_": r"\d", "%": r"\d*?"}[token]
        for token in re.findall(r"\d+|_|%", pattern.body)
    ]
    body = "".join(parts)
    return re.compile({"start": f"^{body}", "contains": body, "end": f"{body}$", "whole": f"^{body}$"}[pattern.match])


def _invalid_pattern(message: str) -> DomainError:
    return DomainError("invalid_pattern", message, field="pattern", status=400)


def _body(text: str) -> str:
    body = ""
    for char in text.upper():
        if char.isdecimal():
            body += char
        elif char in KEYPAD:
            body += KEYPAD[char]
        elif char in ANY_DIGIT:
            body += "_"
        elif char in ANY_DIGITS:
            body += "%"
        elif char not in SEPARATORS:
            shown = char if char.isprintable() else "a control character"
            raise _invalid_pattern(f"Use digits, letters, * and ? only; {shown} is none of them.")
    return re.sub(r"%+", "%", body)


def parse(text: str, match: str, country: str, area: str = "") -> Pattern | None:
    """The pattern behind ``text``, or None when nothing was typed. Raises ``invalid_pattern``.

    ``+`` starts a full number, whatever ``match`` says, and so do 00 and 011 where the number is complete or stands at
    the start; a leading trunk digit (0, or 1 in North America) is dropped at the start; after an area code, "starts
    with" means the digits that follow it.
    """
    text = phone_numbers.clean(text)
    if not text:
        return None
    if len(text) > phone_numbers.LONGEST:
        raise _invalid_pattern("This is longer than a phone number.")
    international, text = _international(text, match, country)
    body = _body(text)
    if international:
        match, body = "start", drop_trunk(_national(body, country), country)
    elif match == "start":
        body = drop_trunk(body, country)
        if area and not body.startswith(area):
            body = area + body
    if match != "end":
        body = body.rstrip("%")
    if match != "start":
        body = body.lstrip("%")
    if not re.search(r"\d", body):
        if international and not body:
            return None
        raise _invalid_pattern("Type at least one digit or letter.")
    if len(body.replace("%", "")) > MAX_DIGITS:
        raise _invalid_pattern("Phone numbers have at most 15 digits.")
    return Pattern(body, match)


def whole(e164: str, country: str) -> Pattern:
    """Exactly this number of ``country``."""
    return Pattern(e164[1 + len(countries.calling_code(country)) :], "whole")


def _international(text: str, match: str, country: str) -> tuple[bool, str]:
    """Whether ``text`` begins with a country code, and what is left of it without plus or international prefix."""
    if not any(char in text for char in ANY_DIGIT + ANY_DIGITS):
        for reading in phone_numbers.readings(text, country):
            if reading.how in ("plus", "prefix"):
                _check_country(reading.number, country)
                return True, reading.number.e164[1:]
    if text.startswith("+"):
        return True, text.lstrip("+ ")
    if match == "start":
        for prefix in phone_numbers.ABROAD:
            if text.startswith(prefix):
                return True, text[len(prefix) :]
    return False, text


def _check_country(number: phone_numbers.PhoneNumber, country: str) -> None:
    if not number.e164.startswith(countries.calling_code(country), 1):
        where = countries.in_a_sentence(number.region) if number.region in countries.NAMES else "no country"
        raise _invalid_pattern(
            f"{international(number.e164)} is a number of {where}, not of {countries.in_a_sentence(country)}."
        )


def _national(body: str, country: str) -> str:
    code = countries.calling_code(country)
    if not body.startswith(code[: len(body)]):
        raise _invalid_pattern(f"Numbers of {countries.in_a_sentence(country)} start with +{code}.")
    return body[len(code) :]


@lru_cache(maxsize=512)
def _trunk(country: str) -> str:
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(country, None)
    prefix = (metadata.national_prefix if metadata else None) or ""
    return prefix if prefix in ("0", "1") else ""


def drop_trunk(digits: str, country: str) -> str:
    """``020 7946`` is dialled in Britain; the number is +44 20 7946. Where zero belongs to the number, it stays."""
    trunk = _trunk(country)
    return digits[1:] if trunk and digits.startswith(trunk) and len(digits) > 1 else digits


def spell(text: str) -> str:
    """``"CALL"`` → ``"2255"``; empty when there is no letter in it."""
    if not any(char in KEYPAD for char in text.upper()):
        return ""
    return "".join(KEYPAD.get(char, char if char.isdigit() else "") for char in text.upper())


def highlight(e164: str, country: str, pattern: Pattern | None) -> list[tuple[str, bool]]:
    """The number in international format, cut into (text, is part of the match)."""
    formatted = international(e164)
    if pattern is None:
        return [(formatted, False)]
    code = len(countries.calling_code(country))
    spans = pattern.spans(e164[1 + code :])
    segments: list[tuple[str, bool]] = []
    position = -code  # index of the digit among the national ones
    for char in formatted:
        if char.isdigit():
            marked = any(start <= position < end for start, end in spans)
            position += 1
        else:  # a separator inside a run belongs to it
            marked = any(start < position < end for start, end in spans)
        if segments and segments[-1][1] == marked:
            segments[-1] = (segments[-1][0] + char, marked)
        else:
            segments.append((char, marked))
    return segments
