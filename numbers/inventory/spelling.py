"""How the name of a place is compared, and how it is shown (docs/adr/0024). No database here."""

import re
import unicodedata
from functools import cache, lru_cache

from numbers.inventory import subdivisions

LONGEST_KEY = 240
# Letters that Unicode does not take apart into a plain letter and a mark.
_PLAIN = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ħ": "h", "ŋ": "n", "ŧ": "t"}
)
# The usual way to write a letter where there is no key for it: München, Muenchen.
_TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "æ": "ae"})
_APOSTROPHES = "'’‘ʼʻ`´′＇ʹ"
_HYPHENS = "-‐‑‒–—−"
_BEFORE = {
    "st": "saint",
    "ste": "sainte",
    "sankt": "saint",
    "skt": "saint",
    "sct": "saint",
    "sta": "santa",
    "sto": "santo",
    "ft": "fort",
    "mt": "mount",
    "mtn": "mountain",
}
_BEHIND = {"hts": "heights", "spgs": "springs", "bch": "beach", "jct": "junction", "vlg": "village"}
_DIRECTIONS = {"n": "north", "s": "south", "e": "east", "w": "west"}
_ENGLISH = {"US", "CA", "GB", "IE", "AU", "NZ", "ZA"}
_PARTICLES = set(
    """
a am an and auf aux bei da das de del della dem den der des di do dos du e en et im in la las le les los o of on sous
sul sur the unter upon van vom von y zu zum zur
""".split()
)
_STATE_WORDS = re.compile(
    r"^(?:the )?(?:state|province|commonwealth|land|estado|provincia|canton|kanton)(?: of| de| do| da)? "
    r"| (?:state|province)$"
)


def tidy(text: str) -> str:
    """One Unicode form (NFC), single plain blanks, one kind of apostrophe and hyphen, nothing invisible."""
    text = unicodedata.normalize("NFC", text)
    text = "".join(mark for mark in text if unicodedata.category(mark) != "Cf")
    text = re.sub(f"[{_APOSTROPHES}]", "'", re.sub(f"[{_HYPHENS}]", "-", text))
    return re.sub(r"[^\S\r\n]+", " ", text).strip()


@lru_cache(maxsize=20_000)
def key(text: str, country: str = "") -> str:
    """What two spellings of one place have in common: ``"ST.  LOUIS"`` and ``"Saint-Louis"`` → ``"saintlouis"``."""
    return _key(tidy(text).casefold(), country)


def _key(text: str, country: str) -> str:
    text = unicodedata.normalize("NFKD", text.translate(_PLAIN))
    text = "".join(mark for mark in text if not unicodedata.combining(mark)).replace("'", "").replace("&", " and ")
    text = re.sub(r"(?<=\w\w)\.(?=\w)", " ", text).replace(".", "")  # "St.Louis", but "N.Y." is one word
    words = [word for word in re.split(r"[\W_]+", text) if word]
    last = len(words) - 1
    for place, word in enumerate(words):
        if place < last:
            words[place] = _BEFORE.get(word, word)
        elif place:
            words[place] = _BEHIND.get(word, word)
    if last > 0 and country in _ENGLISH:
        words[0] = _DIRECTIONS.get(words[0], words[0])
    return "".join(words)[:LONGEST_KEY]


def keys(text: str, country: str = "") -> tuple[str, ...]:
    """All keys of a name, :func:`key` first; ``München`` is found as Munchen and as Muenchen."""
    plain = tidy(text).casefold()
    return tuple(dict.fromkeys((key(text, country), _key(plain.translate(_TWO_LETTERS), country))))


def beginnings(text: str, country: str = "") -> tuple[str, ...]:
    """What the key of a name begins with that begins as typed; ``St`` may become Stockton or Saint Louis."""
    whole = key(text, country)
    return tuple(dict.fromkeys((whole, key(f"{text} x", country)[:-1]))) if whole else ()


@cache
def _regions(country: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for written, name in subdivisions.WRITTEN.get(country, ()):
        for each in (*keys(written, country), country.lower() + key(written, country)):  # US-NV
            found.setdefault(each, name)
    return found


def official_region(country: str, text: str) -> str:
    """``"nv"``, ``"Nev."``, ``"US-NV"`` and ``"State of Nevada"`` → ``"Nevada"``; "" for what we have no list of."""
    known = _regions(country)
    if not known:
        return ""
    bare = _STATE_WORDS.sub("", tidy(text).casefold())
    return known.get(key(text, country)) or known.get(key(bare, country), "")


def shown(text: str, *, codes: bool = False) -> str:
    """As it is written for people: ``"LAS  VEGAS"`` → ``"Las Vegas"``. What has both cases is left as it is, and with
    ``codes`` what has three capitals at most."""
    text = tidy(text)
    letters = [mark for mark in text if mark.isalpha()]
    is_one_case = text in (text.upper(), text.lower()) and any(mark.upper() != mark.lower() for mark in letters)
    is_code = codes and len(letters) <= 3 and text == text.upper()
    return _capitalized(text) if is_one_case and not is_code else text


def _capitalized(text: str) -> str:
    def word(found: re.Match[str]) -> str:
        low = found[0].lower()
        if found.start() and low in _PARTICLES:
            return low
        if re.match(r"mc\w{3}", low):
            return "Mc" + low[2:].capitalize()
        return low.capitalize()

    capitalized = re.sub(r"[^\W\d_]+", word, text)
    return re.sub(r"(?<=')S\b", "s", capitalized)  # Land's End


def quality(name: str) -> tuple[int, int, int]:
    """The better of two spellings has the greater one: accents, words written out, capitals where they belong."""
    words = re.findall(r"[^\W\d_]+", name)
    short = sum(word.lower() in _BEFORE | _BEHIND | _DIRECTIONS for word in words) - name.count(".")
    capitals = sum(
        word[0].isupper() + any(mark.isupper() for mark in word[1:])
        for word in words
        if word.lower() not in _PARTICLES and (len(word) < 4 or not word.isupper())
    )
    return sum(mark.isalpha() and not mark.isascii() for mark in name), -short, capitals
