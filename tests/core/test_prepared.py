"""Statements prepared once per connection."""

import pytest
from django.db import connection

from apps.core.prepared import PreparedStatement

ADD = "SELECT %(one)s + %(other)s * 10, %(one)s"
TYPES = {"one": "int", "other": "int", "unused": "text"}


def prepared_names():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_prepared_statements WHERE name LIKE 'adding_%'")
        return [name for (name,) in cursor.fetchall()]


def clear():
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")


@pytest.fixture
def adding(transactional_db):
    connection.close()
    return PreparedStatement("adding", ADD, TYPES)


def test_parameters_may_be_used_twice_and_left_out(adding):
    assert adding.fetch_one({"one": 1, "other": 2, "unused": "x"}) == (21, 1)
    assert adding.fetch_one({"one": None, "other": 2}) == (None, None)


def test_it_is_prepared_once_per_connection(adding, django_assert_num_queries):
    adding.fetch_one({"one": 1, "other": 2})

    with django_assert_num_queries(1):
        adding.fetch_one({"one": 3, "other": 4})
    assert len(prepared_names()) == 1


def test_a_new_connection_prepares_it_again(adding):
    adding.fetch_one({"one": 1, "other": 2})
    connection.close()

    assert adding.fetch_one({"one": 1, "other": 2}) == (21, 1)


def test_another_text_under_the_same_name_is_another_statement(adding):
    adding.fetch_one({"one": 1, "other": 2})

    assert PreparedStatement("adding", "SELECT %(one)s - 1", TYPES).fetch_one({"one": 1}) == (0,)
    assert len(prepared_names()) == 2


def test_one_that_somebody_else_prepared_on_the_servers_connection_is_used(adding):
    adding.fetch_one({"one": 1, "other": 2})

    again = PreparedStatement("adding", ADD, TYPES)

    assert again.fetch_one({"one": 1, "other": 3}) == (31, 1)


def test_a_server_connection_that_does_not_know_it_still_answers(adding):
    adding.fetch_one({"one": 1, "other": 2})
    clear()  # as a pooler does that hands out another server connection

    assert adding.fetch_one({"one": 1, "other": 2}) == (21, 1)


def test_a_percent_sign_stays_one(transactional_db):
    modulo = PreparedStatement("modulo", "SELECT %(one)s %% 3", {"one": "int"})

    assert modulo.fetch_one({"one": 7}) == (1,)
