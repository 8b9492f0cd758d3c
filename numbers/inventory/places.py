"""Regions and cities have one spelling each, however suppliers and customers write them (docs/adr/0024).

A region is spelled as :mod:`numbers.inventory.subdivisions` says; any other place as in :class:`Place`, which learns
from imports. Numbers hold that spelling, so that the search compares plain text; what is written otherwise is brought
to it before it is stored or searched for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from numbers.inventory import spelling, stats
from numbers.inventory.models import Place
from portal.core.errors import DomainError

MAX_CITIES = 50  # that one search looks through
MAX_SUGGESTIONS = 8
REPAIR_BATCH = 100_000  # ids per transaction of a repair
KINDS = tuple(Place.Kind.values)
Spelling = tuple[str, str, int]  # country, as written, how often

# A name gives way to a better one that an import brings: the numbers that have it follow.
RENAME = """
UPDATE numbers_number n SET {kind} = c.new FROM place_change c
 WHERE c.kind = '{kind}' AND n.country = c.country AND n.{kind} = c.old
"""
CHANGES = """
CREATE TEMPORARY TABLE place_change (
  kind text, country varchar(2) COLLATE "C", old varchar(80), new varchar(80), PRIMARY KEY (kind, country, old))
"""
# What somebody works with just now is left for the next time.
REPAIR = """
WITH locked AS MATERIALIZED (
  SELECT n.id FROM numbers_number n JOIN place_change c
      ON c.kind = '{kind}' AND c.country = n.country AND c.old = n.{kind}
   WHERE n.id > %(low)s AND n.id <= %(high)s FOR NO KEY UPDATE OF n SKIP LOCKED)
UPDATE numbers_number n SET {kind} = c.new FROM locked l, place_change c
 WHERE n.id = l.id AND c.kind = '{kind}' AND c.country = n.country AND c.old = n.{kind}
"""


# -- storing --------------------------------------------------------------------------------------------------------


class _Names:
    """The names of one kind of place in some countries; decides what a new spelling is called."""

    def __init__(self, kind: str, countries: Iterable[str]) -> None:
        self.kind = kind
        rows = Place.objects.filter(kind=kind, country__in=set(countries)).values_list("country", "key", "name")
        self.known = {(country, key): name for country, key, name in rows}
        self.changed: set[tuple[str, str]] = set()

    def learn(self, country: str, text: str) -> None:
        if self.official(country, text) or self.known.get((country, spelling.key(text, country))) == text:
            return
        keys = [(country, key) for key in spelling.keys(text, country)]
        had = list(dict.fromkeys(self.known[each] for each in keys if each in self.known))
        best = max((*had, spelling.shown(text, codes=self.kind == "region")), key=spelling.quality)
        keys += [(country, key) for name in had for key in spelling.keys(name, country)]
        for each in keys:
            if self.known.get(each) != best:
                self.known[each] = best
                self.changed.add(each)

    def official(self, country: str, text: str) -> str:
        return spelling.official_region(country, text) if self.kind == "region" else ""

    def name(self, country: str, text: str) -> str:
        return self.official(country, text) or self.known[country, spelling.key(text, country)]

    def save(self) -> None:
        Place.objects.bulk_create(
            [
                Place(country=country, kind=self.kind, key=key, name=self.known[country, key])
                for country, key in sorted(self.changed)
            ],
            update_conflicts=True,
            unique_fields=["country", "kind", "key"],
            update_fields=["name"],
            batch_size=5_000,
        )


def unify(kind: str, written: Iterable[Spelling]) -> list[tuple[str, str, str, str]]:
    """Chooses and remembers one name for each place; (kind, country, old, new) of every spelling to be changed.

    Of several spellings the best is taken, of equally good ones the one known before, or the most frequent. That is
    also how a name remembered before can be among the old ones.
    """
    ordered = sorted((each for each in written if spelling.key(each[1])), key=lambda each: (-each[2], each[0], each[1]))
    names = _Names(kind, (country for country, _, _ in ordered))
    before = {(country, name) for (country, _), name in names.known.items()}
    for country, text, _ in ordered:
        names.learn(country, text)
    names.save()
    spellings = before | {(country, text) for country, text, _ in ordered}
    return [
        (kind, country, text, name)
        for country, text in sorted(spellings)
        if (name := names.name(country, text)) != text
    ]


def unify_feed(cursor: CursorWrapper) -> None:
    """One spelling in the temporary table ``feed``; numbers follow where a name gave way to a better one."""
    cursor.execute(CHANGES)
    for kind in KINDS:
        cursor.execute(f"SELECT country, {kind}, count(*) FROM feed WHERE {kind} <> '' GROUP BY 1, 2")  # noqa: S608
        _store_changes(cursor, unify(kind, cursor.fetchall()))
        for statement in (RENAME.replace("numbers_number", "feed"), RENAME):
            cursor.execute("SELECT EXISTS (SELECT FROM place_change WHERE kind = %s)", [kind])
            if cursor.fetchone()[0]:
                cursor.execute(statement.format(kind=kind))
    cursor.execute("DROP TABLE place_change")


def repair() -> int:
    """Brings every number in the catalogue to the one spelling, in short transactions; how many were changed."""
    with connection.cursor() as cursor:
        cursor.execute(CHANGES)
        for kind in KINDS:
            cursor.execute(f"SELECT country, {kind}, count(*) FROM numbers_number WHERE {kind} <> '' GROUP BY 1, 2")  # noqa: S608
            _store_changes(cursor, unify(kind, cursor.fetchall()))
        cursor.execute("""SELECT array_agg(DISTINCT kind), (SELECT min(id) - 1 FROM numbers_number),
                                 (SELECT max(id) FROM numbers_number) FROM place_change""")
        kinds, below, last = cursor.fetchone()
        changed = 0
        for low in range(below or 0, last or 0, REPAIR_BATCH):
            for kind in kinds or ():
                with transaction.atomic():
                    cursor.execute(REPAIR.format(kind=kind), {"low": low, "high": low + REPAIR_BATCH})
                    changed += cursor.rowcount
        cursor.execute("DROP TABLE place_change")
    return changed


def _store_changes(cursor: CursorWrapper, changes: list[tuple[str, str, str, str]]) -> None:
    with cursor.copy("COPY place_change FROM STDIN") as copy:
        for row in changes:
            copy.write_row(row)
    cursor.execute("ANALYZE place_change")


# -- finding --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Suggestion:
    name: str
    count: int  # numbers available
    label: str  # what a browser shows: it holds what was typed, or the browser would not offer it


def region(country: str, text: str) -> str:
    """The name of a region as numbers have it; what is unknown stays as typed."""
    if name := spelling.official_region(country, text):
        return name
    key = spelling.key(text, country)
    for facet in stats.facets().get(country, ()):
        if facet.region and key in spelling.keys(facet.region, country):
            return facet.region
    return text


def cities(country: str, text: str) -> tuple[str, ...]:
    """The cities that are meant: the one of that name, else those that begin so; what is unknown stays as typed.

    Raises ``invalid_city`` when more than :data:`MAX_CITIES` begin so.
    """
    for typed in dict.fromkeys((text, text.partition(",")[0])):  # Las Vegas, NV
        if found := _cities(country, typed):
            return found
    return (text,)


def _cities(country: str, text: str) -> tuple[str, ...]:
    rows = _places(
        """SELECT name, bool_or(key = ANY(%(keys)s)) AS is_it FROM numbers_place
            WHERE country = %(country)s AND kind = 'city' AND (
                  key = ANY(%(keys)s) OR key LIKE ANY(%(begins)s) AND EXISTS (
                  SELECT FROM numbers_citystat s WHERE s.country = %(country)s AND s.city = name))
            GROUP BY name ORDER BY is_it DESC, name LIMIT %(most)s""",
        country,
        text,
        most=MAX_CITIES + 1,
    )
    if exact := tuple(name for name, is_it in rows if is_it):
        return exact
    if len(rows) > MAX_CITIES:
        raise DomainError(
            "invalid_city", "Many cities begin like that. Type more of the name.", field="city", status=400
        )
    return tuple(name for name, _ in rows)


def suggestions(country: str, region: str, text: str) -> list[Suggestion]:
    """Cities with numbers for sale whose name begins as typed, those with the most numbers first."""
    rows = _places(
        """WITH named AS MATERIALIZED (
             SELECT DISTINCT name FROM numbers_place
              WHERE country = %(country)s AND kind = 'city' AND key LIKE ANY(%(begins)s))
           SELECT name, counted.count FROM named CROSS JOIN LATERAL (
             SELECT sum(count)::int AS count FROM numbers_citystat s
              WHERE s.country = %(country)s AND s.city = name AND (%(region)s = '' OR s.region = %(region)s)) counted
            WHERE counted.count > 0 ORDER BY 2 DESC, 1 LIMIT %(most)s""",
        country,
        text,
        region=region,
        most=MAX_SUGGESTIONS,
    )
    return [
        Suggestion(name, count, name if text.casefold() in name.casefold() else f"{name} ({text})")
        for name, count in rows
    ]


def _places(statement: str, country: str, text: str, **params: Any) -> list[tuple[Any, ...]]:
    begins = [f"{beginning}%" for beginning in spelling.beginnings(text, country)]
    if not begins:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            statement, params | {"country": country, "keys": list(spelling.keys(text, country)), "begins": begins}
        )
        return cursor.fetchall()
