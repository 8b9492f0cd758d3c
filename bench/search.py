"""How fast is a search? The project's own search function beside the plain query and a textbook trigram index.

    python -m bench.search --numbers 1000000 [--queries 200]

Starts its own PostgreSQL (fsync on) under var/bench, migrates it, loads invented numbers in clumps as operators hand
them out, and asks every class of question of all three, in one run. "search()" is everything the portal does for a
page of results, its total included; "page" is the statement that fetches the rows. Milliseconds; each question is
asked twice and the faster answer counts, so that what is measured is the query and not the disk. Each answer is
compared; a difference ends the run with status 1.
"""

import argparse
import math
import random
import shutil
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.engines import as_owner, configure

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "bench" / "search"
CLASSES = """
country region tollfree caps all-filters deep-page start-3 start-6 end-2 end-3 end-4 end-7 contains-2 contains-3
contains-4 contains-6 contains-8 contains-4+region+sms runs-3?3 runs-2??2 start-3*end-4
""".split()
SLOW_BUDGET, BUDGET = 4.0, 10.0  # seconds for one class


# -- data -----------------------------------------------------------------------------------------------------------


def areas(total: int) -> list[tuple[Any, ...]]:
    """(country, text before the subscriber's digits, region, city, type, subscriber digits, how many)."""
    import phonenumbers

    from numbers.inventory import subdivisions
    from portal.accounts import countries
    from sandbox.feed.countries import CODES

    chance, found = random.Random(7), []
    weights = [1 / (rank + 1) ** 0.9 for rank in range(len(CODES) - 1)]
    shares = [0.4] + [0.6 * weight / sum(weights) for weight in weights]
    codes = [str(n) for n in range(201, 990) if n % 100 != 11 and n // 10 % 10 != 9 and n // 11 % 10 != 8]
    chance.shuffle(codes)
    states = list(subdivisions.NAMES["US"].values())
    for country, share in zip(CODES, shares, strict=True):
        calling = countries.calling_code(country)
        example = phonenumbers.example_number(country)
        digits = min(10, len(phonenumbers.national_significant_number(example))) if example else 9
        if calling == "1":
            own, digits = [codes.pop() for _ in range(330 if country == "US" else 12)], 10
        else:
            own = sorted({str(chance.randrange(20, 79)) for _ in range(24 if share > 0.005 else 8)})
        parts = [chance.gammavariate(1.5, 1) for _ in own]
        for index, (area, part) in enumerate(zip(own, parts, strict=True)):
            region = states[index % len(states)] if country == "US" else f"{country} region {index % 10}"
            amount = int(total * share * 0.95 * part / sum(parts))
            found.append(
                (country, f"+{calling}{area}", region, f"{region} town {index % 40}", "did", digits - len(area), amount)
            )
        free = ["800", "888", "877", "866", "855"] if country == "US" else [] if calling == "1" else ["80"]
        found += [
            (
                country,
                f"+{calling}{area}",
                "",
                "",
                "tollfree",
                digits - len(area),
                int(total * share * 0.05 / len(free)),
            )
            for area in free
        ]
    return found


LOAD = """
INSERT INTO numbers_number (e164, country, region, city, type, sms, voice, setup_price, monthly_price, docs_required,
                            supplier, supplier_ref, status, updated_at)
SELECT e164, country, region, city, type, sms, voice OR NOT sms, 1, 2, country <> 'US', 'bench', e164,
       CASE WHEN random() < 0.9 THEN 'available' ELSE 'leased' END, now()
FROM (
  SELECT prefix || lpad((block * 1000 + digit)::text, rest, '0') AS e164, country, region, city, type,
         random() < CASE WHEN type = 'tollfree' THEN 0.15 WHEN country IN ('US', 'CA') THEN 0.92 ELSE 0.3 END AS sms,
         random() < 0.985 AS voice
  FROM (SELECT DISTINCT a.*, floor(random() * 10 ^ (rest - 3))::bigint AS block
          FROM bench_area a CROSS JOIN LATERAL generate_series(1, ceil(amount / 400.0)::int)) blocks
  CROSS JOIN generate_series(0, 999) digit WHERE random() < amount / (ceil(amount / 400.0) * 1000)
  ORDER BY country, random()
) made
"""


def load(numbers: int) -> int:
    """Fills the real table; its search indexes are built afterwards, as one would for a first import."""
    from django.db import connection

    with as_owner(), connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE bench_area (country text, prefix text, region text, city text, type text, "
            "rest int, amount int)"
        )
        cursor.executemany("INSERT INTO bench_area VALUES (%s, %s, %s, %s, %s, %s, %s)", areas(numbers))
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
            "WHERE indrelid = 'numbers_number'::regclass AND indpred IS NOT NULL"
        )
        indexes = cursor.fetchall()
        for name, _ in indexes:
            cursor.execute(f"DROP INDEX {name}")
        cursor.execute("SELECT setseed(0.7)")
        cursor.execute(LOAD)
        loaded = cursor.rowcount
        cursor.execute("SET maintenance_work_mem = '1GB'")
        for _, definition in indexes:
            cursor.execute(definition)
        cursor.execute("VACUUM (ANALYZE) numbers_number")
        cursor.execute("CREATE TABLE bench_plain AS TABLE numbers_number")
        cursor.execute("ANALYZE bench_plain")
    return loaded


def textbook() -> None:
    from django.db import connection

    with as_owner(), connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        cursor.execute("CREATE INDEX ON bench_plain (country, e164) WHERE status = 'available'")
        cursor.execute("CREATE INDEX ON bench_plain (country, region, e164) WHERE status = 'available'")
        cursor.execute("CREATE INDEX ON bench_plain USING gin (e164 gin_trgm_ops) WHERE status = 'available'")
        cursor.execute("VACUUM (ANALYZE) bench_plain")


# -- questions ------------------------------------------------------------------------------------------------------


def samples() -> list[tuple[str, str, str, str]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT country, region, type, e164 FROM bench_plain TABLESAMPLE system(5) "
            "WHERE status = 'available' ORDER BY md5(e164) LIMIT 20000"
        )
        return list(cursor.fetchall())


def question(kind: str, rows: list[tuple[str, str, str, str]], chance: random.Random) -> Any:
    """A search of a class, for a country drawn as the stock is; digits are half of the time those of a real number."""
    from numbers.inventory.search_cursors import write_cursor
    from numbers.inventory.search_query import SearchQuery
    from portal.accounts import countries

    country, region, type_, e164 = chance.choice(rows)
    national = e164[1 + len(countries.calling_code(country)) :]
    asked: dict[str, Any] = {}

    def digits(size: int) -> str:
        start = chance.randrange(max(1, len(national) - size + 1))
        return (
            national[start : start + size] if chance.random() < 0.5 else "".join(chance.choices("0123456789", k=size))
        )

    if kind in ("region", "all-filters") or "region" in kind:
        asked["region"] = region
    if kind in ("tollfree", "all-filters"):
        asked["type"] = "tollfree" if kind == "tollfree" else type_
    if kind in ("caps", "all-filters") or "sms" in kind:
        asked["sms"] = True
    if kind in ("caps", "all-filters"):
        asked["voice"] = True
    if kind == "deep-page":
        asked["after"] = write_cursor("after", e164)
    if kind.startswith("runs"):
        size = int(kind[5])
        asked |= {"pattern": digits(size) + "?" * kind.count("?") + digits(size), "match": "contains"}
    elif kind == "start-3*end-4":
        asked |= {"pattern": f"{national[:3]}*{digits(4)}", "match": "start"}
    elif kind[-1].isdigit() or "contains" in kind:
        match, length = kind.split("+")[0].split("-")
        size = int(length)
        asked["pattern"] = {"start": national[:size], "end": national[-size:]}.get(match) or digits(size)
        asked["match"] = match
    return SearchQuery(country=country, **asked)


def plain(query: Any) -> tuple[str, list[Any]]:
    """The query as everybody would write it."""
    from numbers.inventory.search_cursors import read_cursor

    where, params = ["status = 'available'", "country = %s"], [query.country]
    for name in ("region", "type"):
        if getattr(query, name):
            where.append(f"{name} = %s")
            params.append(getattr(query, name))
    where += ["sms"] * query.sms + ["voice"] * query.voice
    if pattern := query.compiled():
        where.append("e164 LIKE %s")
        params.append(pattern.like(query.country))
    if query.after:
        where.append("e164 > %s")
        params.append(read_cursor(query.after)[1])
    return (f"SELECT * FROM bench_plain WHERE {' AND '.join(where)} ORDER BY e164 LIMIT 20", params)


# -- measuring ------------------------------------------------------------------------------------------------------


def ask_plain(query: Any) -> tuple[list[str], float]:
    from django.db import connection

    sql, params = plain(query)
    with connection.cursor() as cursor:
        started = time.perf_counter()
        cursor.execute(sql, params)
        rows = cursor.fetchall()
        return [row[1] for row in rows], (time.perf_counter() - started) * 1000


def ask_search(query: Any) -> tuple[list[str], float]:
    from numbers.inventory.search import search

    started = time.perf_counter()
    page = search(query)
    return [row.e164 for row in page.rows], (time.perf_counter() - started) * 1000


def ask_page(query: Any) -> tuple[list[str], float]:
    """Only the rows, as the router fetches them: two statements where a budget was too small."""
    from numbers.inventory import query_plan, search_statements
    from numbers.inventory.search import fetch
    from numbers.inventory.search_cursors import read_cursor
    from numbers.inventory.search_query import filters_of

    plan, after = query_plan.QueryPlan(filters_of(query)), read_cursor(query.after)[1]
    window = search_statements.Window(limit=21, after=after)
    started = time.perf_counter()
    statement = search_statements.rows(plan, window)
    rows = fetch(statement)
    if statement.path == "budget" and len(rows) < 21:
        rows = fetch(search_statements.rows(plan, window, "grams"))
    return [row[1] for row in rows][:20], (time.perf_counter() - started) * 1000


def measure(
    ask: Callable[[Any], tuple[list[str], float]], questions: list[Any], budget: float
) -> tuple[list[list[str]], list[float]]:
    ask(questions[0])  # connection, prepared statement
    answers, times, began = [], [], time.perf_counter()
    for query in questions:
        answer, first = ask(query)
        answers.append(answer)
        times.append(min(first, ask(query)[1]))
        if time.perf_counter() - began > budget and len(times) >= 3:
            break
    return answers, times


def shown(times: list[float]) -> str:
    ordered = sorted(times)
    p99 = ordered[math.ceil(len(ordered) * 0.99) - 1]
    return f"{statistics.median(ordered):9.2f} {p99:9.2f}"


def compare(questions: dict[str, list[Any]]) -> int:
    """Prints the table; returns how many answers differed."""
    ways = [
        ("plain", ask_plain, SLOW_BUDGET),
        ("textbook", ask_plain, BUDGET),
        ("search()", ask_search, BUDGET),
        ("page", ask_page, BUDGET),
    ]
    results: dict[str, dict[str, tuple[list[list[str]], list[float]]]] = {}
    for name, ask, budget in ways:
        if name == "textbook":
            textbook()
        results[name] = {
            kind: measure(ask, asked[:5] if name == "plain" else asked, budget) for kind, asked in questions.items()
        }
    print(f"{'p50 and p99 in ms':24}" + "".join(f"{name:>20}" for name, *_ in ways) + "   questions")
    different = 0
    for kind in questions:
        print(
            f"{kind:24}"
            + "".join(f" {shown(results[name][kind][1])}" for name, *_ in ways)
            + f"   {len(results['search()'][kind][1])}"
        )
        for name in ("plain", "textbook", "page"):
            different += sum(
                one != other for one, other in zip(results[name][kind][0], results["search()"][kind][0], strict=False)
            )
    return different


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--numbers", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=200, help="of each class")
    options = parser.parse_args()
    from sandbox.servers import Postgres

    shutil.rmtree(FOLDER, ignore_errors=True)
    postgres = Postgres(FOLDER, settings={"shared_buffers": "2GB", "max_parallel_workers_per_gather": "0"}).start()
    try:
        configure(postgres, "redis://127.0.0.1:1/0")
        from numbers.inventory import stats

        started = time.monotonic()
        loaded = load(options.numbers)
        stats.refresh()
        print(
            f"{loaded:,} numbers in {len(stats.facets())} countries loaded and indexed in "
            f"{time.monotonic() - started:.0f} s",
            flush=True,
        )
        chance, rows = random.Random(42), samples()
        different = compare({kind: [question(kind, rows, chance) for _ in range(options.queries)] for kind in CLASSES})
        print("Every answer is the plain query's." if not different else f"{different} answers differ!")
    finally:
        postgres.stop()
        shutil.rmtree(FOLDER, ignore_errors=True)
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
