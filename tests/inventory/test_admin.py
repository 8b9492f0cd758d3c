"""Staff find a number among millions: by its beginning, through the unique index."""

import pytest
from django.db import connection

from numbers.models import Number
from tests.support.inventory import make_number

pytestmark = pytest.mark.django_db


def test_the_beginning_of_a_number_is_looked_up_in_the_unique_index():
    make_number("+12125550101")
    make_number("+13105550101")
    found = Number.objects.filter(e164__startswith="+1212").order_by("e164")
    assert [number.e164 for number in found] == ["+12125550101"]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        sql, params = found.query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql} LIMIT 100", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Index Scan using one_number_per_e164" in plan
    assert "Index Cond: (((e164)::text >= '+1212'::text)" in plan
