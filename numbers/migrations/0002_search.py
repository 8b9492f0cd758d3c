"""The search indexes. Written for an empty or small table; on a big one build them CONCURRENTLY first."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models

# The windows of three and four digits of a number, keyed by country, as integers. A trigram index cannot tell
# countries apart, and has too few distinct trigrams for digits.
NUM_GRAMS = """
CREATE FUNCTION num_grams(country text, e164 text) RETURNS int[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE
  grams int[] := '{}';
  base int := ((ascii(country) - 65) * 26 + ascii(substr(country, 2, 1)) - 65) * 11000;
  digits bigint := substr(e164, 2)::bigint;
BEGIN
  WHILE digits >= 100 LOOP
    grams := grams || (base + 10000 + (digits % 1000)::int);
    IF digits >= 1000 THEN
      grams := grams || (base + (digits % 10000)::int);
    END IF;
    digits := digits / 10;
  END LOOP;
  RETURN grams;
END $$
"""

# Index-only scans need a fresh visibility map, and the router fresh statistics.
VACUUM = """
ALTER TABLE numbers_number SET (
  autovacuum_vacuum_scale_factor = 0.005, autovacuum_vacuum_insert_scale_factor = 0.005,
  autovacuum_analyze_scale_factor = 0.02
)
"""
NO_VACUUM = """
ALTER TABLE numbers_number RESET (
  autovacuum_vacuum_scale_factor, autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor
)
"""
FOR_SALE = models.Q(("status", "available"))


def covering(name: str, fields: list[str], include: list[str]) -> migrations.AddIndex:
    return migrations.AddIndex("number", models.Index(condition=FOR_SALE, fields=fields, include=include, name=name))


class Migration(migrations.Migration):
    dependencies = [("numbers", "0001_initial")]

    operations = [
        migrations.RunSQL(NUM_GRAMS, "DROP FUNCTION num_grams(text, text)"),
        covering("number_by_country", ["country", "e164"], ["id", "region", "type", "sms", "voice"]),
        covering("number_by_region", ["country", "region", "e164"], ["id", "type", "sms", "voice"]),
        covering("number_by_type", ["country", "type", "e164"], ["id", "sms", "voice"]),
        migrations.AddIndex(
            "number",
            models.Index(
                models.F("country"),
                django.db.models.functions.text.Lower("city"),
                models.F("e164"),
                condition=FOR_SALE,
                name="number_by_city",
            ),
        ),
        migrations.AddIndex(
            "number",
            models.Index(
                models.F("country"),
                models.Func(models.F("e164"), function="reverse"),
                condition=FOR_SALE,
                name="number_by_end",
            ),
        ),
        migrations.AddIndex(
            "number",
            django.contrib.postgres.indexes.GinIndex(
                models.Func(models.F("country"), models.F("e164"), function="num_grams"),
                condition=FOR_SALE,
                name="number_grams",
            ),
        ),
        migrations.RunSQL(VACUUM, NO_VACUUM),
    ]
