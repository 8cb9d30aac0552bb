"""Counts for lists of any size: exact while that is cheap, PostgreSQL's own estimate beyond."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.db import connection

EXACT_UP_TO = 10_000
# A page far down costs as much as all pages above it, and nobody reads there.
LAST_PAGE = 200


class EstimatingPaginator(Paginator):  # type: ignore[type-arg]  # generic for mypy only
    """`count` is exact up to 10,000 rows. Beyond: an estimate for a whole table, "more than 10,000"
    for a filtered one.
    """

    template_name = "admin/estimated_pagination.html"
    about = ""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        found: int = rows.order_by()[: EXACT_UP_TO + 1].count()
        if found <= EXACT_UP_TO:
            return found
        if rows.query.where:
            self.about = "more than "
            return EXACT_UP_TO
        self.about = "about "
        return max(EXACT_UP_TO, estimated_rows(rows.model._meta.db_table))

    @property
    def count_in_words(self) -> str:
        count = self.count
        return f"{self.about}{count:,}"

    @cached_property
    def num_pages(self) -> int:
        return min(super().num_pages, LAST_PAGE)


def estimated_rows(table: str) -> int:
    """How many rows PostgreSQL believes a table to have since its last ANALYZE; 0 before any."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [table])
        return max(0, int(cursor.fetchone()[0]))
