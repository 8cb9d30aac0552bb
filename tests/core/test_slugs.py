import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.errors import InvalidInputError
from apps.core.slugs import SlugRules

RULES = SlugRules("tag", 20, frozenset({"tree"}))


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("C++", "c-plus-plus"),
        ("F#", "f-sharp"),
        (".NET", "dot-net"),
        ("Node.js", "node-js"),
        ("404", "tag-404"),
        ("1+1", "1-plus1"),
        ("日本語", "tag-7"),
        ("", "tag-7"),
        ("TREE", "tag-tree"),
        ("a very long name indeed", "a-very-long-name-ind"),
        ("1" * 30, "tag-1111111111111111"),
    ],
)
def test_a_slug_is_derived(text, slug):
    assert RULES.derive(text, number=7) == slug


@pytest.mark.parametrize("slug", ["a", "a1", "1a", "a-b-3"])
def test_a_slug_chosen_by_hand_stays_as_it_is(slug):
    assert RULES.check(slug) == slug


@pytest.mark.parametrize(
    "slug", ["", "1", "1-2", "A", "a b", "a--b", "-a", "a-", "é", "a" * 21, "a\n"]
)
def test_what_is_no_slug_is_refused(slug):
    assert not RULES.is_shaped(slug)
    with pytest.raises(InvalidInputError) as refusal:
        RULES.check(slug)

    assert refusal.value.field == "slug"


def test_a_route_word_is_refused():
    with pytest.raises(InvalidInputError) as refusal:
        RULES.check("tree")

    assert refusal.value.code == "route_word"


@pytest.mark.parametrize(
    ("base", "taken", "slug"),
    [
        ("go", set(), "go"),
        ("go", {"go"}, "go-2"),
        ("go", {"go", "go-2", "go-3"}, "go-4"),
        ("a" * 20, {"a" * 20}, "a" * 18 + "-2"),
        ("a" * 17 + "-bb", {"a" * 17 + "-bb"}, "a" * 17 + "-2"),
    ],
)
def test_a_taken_slug_gets_the_first_free_number(base, taken, slug):
    assert RULES.first_free(base, taken) == slug


@given(st.text(), st.integers(1, 10**9))
def test_whatever_the_text_its_slug_can_be_one(text, number):
    slug = RULES.derive(text, number=number)

    assert RULES.check(slug) == slug
    assert RULES.is_shaped(RULES.first_free(slug, {slug}))
