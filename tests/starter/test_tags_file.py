"""The tree of tags that an installation starts with."""

from collections import Counter

from apps.core.text import normalize, slugify
from apps.tags.models import TagType
from apps.tags.names import TAG_SLUGS, clean_name
from apps.tags.tag_file import TagEntry, parse, render
from tests.starter.bank import BANK, tags

# Names that everybody uses and that must lead to the tag.
EXPECTED = {
    "ReactJS": "React", "k8s": "Kubernetes", "golang": "Go", "Postgres": "PostgreSQL",
    "JS": "JavaScript", "TS": "TypeScript", "NodeJS": "Node.js", "py": "Python", "cpp": "C++",
    "csharp": "C#", "dotnet": ".NET", "Rails": "Ruby on Rails", "regex": "Regular expressions",
    "XSS": "Cross-site scripting", "a11y": "Accessibility", "Mongo": "MongoDB",
}  # fmt: skip


def names(entry: TagEntry) -> list[str]:
    return [entry.name, *entry.aliases]


def test_the_file_is_just_what_an_export_writes() -> None:
    data = (BANK / "tags.yaml").read_bytes()

    assert render(parse(data)) == data


def test_there_are_a_hundred_and_sixty_or_more_of_all_seven_types() -> None:
    types = Counter(tag.entry.tag_type for tag in tags())

    assert types.total() >= 160
    assert set(types) == set(TagType.values)


def test_the_tree_is_at_most_four_deep() -> None:
    assert max(len(tag.path) for tag in tags()) <= 4


def test_every_name_is_one_a_tag_may_have() -> None:
    for tag in tags():
        for name in names(tag.entry):
            assert clean_name(name).name == name
        assert TAG_SLUGS.check(slugify(tag.path[-1]))


def test_no_name_alias_or_slug_is_there_twice() -> None:
    every = Counter(normalize(name) for tag in tags() for name in names(tag.entry))
    slugs = Counter(slugify(tag.path[-1]) for tag in tags())

    assert [name for name, count in every.items() if count > 1] == []
    assert [slug for slug, count in slugs.items() if count > 1] == []


def test_a_description_is_one_short_line() -> None:
    for tag in tags():
        description = tag.entry.description
        assert "\n" not in description
        assert 15 <= len(description) <= 72
        assert description.endswith(".")


def test_the_names_people_type_lead_to_the_tag() -> None:
    index = {normalize(name): tag.path[-1] for tag in tags() for name in names(tag.entry)}

    assert {typed: index.get(normalize(typed)) for typed in EXPECTED} == EXPECTED


def test_levels_are_only_under_levels() -> None:
    levels = {tag.path[-1] for tag in tags() if tag.entry.tag_type == "skill_level"}

    assert levels == {tag.path[-1] for tag in tags() if tag.path[0] == "Levels"}


def test_each_root_but_levels_is_an_interest_worth_having() -> None:
    below = Counter(tag.path[0] for tag in tags())

    assert all(count >= 4 for count in below.values())
