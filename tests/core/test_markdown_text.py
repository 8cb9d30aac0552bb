import pytest

from apps.core.markdown import to_text


def test_prose_is_wrapped_and_code_is_not():
    source = "word " * 30 + "\n\n```python run\n" + "x" * 100 + "\n\n    y  = 1\n```\n\nEnd.\n"

    text = to_text(source)

    assert text == (
        f"{' '.join(['word'] * 14)}\n" * 2
        + "word word\n\n```python\n"
        + "x" * 100
        + "\n\n    y  = 1\n```\n\nEnd."
    )
    assert max(len(line) for line in text.splitlines() if not line.startswith("x")) <= 72


def test_emphasis_code_and_links_are_spelled_out():
    source = "*a* **b** `c d` [e](https://example.org) <https://example.org/f> <g@example.org>"

    assert to_text(source, width=200) == (
        "_a_ *b* `c d` e (https://example.org) https://example.org/f g@example.org"
    )


def test_an_address_is_never_broken():
    address = "https://example.org/" + "a" * 80

    assert to_text(f"Look [here]({address}) now.") == f"Look here\n({address})\nnow."


def test_lists_hang_and_nest():
    source = (
        "- one\n- two two two two two two two\n  - inner\n\n    ```\n    code\n    ```\n"
        "- three\n\n9. nine\n10. ten\n"
    )

    assert to_text(source, width=28) == (
        "- one\n- two two two two two two\n  two\n  - inner\n\n    ```\n    code\n    ```\n\n"
        "- three\n\n9. nine\n10. ten"
    )


def test_a_loose_list_keeps_its_distance():
    assert to_text("- a\n\n  b\n\n- c\n") == "- a\n\n  b\n\n- c"


def test_empty_items_stay():
    assert to_text("- a\n-\n- c\n") == "- a\n-\n- c"


def test_headings_are_underlined():
    assert to_text("# One\n\n### Two\n\ntext") == "One\n===\n\nTwo\n---\n\ntext"


def test_quotes_and_callouts_have_a_bar():
    source = "> quoted\n>\n> - a\n> - b\n\n> [!NOTE]\n> mind\n>\n> this\n\nend"

    assert to_text(source) == ("> quoted\n>\n> - a\n> - b\n\n| Note:\n| mind\n|\n| this\n\nend")


def test_a_narrow_table_stands_in_columns():
    source = "| a | long head |\n|---|--:|\n| `x` | 1 |\n| yy | |\n"

    assert to_text(source) == ("a    long head\n---  ---------\n`x`  1\nyy")


def test_a_wide_table_becomes_records():
    source = "| name | what |\n|---|---|\n| a | " + "word " * 8 + "|\n| b | c |\n"

    assert to_text(source, width=24) == (
        "name: a\nwhat: word word word\n  word word word word\n  word\n\nname: b\nwhat: c"
    )


def test_a_table_of_a_head_alone():
    assert to_text("|a|b|\n|-|-|\n") == "a  b\n-  -"


def test_images_are_words_and_raw_html_is_shown():
    assert to_text("![alt](https://example.org/x.png) <b>") == "alt <b>"


def test_hard_breaks_break():
    assert to_text("a\\\nb  \nc\nd") == "a\nb\nc d"


@pytest.mark.parametrize("source", ["", "\n\n", "[a]: https://example.org\n"])
def test_nothing_to_say(source):
    assert to_text(source) == ""


def test_a_fence_of_backticks_is_fenced_by_something_else():
    assert to_text("~~~~\n```\na\n```\n~~~~") == "~~~~\n```\na\n```\n~~~~"
