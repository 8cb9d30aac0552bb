import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.errors import InvalidInputError
from apps.core.plain_text import many_lines, one_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", ""),
        ("  a  b ", "a b"),
        ("a\u00a0b", "a b"),
        ("Cafe\u0301", "Café"),
        ("日本語", "日本語"),
        ("naïve — “quoted” 🎉", "naïve — “quoted” 🎉"),
    ],
)
def test_a_line_is_composed_and_its_white_space_collapsed(text, line):
    assert one_line(text, field="title", limit=50) == line


@pytest.mark.parametrize(
    "character",
    list("\x00\x07\t\n\r\x1b\x7f\x85\xad\u034f\u061c\u115f\u200b\u200d\u200e\u2028\u2029")
    + list("\u202e\u2060\u2066\u2800\u3164\ud800\ue000\ufe0f\ufeff\uffa0\ufff9\uffff")
    + ["\U000e0041", "\U000e0100", "\U0010ffff"],
)
def test_what_cannot_be_seen_is_refused_in_a_line(character):
    with pytest.raises(InvalidInputError) as refusal:
        one_line(f"a{character}b", field="source_title", limit=50)

    assert (refusal.value.field, refusal.value.code) == ("source_title", "invisible_character")
    assert refusal.value.detail == (
        f"The source title holds an invisible or control character, U+{ord(character):04X}."
    )


def test_a_line_has_a_limit_after_it_is_collapsed():
    assert one_line(" x " + " " * 50 + "y", field="title", limit=3) == "x y"
    with pytest.raises(InvalidInputError) as refusal:
        one_line("xxxx", field="title", limit=3)

    assert (refusal.value.code, refusal.value.detail) == (
        "max_length",
        "The title has 4 characters; at most 3 are allowed.",
    )


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", ""),
        (" \n\t\n", ""),
        ("\n\n  a\n\n b\n\n", "  a\n\n b"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("\ta\u202eb\u200b", "\ta\u202eb\u200b"),
    ],
)
def test_lines_keep_what_markdown_needs(text, kept):
    assert many_lines(text, field="statement") == kept


@pytest.mark.parametrize("character", list("\x00\x01\x08\x0b\x0c\x1b\x7f\x80\x85\x9f\ud800\udfff"))
def test_what_cannot_be_stored_or_shown_is_refused_in_lines(character):
    with pytest.raises(InvalidInputError) as refusal:
        many_lines(f"a\nb{character}", field="solution")

    assert (refusal.value.field, refusal.value.code) == ("solution", "control_character")
    assert refusal.value.detail == (
        f"The solution holds the control character U+{ord(character):04X}, in line 2."
    )


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text):
    for clean in (lambda t: one_line(t, field="a", limit=999), lambda t: many_lines(t, field="a")):
        try:
            once = clean(text)
        except InvalidInputError:
            continue
        assert clean(once) == once


@given(st.text())
def test_whatever_is_accepted_can_be_stored_and_mailed_as_a_subject(text):
    try:
        line = one_line(text, field="a", limit=999)
    except InvalidInputError:
        return
    assert line.encode().decode() == line
    assert not {unicodedata.category(character) for character in line} & {"Cc", "Zl", "Zp"}
