import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.cells import guard, unguard


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\t=1", "\r", "＝1", "'=1", "''@"])
def test_what_could_be_a_formula_becomes_text(text):
    assert guard(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "C++", "a=b", "'tis", "' =", "1", ".NET", "日本語"])
def test_everything_else_stays_as_it_is(text):
    assert guard(text) == text


@given(st.text() | st.from_regex(r"'*[=+@-].*"))
def test_whatever_the_text_it_is_read_back_as_it_was(text):
    assert unguard(guard(text)) == text
    assert guard(text)[:1] not in set("=+-@＝＋－＠\t\r\n\x00")
