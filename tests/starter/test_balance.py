"""The bank as a whole: enough for everybody, nothing twice."""

import re
from collections import Counter
from itertools import combinations

import pytest
from rapidfuzz import fuzz
from rapidfuzz.distance import Indel

from tests.starter.bank import SLUGS, problem, prose, tags, texts

# What most subscribers tick; the sign-up page offers these roots first.
INTERESTS = [
    "Languages", "Databases", "Web and APIs", "Distributed systems", "Security", "Operations",
    "Performance", "Testing", "Algorithms", "Concurrency", "System design", "Craft",
]  # fmt: skip
# Of 100. Unrelated titles share letters and little words and reach 58; "The export that slows down
# as it goes" and "The export that skips rows", two subjects in one shape, would have 67.
TITLES_ALIKE = 63
# Per cent of words in common, of those with four letters and more, in any order. Two problems of
# one field reach 36; one with every fourth word replaced and its lines turned round keeps 60 and
# more, as the last test shows.
TEXTS_ALIKE = 45


def content_words(text: str) -> list[str]:
    return sorted(set(re.findall(r"[a-z]{4,}", text.lower())))


def alike(one: list[str], other: list[str]) -> float:
    # Of sorted words without repetitions, the longest common subsequence is what both have.
    return 100 * Indel.normalized_similarity(one, other)


def roots_of(slug: str) -> set[str]:
    root = {tag.path[-1]: tag.path[0] for tag in tags()}
    return {root[name] for name in problem(slug).tags}


def test_there_are_sixty_problems_or_more() -> None:
    assert len(SLUGS) >= 60


def test_a_third_of_them_is_of_each_difficulty() -> None:
    counts = Counter(problem(slug).content["difficulty"] for slug in SLUGS)

    for difficulty in ("easy", "medium", "hard"):
        assert counts[difficulty] == pytest.approx(len(SLUGS) / 3, rel=0.1)


@pytest.mark.parametrize("interest", INTERESTS)
def test_every_interest_has_five_problems_or_more(interest: str) -> None:
    assert sum(interest in roots_of(slug) for slug in SLUGS) >= 5


def test_nothing_is_there_twice() -> None:
    files = [problem(slug) for slug in SLUGS]

    assert len({file.uuid for file in files}) == len(files)
    assert len({file.content["title"].casefold() for file in files}) == len(files)
    assert len({frozenset(file.tags) for file in files}) == len(files)


def test_no_two_titles_are_alike() -> None:
    titles = [problem(slug).content["title"] for slug in SLUGS]

    assert [
        pair for pair in combinations(titles, 2) if fuzz.token_sort_ratio(*pair) > TITLES_ALIKE
    ] == []


@pytest.mark.parametrize("place", ["statement", "solution"])
def test_no_two_texts_are_alike(place: str) -> None:
    words = {slug: content_words(prose(texts(slug)[place])) for slug in SLUGS}

    assert [
        pair for pair in combinations(SLUGS, 2) if alike(*map(words.get, pair)) > TEXTS_ALIKE
    ] == []


@pytest.mark.parametrize("slug", SLUGS)
def test_a_reworded_copy_would_be_noticed(slug: str) -> None:
    lines = prose(texts(slug)["statement"]).split("\n")
    reworded = re.sub(r"(\S+\s+\S+\s+\S+\s+)\S+", r"\1otherwise", "\n".join(reversed(lines)))

    assert alike(content_words("\n".join(lines)), content_words(reworded)) >= 60
