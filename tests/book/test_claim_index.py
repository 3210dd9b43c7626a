"""What was taken before is found without reading every claim of the book."""

import pytest
from django.db import connection

from earnest.book import models, sql
from earnest.book.loading import TAKEN


@pytest.mark.django_db
def test_claims_are_looked_up_by_the_index_that_makes_them_unique() -> None:
    if connection.vendor == "postgresql":
        # A small table is read whole whatever index it has; asked not to, PostgreSQL says which one would serve.
        sql.run("SET LOCAL enable_seqscan = off")
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    table, parameters = sql.texts([("card", "a"), ("entry", "b")], 2)
    plan = str(sql.run_asked(sql.Asked(explain + TAKEN.format(table), parameters)))
    table = models.Claim._meta.db_table
    conditions = {"sqlite": "(rail=? AND reference=?)", "postgresql": "Index Cond: (((rail)::text = "}
    assert conditions[connection.vendor] in plan and f"SCAN {table}" not in plan
