"""Which state of a topic the database is in, as a word that changes with every committed write.

Triggers on the tables of a topic keep it, so that no way of writing is forgotten; a migration puts
them there with `revises`.
"""

from collections.abc import Iterable

from django.db import connection, migrations

_PRESENT = """
    SELECT string_agg(topic || ' ' || number, ' ' ORDER BY topic, number)
    FROM core_revision WHERE topic = ANY(%s)
"""


def revises(table: str, topic: str) -> migrations.RunSQL:
    """The operation after which every write to a table is a new state of the topic."""
    name = f"{table}_revises"
    return migrations.RunSQL(
        f"CREATE TRIGGER {name} AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION core_revise('{topic}')",
        f"DROP TRIGGER {name} ON {table}",
    )


def present_revision(topics: Iterable[str]) -> str | None:
    """The word for what this transaction sees of these topics. None when nothing was written yet.

    Ask before reading what it is about: what is read later is then never taken for older.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PRESENT, [list(topics)])
        found: str | None = cursor.fetchone()[0]
    return found
