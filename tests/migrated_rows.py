"""The pytest plugin that ends a test with real transactions: what migrations wrote, nothing else.

Django would truncate every table and write its permissions anew, which takes half a second, gives
them other numbers, and loses the switch, the groups and whatever else a migration put there.
"""

from collections.abc import Iterator
from io import StringIO

import pytest
from django.db import connection, transaction
from django.test import TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker

# Few rows are deleted, which is quicker; more than 64 pages of them are truncated.
EMPTY_ALL_TABLES = """
DO $$
DECLARE
    name regclass;
    holds_rows boolean;
BEGIN
    -- No trigger objects, and no foreign key asks for an order.
    SET LOCAL session_replication_role = replica;
    FOR name IN
        SELECT oid FROM pg_class
        WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
          AND relname <> 'django_migrations'
    LOOP
        IF pg_relation_size(name) > 64 * 8192 THEN
            EXECUTE format('TRUNCATE %s CASCADE', name);
        ELSIF pg_relation_size(name) > 0 THEN
            EXECUTE format('DELETE FROM %s', name);
        END IF;
    END LOOP;
END $$
"""
COLUMNS = """
SELECT relname, string_agg(quote_ident(attname), ', ' ORDER BY attnum)
FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> 'django_migrations'
  AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
GROUP BY relname
"""


class MigratedRows:
    """A copy of all rows, as COPY writes and reads them."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}
        with connection.cursor() as cursor:
            cursor.execute(COLUMNS)
            for table, columns in cursor.fetchall():
                into = f'"{table}" ({columns})'
                text = StringIO()
                cursor.copy_expert(f"COPY {into} TO STDOUT", text)
                if text.getvalue():
                    self.rows[into] = text.getvalue()

    def put_back(self) -> None:
        """Leave the tables as they were when this was made."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(EMPTY_ALL_TABLES)
            for into, text in self.rows.items():
                cursor.copy_expert(f"COPY {into} FROM STDIN", StringIO(text))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """pytest-django's own, and then another end for tests with real transactions."""
    with django_db_blocker.unblock():
        migrated = MigratedRows()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: migrated.put_back())
        yield
