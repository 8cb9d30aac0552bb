"""Each SQL block of a solution proves its claim on a real PostgreSQL."""

import re

import pytest
from django.db import InternalError, OperationalError, connection

from tests.starter.bank import SLUGS, blocks

RUNNABLE = [slug for slug in SLUGS if blocks(slug, "sql")]
# These would leave the transaction that the test rolls back, or cannot run in one.
NOT_HERE = re.compile(r"\b(COMMIT|ROLLBACK|ABORT|VACUUM|CONCURRENTLY|SYSTEM|DATABASE|ROLE)\b")


def run(sql: str) -> None:
    """In an empty schema of its own; the test's transaction takes all of it back."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS block CASCADE; CREATE SCHEMA block")
        cursor.execute("SET LOCAL search_path TO block; SET LOCAL statement_timeout TO '10s'")
        cursor.execute(sql)


@pytest.mark.django_db
@pytest.mark.parametrize("slug", RUNNABLE)
def test_every_assertion_of_the_block_holds(slug: str) -> None:
    for sql in blocks(slug, "sql"):
        run(sql)


@pytest.mark.parametrize("slug", RUNNABLE)
def test_the_block_asserts_something_and_stays_in_its_transaction(slug: str) -> None:
    for sql in blocks(slug, "sql"):
        assert re.search(r"\bASSERT\b", sql)
        assert NOT_HERE.findall(re.sub(r"--.*", "", sql)) == []


def test_eight_problems_or_more_run_sql() -> None:
    assert len(RUNNABLE) >= 8


@pytest.mark.django_db
def test_a_claim_that_does_not_hold_is_found() -> None:
    with pytest.raises(InternalError, match="no such sum"):
        run("DO $$ BEGIN ASSERT 1 + 1 = 3, 'no such sum'; END $$;")


@pytest.mark.django_db
def test_a_block_sees_no_table_of_the_application() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('problems_problem') IS NOT NULL")
        assert cursor.fetchone() == (True,)

    run("DO $$ BEGIN ASSERT to_regclass('problems_problem') IS NULL; END $$;")


@pytest.mark.django_db
def test_a_statement_that_never_ends_is_stopped() -> None:
    with pytest.raises(OperationalError, match="statement timeout"):
        run("SET LOCAL statement_timeout TO '100ms'; SELECT pg_sleep(60)")
