import pytest
from django.core.management import call_command
from django.db import connection

from numbers.inventory import stats
from tests.inventory.damaged import stock  # noqa: F401
from tests.inventory.feed_rows import run  # noqa: F401

# Numbers in clumps, as real blocks are: per country (code, calling code, national digits, area codes, region).
CATALOGUE = """
INSERT INTO numbers_number (e164, country, region, city, type, sms, voice, setup_price, monthly_price, docs_required,
                            supplier, supplier_ref, status, updated_at)
SELECT DISTINCT ON (e164) e164, country, region, city, type, sms OR NOT voice, voice, 1, 1 + (h %% 5), country <> 'US',
       'test', e164, CASE WHEN h %% 11 = 0 THEN 'leased' ELSE 'available' END, now()
FROM (
  SELECT '+' || code || area || lpad(((h2 %% 60) * 100000 + h %% (h2 %% 700 + 50))::text, rest, '0') AS e164,
         country, region, region || ' City ' || h2 %% 3 AS city, type, h %% 3 = 0 AS sms, h %% 17 > 0 AS voice, h
  FROM (SELECT *, abs(hashint4(i * 31 + n)) AS h, abs(hashint4(i * 7 + n)) %% 997 AS h2
        FROM (VALUES
          ('US', '1', '212', 'New York', 'did', 7), ('US', '1', '646', 'New York', 'did', 7),
          ('US', '1', '415', 'California', 'did', 7), ('US', '1', '310', 'California', 'did', 7),
          ('US', '1', '800', '', 'tollfree', 7), ('CA', '1', '416', 'Ontario', 'did', 7),
          ('GB', '44', '20', '', 'did', 8), ('GB', '44', '121', '', 'did', 7), ('DK', '45', '3', '', 'did', 7),
          ('SG', '65', '6', '', 'did', 7)
        ) AS area (country, code, area, region, type, rest) CROSS JOIN generate_series(1, %s) i
        CROSS JOIN LATERAL (SELECT length(area) * 13 + ascii(area) + rest AS n) s) numbered
) made ORDER BY e164
"""


def fill_catalogue(per_area: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(CATALOGUE, [per_area])
        cursor.execute("ANALYZE numbers_number")
    stats.refresh()


@pytest.fixture
def starting_credit():
    """Nothing is booked, so that nobody asks whose the catalogue's leased numbers are."""
    return None


@pytest.fixture
def catalogue(db):
    fill_catalogue(800)


@pytest.fixture(scope="module")
def big_catalogue(django_db_setup, django_db_blocker):
    """50,000 numbers, committed and vacuumed once per module, so that plans are those of a real table."""
    from numbers.models import Number

    with django_db_blocker.unblock():
        fill_catalogue(5_000)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE) numbers_number")
        yield Number.objects.count()
        Number.objects.filter(supplier="test").delete()
        stats.refresh()


@pytest.fixture
def load(tmp_path, capsys):
    """Imports a file's content; (exit code, last line of the output, everything that was said)."""

    def call(content, *options):
        path = tmp_path / "feed.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        code = 0
        try:
            call_command("import_numbers", path, *options)
        except SystemExit as ended:
            code = ended.code
        captured = capsys.readouterr()
        return code, captured.out.strip(), captured.err

    return call
