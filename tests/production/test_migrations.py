"""Every migration of ours, back and forth over a filled database of its own."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from config.local.places import server_programs
from tests.production.databases import scratch_database, url_of
from tests.production.filling import fill

pytestmark = pytest.mark.faults
OURS = [config.label for config in apps.get_app_configs() if config.name.startswith("apps.")]
Node = tuple[str, str]


@pytest.fixture
def scratch(django_db_blocker) -> Iterator[str]:
    """The default connection leads to a database of its own, empty but for its rows below."""
    with scratch_database() as name, django_db_blocker.unblock():
        connection.close()
        before = connection.settings_dict["NAME"]
        connection.settings_dict["NAME"] = name
        try:
            executor = MigrationExecutor(connection)
            executor.migrate(executor.loader.graph.leaf_nodes())
            fill()
            yield name
        finally:
            connection.close()
            connection.settings_dict["NAME"] = before


def in_order() -> list[Node]:
    """All migrations in an order in which they can be applied."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    return [(migration.app_label, migration.name) for migration, _ in plan]


def ours_in_order() -> list[Node]:
    return [node for node in in_order() if node[0] in OURS]


def applied() -> set[Node]:
    return set(MigrationExecutor(connection).loader.applied_migrations)


def take_back(migration: Node) -> None:
    """Unapply it, and whatever of others' rests on it."""
    label, name = migration
    earlier = [other for app, other in ours_in_order() if app == label and other < name]
    MigrationExecutor(connection).migrate([(label, max(earlier, default=None))])


def apply(standing: set[Node]) -> None:
    """Apply again what stood and does not stand any more."""
    missing = standing - applied()
    executor = MigrationExecutor(connection)
    nodes = executor.loader.graph.nodes
    executor.migrate(None, plan=[(nodes[node], False) for node in in_order() if node in missing])


def schema_of(database: str) -> str:
    dump = subprocess.run(
        [
            server_programs(None, Path()) / "pg_dump",
            "--schema-only",
            "--no-owner",
            f"--dbname={url_of(database)}",
        ],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    # Each dump has a key of its own in these two lines.
    kept = [
        line for line in dump.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))
    ]
    return "\n".join(kept)


def row_counts() -> dict[str, int]:
    models = [m for m in apps.get_models(include_auto_created=True) if m._meta.app_label in OURS]
    return {m._meta.db_table: m._base_manager.count() for m in models if not m._meta.proxy}


def test_every_migration_can_be_taken_back_and_applied_again_over_rows(scratch):
    assert [table for table, count in row_counts().items() if count == 0] == []

    for migration in reversed(ours_in_order()):
        standing, schema = applied(), schema_of(scratch)
        take_back(migration)
        assert migration not in applied()

        apply(standing)
        assert schema_of(scratch) == schema, migration

        take_back(migration)


def test_the_newest_migration_of_an_app_loses_only_rows_of_tables_that_it_makes(scratch):
    counts, standing = row_counts(), applied()
    newest = {label: (label, name) for label, name in ours_in_order()}

    for migration in newest.values():
        if migration[1].startswith("0001_"):
            continue
        take_back(migration)
        gone = standing - applied()
        apply(standing)

        kept = row_counts()
        lost = {table for table, count in counts.items() if kept[table] < count}
        assert lost <= tables_made_by(gone), migration
        counts = kept


def tables_made_by(migrations: set[Node]) -> set[str]:
    graph = MigrationExecutor(connection).loader.graph
    made = set()
    for label, name in migrations:
        for operation in graph.nodes[label, name].operations:
            if type(operation).__name__ == "CreateModel":
                model = apps.get_model(label, operation.name)
                made.add(model._meta.db_table)
    return made
