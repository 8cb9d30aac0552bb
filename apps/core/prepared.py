"""Statements that PostgreSQL parses and plans once per connection instead of each time."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DatabaseError, connection
from psycopg2.errors import InvalidSqlStatementName

_PARAMETER = re.compile(r"%\((\w+)\)s")
_prepared: WeakKeyDictionary[Any, set[str]] = WeakKeyDictionary()


class PreparedStatement:
    """One row's worth of SQL with parameters as psycopg2 writes them, `%(name)s`.

    `types` maps each parameter to its PostgreSQL type. Behind a pooler that hands every statement
    to another server connection it still works, only slower.
    """

    def __init__(self, name: str, sql: str, types: Mapping[str, str]) -> None:
        # Two versions of the program may share a server connection.
        self._name = f"{name}_{hashlib.sha256(sql.encode()).hexdigest()[:8]}"
        self._sql = sql
        used = list(dict.fromkeys(_PARAMETER.findall(sql)))
        numbers = {parameter: f"${n}" for n, parameter in enumerate(used, 1)}
        numbered = _PARAMETER.sub(lambda match: numbers[match[1]], sql).replace("%%", "%")
        declared = ", ".join(types[parameter] for parameter in used)
        given = ", ".join(f"%({parameter})s" for parameter in used)
        self._prepare = f"PREPARE {self._name} ({declared}) AS {numbered}"
        self._execute = f"EXECUTE {self._name} ({given})"

    def fetch_one(self, parameters: Mapping[str, Any]) -> Any:
        """Run it and return the first row of what it answers."""
        with connection.cursor() as cursor:
            self._ensure(cursor)
            try:
                cursor.execute(self._execute, parameters)
            except DatabaseError as error:
                if not isinstance(error.__cause__, InvalidSqlStatementName):
                    raise
                # This server connection is not the one that it was prepared on.
                cursor.execute(self._sql, parameters)
            return cursor.fetchone()

    def _ensure(self, cursor: Any) -> None:
        names = _prepared.setdefault(connection.connection, set())
        if self._name not in names:
            cursor.execute("SELECT 1 FROM pg_prepared_statements WHERE name = %s", [self._name])
            if cursor.fetchone() is None:
                cursor.execute(self._prepare)
            names.add(self._name)
