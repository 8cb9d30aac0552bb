"""The tree as a table, without a database."""

import pytest

from apps.tags.tag_file import TagEntry
from apps.tags.tag_table import COLUMNS, read_rows, rows_of, wrong_columns


def row(name: str = "Go", **cells: str) -> dict[str, str]:
    return {"name": name, "type": "language", "parent": "", **cells}


def read_back(rows: list[list[str]]) -> list[TagEntry]:
    return read_rows(dict(zip(COLUMNS, cells, strict=True)) for cells in rows).entries


def test_what_was_written_is_read_back_unharmed():
    go = TagEntry(5, "Go", "language")
    formula = TagEntry(3, "=cmd|' /C calc'!A0", "tool", "calc", ("+1", "'=x", "@a"), "-2 <b>", True)
    tree = [
        TagEntry(2, "Langu,ages", "topic", children=(formula, TagEntry(4, "C++", "language"))),
        go,
    ]

    rows = list(rows_of(tree))

    assert read_back(rows) == tree
    assert [cell for cells in rows for cell in cells if cell[:1] in set("=+-@")] == []


def test_a_parent_may_come_later_by_another_name_or_be_no_row_at_all():
    table = read_rows(
        [
            row("asyncio", parent="CPYTHON"),
            row("Python", aliases="py\nCPython", parent="Languages"),
        ]
    )

    (python,) = table.entries
    assert (python.name, python.under) == ("Python", "Languages")
    assert [(child.name, child.under) for child in python.children] == [("asyncio", "")]
    assert table.refusals == []


def test_a_column_that_is_not_there_says_nothing():
    (silent,) = read_rows([row()]).entries
    (empty,) = read_rows([row(description="", featured="")]).entries

    assert (silent.description, silent.is_featured) == (None, None)
    assert (empty.description, empty.is_featured) == ("", False)


@pytest.mark.parametrize(
    ("rows", "refusals"),
    [
        ([row("")], [(2, "It has no name.")]),
        ([row(featured="maybe")], [(2, "“featured” is yes or no.")]),
        (
            [row("A", parent="B"), row("B", parent="A"), row("C", parent="C"), row("D")],
            [(n, "Its parents lead back to itself.") for n in (2, 3, 4)],
        ),
    ],
)
def test_a_row_that_says_nothing_is_refused_by_its_number(rows, refusals):
    assert read_rows(rows).refusals == refusals


@pytest.mark.parametrize(
    ("headings", "words"),
    [
        (["name", "type", "parent"], ""),
        (list(reversed(COLUMNS)), ""),
        (["name"], "The column “type” is missing."),
        (["name", "type"], "The column “parent” is missing."),
        (["name", "type", "lft"], "The columns are name, type, "),
        (["name", "type", "name"], "The columns are name, type, "),
    ],
)
def test_the_columns_are_checked(headings, words):
    assert wrong_columns(headings).startswith(words)
    assert bool(wrong_columns(headings)) == bool(words)
