from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from apps.core.errors import InvalidInputError
from apps.problems.content import clean
from apps.problems.problem_file import FileError, ProblemFile, parse, render, wide_code

STARTER = sorted((Path(__file__).parents[2] / "starter" / "problems").glob("*.md"))
UUID_TEXT = "693dfe1b-a0e8-416a-be41-dbe4ea9e68c3"
WHOLE = f"""\
---
format: 1
uuid: {UUID_TEXT}
version: 3
title: 'No: the penny'
difficulty: easy
minutes: 10
tags:
- Python
- '404'
licence: CC BY 4.0
source:
  title: A thread
  url: https://example.org/thread
  author: Somebody
hints:
- |
  First.

  Second paragraph.
- |2
    indented code
solution: |
  Because.

  ```python
  x = 1
  ```
---

What is it?

---

Say why.
"""


def test_a_file_is_read():
    problem = parse(WHOLE.encode())

    assert problem == ProblemFile(
        uuid=UUID(UUID_TEXT),
        version=3,
        tags=("Python", "404"),
        content={
            "title": "No: the penny",
            "statement": "What is it?\n\n---\n\nSay why.",
            "difficulty": "easy",
            "estimated_minutes": 10,
            "license": "CC BY 4.0",
            "source_title": "A thread",
            "source_url": "https://example.org/thread",
            "source_author": "Somebody",
            "hints": ["First.\n\nSecond paragraph.", "  indented code"],
            "solution": "Because.\n\n```python\nx = 1\n```",
        },
    )
    assert problem.warnings == ()
    assert render(problem) == WHOLE.encode()


def test_a_file_with_the_least_is_read_and_written():
    text = f"---\nformat: 1\nuuid: {UUID_TEXT}\nversion: 1\ntitle: T\ntags: []\n---\n\nStatement.\n"

    problem = parse(text.encode())

    assert problem.tags == ()
    assert problem.content["solution"] == problem.content["difficulty"] == ""
    assert problem.content["hints"] == []
    assert problem.content["estimated_minutes"] is None
    assert render(problem) == text.encode()


@pytest.mark.parametrize("path", STARTER, ids=lambda path: path.stem)
def test_a_starter_problem_makes_the_round_trip_byte_for_byte(path):
    data = path.read_bytes()

    problem = parse(data)

    assert render(problem) == data
    assert problem.warnings == ()


def test_line_ends_of_windows_are_taken_for_ours():
    assert parse(WHOLE.replace("\n", "\r\n").encode()) == parse(WHOLE.encode())


def replaced(old: str, new: str) -> bytes:
    assert old in WHOLE
    return WHOLE.replace(old, new).encode()


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"", 1, "a file starts with a line ---, its front matter and another line ---"),
        (b"# A title\n", 1, "a file starts with a line ---, its front matter and another line ---"),
        (
            b"---\nformat: 1\n",
            1,
            "a file starts with a line ---, its front matter and another line ---",
        ),
        (b"\xef\xbb\xbf" + WHOLE.encode(), 1, "save it as UTF-8 without a byte order mark"),
        (replaced("Somebody", "x" * 65_536), 1, "the file is larger than 64 KiB"),
        (WHOLE.encode().replace(b"Because", b"\xff"), 24, "this is not UTF-8"),
        (replaced("format: 1", "format: 2"), 2, "format 2 is unknown; this program reads format 1"),
        (replaced("format: 1\n", ""), 2, "the key “format” is missing"),
        (replaced("format: 1", "format: one"), 2, "must be a whole number"),
        (replaced(UUID_TEXT, "12"), 3, "must be text: put 12 in quotes"),
        (replaced(UUID_TEXT, "no-uuid"), 3, "this is no UUID"),
        (replaced(UUID_TEXT, UUID_TEXT.upper()), 3, f"write the UUID as {UUID_TEXT}"),
        (replaced("version: 3", "version: 0"), 4, "versions count from 1"),
        (replaced("version: 3", "version: 1.5"), 4, "must be a whole number"),
        (replaced("version: 3", "version: true"), 4, "must be a whole number"),
        (replaced("version: 3", "version: -1"), 4, "must be a whole number"),
        (replaced("'No: the penny'", "no"), 5, "must be text: put no in quotes"),
        (replaced("'No: the penny'", "2027-05-05"), 5, "must be text: put 2027-05-05 in quotes"),
        (replaced("'No: the penny'", ""), 5, "must be text: put it in quotes"),
        (replaced("'No: the penny'", "[a, b]"), 5, "must be text"),
        (replaced("'No: the penny'", "''"), 5, "The title is missing."),
        (replaced("'No: the penny'", "x" * 71), 5, "The title has 71 characters; at most 70 are"),
        (
            replaced("'No: the penny'", '"a\\u202Eb"'),
            5,
            "The title holds an invisible or control character, U+202E.",
        ),
        (
            replaced("'No: the penny'", '"a\\nBcc: b"'),
            5,
            "The title holds an invisible or control character, U+000A.",
        ),
        (replaced("title:", "name:"), 5, "unknown key “name”"),
        (replaced("minutes: 10", "difficulty: hard"), 7, "the key “difficulty” comes twice"),
        (
            replaced("difficulty: easy", "difficulty: fair"),
            6,
            "The difficulty must be one of easy,",
        ),
        (replaced("minutes: 10", "minutes: 500"), 7, "The minutes must lie between 1 and 480."),
        (replaced("minutes: 10", "minutes: ten"), 7, "must be a whole number"),
        (replaced("- '404'", "- 404"), 10, "must be text: put 404 in quotes"),
        (replaced("- '404'", '- "a\\0b"'), 10, "The tags holds an invisible or control character,"),
        (replaced("- '404'", "- [a]"), 10, "must be text"),
        (replaced("- '404'", "\n".join(f"- Tag {n}" for n in range(10))), 8, "more than 10 tags"),
        (replaced("tags:\n- Python\n- '404'", "tags: Python"), 8, "must be a list"),
        (
            replaced("licence: CC BY 4.0", "licence: " + "x" * 41),
            11,
            "The license has 41 characters",
        ),
        (replaced("  author: Somebody", "  editor: Me"), 15, "unknown key “editor”"),
        (
            replaced("https://example.org/thread", "javascript:alert(1)"),
            12,
            "The source's address must be a web address.",
        ),
        (replaced("- |\n  First.", "- ''\n- |\n  First."), 16, "A hint must not be empty."),
        (replaced("  Because.", "  Because.\x00"), 24, "unacceptable character #x0000"),
        (replaced("What is it?", ">" * 30 + " a"), 31, "Quotes, lists or emphasis are nested"),
        (replaced("  Because.", "  " + "*a " * 30 + "a*" * 30), 23, "Quotes, lists or emphasis"),
        (
            WHOLE.replace("solution: |\n  Because.", 'solution: "a\\x1Bb"\nx: |\n  y').encode(),
            24,
            "unknown key “x”",
        ),
        (replaced("What is it?", "a\x1bb"), 31, "The statement holds the control character U+001B"),
        (WHOLE.partition("What is it?")[0].encode(), 31, "The statement is missing."),
        (replaced("- Python", "- &a Python"), 9, "anchors and aliases are not allowed"),
        (replaced("- '404'", "- *a"), 10, "anchors and aliases are not allowed"),
        (replaced("minutes: 10", "minutes: !!int 10"), 7, "tags such as !!str are not allowed"),
        (replaced("minutes: 10", "<<: {minutes: 10}"), 7, "must be text: put << in quotes"),
        (replaced("minutes: 10", "minutes: {a: b"), 8, "did not find expected ',' or '}'"),
        (replaced("- '404'", "- " + "[" * 500), 10, "nested more than 16 deep"),
        (replaced("minutes: 10", "... \nminutes: 10"), 8, "did not find expected"),
    ],
)
def test_a_bad_file_is_refused_with_its_line_and_reason(data, line, reason):
    with pytest.raises(FileError) as refusal:
        parse(data)

    assert refusal.value.reason.startswith(reason)
    assert refusal.value.line == line


def test_a_bomb_of_aliases_is_refused_before_it_goes_off():
    bomb = "\n".join(
        ["a: &a [x, x, x, x, x, x, x, x, x]"]
        + [
            f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]"
            for n in range(9)
        ]
    )

    with pytest.raises(FileError) as refusal:
        parse(f"---\n{bomb}\n---\n\nS\n".encode())

    assert (refusal.value.line, refusal.value.reason) == (2, "anchors and aliases are not allowed")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("x" * 100, []),
        ("```\n" + "x" * 72 + "\n```", []),
        ("```python\n" + "x" * 73 + "\n```\n" + "y" * 90, [2]),
        ("~~~\n```\n" + "x" * 73 + "\n~~~", [3]),
        ("````\n```\n" + "x" * 73 + "\n````\n\n```\n" + "x" * 80, [3, 7]),
        ("a\n\n   ```text\n" + "é" * 73 + "\n   ```", [4]),
    ],
)
def test_wide_lines_of_code_are_found(text, lines):
    assert wide_code(text) == lines


def test_wide_code_is_a_warning_and_no_refusal():
    wide = "```text\n" + "x" * 73 + "\n```"
    data = replaced("What is it?", wide).replace(
        b"  Because.", f"  {wide}".replace("\n", "\n  ").encode()
    )

    assert parse(data).warnings == (
        "statement, line 2: code wider than 72 characters",
        "solution, line 2: code wider than 72 characters",
    )


one_line = st.text(
    st.characters(exclude_categories=["Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"]), max_size=40
)
many_lines = st.text(
    st.one_of(
        st.characters(exclude_categories=["Cs"]),
        st.sampled_from(["\n", "\n", " ", "\t", "-", "#", ":", "|", "'", '"', "`", "\u2028"]),
    ),
    max_size=60,
)


@given(
    version=st.integers(1, 999_999_999),
    tags=st.lists(
        st.sampled_from(["Python", "404", "no", "C#", "a: b", "日本語", "- x"]), max_size=4
    ),
    values=st.fixed_dictionaries(
        {
            "title": one_line.map(lambda text: f"T {text}"),
            "statement": many_lines.map(lambda text: f"{text}."),
            "difficulty": st.sampled_from(["", "easy", "medium", "hard"]),
            "estimated_minutes": st.one_of(st.none(), st.integers(1, 480)),
            "license": one_line,
            "hints": st.lists(many_lines.map(lambda text: f"{text}."), max_size=3),
            "solution": many_lines,
            "source_title": one_line,
            "source_url": st.sampled_from(["", "https://example.org/a?b=c#d"]),
            "source_author": one_line,
        }
    ),
)
@settings(max_examples=200, deadline=None)
def test_whatever_the_bank_may_hold_makes_the_round_trip(version, tags, values):
    try:
        content = clean(values)
    except InvalidInputError:
        # The bank would not hold it.
        reject()
    problem = ProblemFile(UUID(UUID_TEXT), version, tuple(tags), content)

    written = render(problem)

    assert parse(written) == problem
    assert render(parse(written)) == written
