"""The statement that settles one row and arms the next: advance.sql, filled in for each outbox."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import connection
from django.utils import timezone

from apps.core.prepared import PreparedStatement
from apps.mail.outbox import Outbox

_SQL = Path(__file__).with_name("advance.sql").read_text()
_TYPES = {
    "is_quick": "boolean",
    "now": "timestamptz",
    "owner": "uuid",
    "done_id": "bigint",
    "done_number": "int",
    "done_status": "text",
    "done_attempts": "int",
    "done_uncertain_count": "int",
    "done_not_before": "timestamptz",
    "done_message_id": "text",
    "done_provider_message_id": "text",
    "done_last_code": "text",
    "next_id": "bigint",
    "next_number": "int",
    "next_lease_until": "timestamptz",
    "next_message_id": "text",
}

_statements: dict[str, tuple[PreparedStatement, dict[str, None]]] = {}


def run(outbox: Outbox, parameters: Mapping[str, Any]) -> tuple[bool, bool]:
    """Run it; whether a row was settled, and whether one was armed.

    Parameters left out are NULL: a part without its id does nothing.
    """
    statement, nothing = _statement(outbox)
    settled, armed = statement.fetch_one({**nothing, **parameters})
    return bool(settled), bool(armed)


def is_armable(outbox: Outbox, row: Any) -> bool:
    """Whether the outbox still wants the row to be sent, by the condition of the statement."""
    table = outbox.model._meta.db_table
    sql = f"SELECT {outbox.armable} FROM {table} AS row WHERE row.id = %(id)s"  # noqa: S608 -- ours
    with connection.cursor() as cursor:
        cursor.execute(sql, {"id": row.pk, "now": timezone.now(), **outbox.arming(row)})
        found = cursor.fetchone()
    return found is not None and bool(found[0])


def _statement(outbox: Outbox) -> tuple[PreparedStatement, dict[str, None]]:
    if outbox.name not in _statements:
        _statements[outbox.name] = _filled_in(outbox)
    return _statements[outbox.name]


def _filled_in(outbox: Outbox) -> tuple[PreparedStatement, dict[str, None]]:
    types = {**_TYPES, **outbox.parameter_types}
    sql = _SQL.format(
        table=outbox.model._meta.db_table, armable=outbox.armable, sequel=outbox.sequel
    )
    return PreparedStatement(f"advance_{outbox.name}", sql, types), dict.fromkeys(types)
