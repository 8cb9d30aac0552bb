import pytest

from apps.core.errors import ConflictError, InvalidInputError
from apps.tags.errors import NameTakenError
from apps.tags.events import tree_changed
from apps.tags.models import Tag, TagName, TagSuggestion
from apps.tags.selectors import tree_faults
from apps.tags.services import create_tag, suggest_tag
from tests.tags.outlines import outline, plant

pytestmark = pytest.mark.django_db


def test_a_tag_is_created_with_all_its_names():
    tag = create_tag(
        name="React",
        tag_type="framework",
        description="Components.",
        is_featured=True,
        aliases=["ReactJS", "React.js"],
    )

    saved = Tag.objects.get()
    assert (saved.name, saved.slug, saved.tag_type) == ("React", "react", "framework")
    assert (saved.description, saved.is_featured, saved.level) == ("Components.", True, 0)
    assert list(tag.names.order_by("id").values_list("name", "normalized", "kind")) == [
        ("React", "react", "primary"),
        ("ReactJS", "reactjs", "alias"),
        ("React.js", "react.js", "alias"),
    ]


def test_a_tag_becomes_the_last_child_of_its_parent():
    tags = plant({"Languages": {"Python": {}}, "Tools": {}})

    create_tag(name="Go", tag_type="language", parent_id=tags["Languages"].pk)
    create_tag(name="Levels", tag_type="skill_level")

    assert outline() == {"Languages": {"Python": {}, "Go": {}}, "Tools": {}, "Levels": {}}
    assert tree_faults() == []


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("C", "c"),
        ("C++", "c-plus-plus"),
        ("C#", "c-sharp"),
        ("F#", "f-sharp"),
        (".NET", "dot-net"),
        ("Node.js", "node-js"),
        ("CI/CD", "ci-cd"),
        ("Café", "cafe"),
        ("404", "tag-404"),
        ("Tree", "tag-tree"),
        ("null", "tag-null"),
        ("#" * 60, ("-sharp" * 60)[1:81].strip("-")),
    ],
)
def test_slugs_are_readable_and_contain_a_letter(name, slug):
    if name.startswith("##"):
        name = "C" + name[1:]
        slug = ("c" + "-sharp" * 60)[:80].strip("-")

    assert create_tag(name=name, tag_type="language").slug == slug


def test_a_name_that_ascii_cannot_spell_gets_its_id_as_slug():
    tag = create_tag(name="日本語", tag_type="language")

    assert tag.slug == f"tag-{tag.pk}"


def test_a_taken_slug_gets_a_number():
    slugs = [create_tag(name=name, tag_type="topic").slug for name in ("C#", "C sharp", "C-sharp")]

    assert slugs == ["c-sharp", "c-sharp-2", "c-sharp-3"]


def test_the_slug_of_a_merged_tag_is_not_given_away():
    tag = create_tag(name="PostgreSQL", tag_type="tool")
    TagName.objects.create(tag=tag, name="pg", normalized="pg-sql", kind="redirect")

    assert create_tag(name="PG SQL", tag_type="tool").slug == "pg-sql-2"


def test_a_slug_may_be_chosen():
    assert create_tag(name="Go", tag_type="language", slug="golang").slug == "golang"


@pytest.mark.parametrize(
    "slug", ["tree", "null", "404", "Go", "go--lang", "-go", "go lang", "x" * 81]
)
def test_a_slug_that_cannot_be_one_is_refused(slug):
    with pytest.raises(InvalidInputError) as refusal:
        create_tag(name="Go", tag_type="language", slug=slug)

    assert refusal.value.field == "slug"
    assert not Tag.objects.exists()


def test_a_chosen_slug_that_another_tag_has_is_refused():
    create_tag(name="Go", tag_type="language")

    with pytest.raises(NameTakenError, match="“go” already names the tag “Go”"):
        create_tag(name="Golang", tag_type="language", slug="go")

    assert Tag.objects.count() == 1


@pytest.mark.parametrize("name", ["PYTHON", "Ｐｙｔｈｏｎ", " python ", "py", "PY"])
def test_a_name_is_unique_whatever_its_case_and_width_and_whether_name_or_alias(name):
    create_tag(name="Python", tag_type="language", aliases=["Py"])

    with pytest.raises(NameTakenError) as refusal:
        create_tag(name=name, tag_type="language")

    assert refusal.value.code == "tag_name_taken"
    assert refusal.value.tag.name == "Python"
    assert refusal.value.detail == f"“{name.strip()}” already names the tag “Python”."
    assert Tag.objects.count() == 1


def test_a_name_is_unique_whatever_its_composition():
    create_tag(name="Café", tag_type="topic")

    with pytest.raises(NameTakenError):
        create_tag(name="Cafe\u0301", tag_type="topic")


def test_an_alias_that_another_tag_answers_to_is_refused():
    create_tag(name="React", tag_type="framework", aliases=["ReactJS"])

    with pytest.raises(NameTakenError, match="“reactjs” already names the tag “React”"):
        create_tag(name="Preact", tag_type="framework", aliases=["reactjs"])

    assert Tag.objects.count() == 1


def test_repeated_aliases_are_kept_once():
    tag = create_tag(name="Go", tag_type="language", aliases=["Golang", "golang", "GO"])

    assert sorted(tag.names.values_list("name", flat=True)) == ["Go", "Golang"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("", "blank"),
        ("  ", "blank"),
        ("+-/", "blank"),
        ("Py\u200bthon", "invisible_character"),
        ("Py\u202ethon", "invisible_character"),
        ("Py\ufe0fthon", "invisible_character"),
        ("Py\x00thon", "invisible_character"),
        ("Py\nthon", "invisible_character"),
        ("Py\u2028thon", "invisible_character"),
        ("Py\ud800thon", "invisible_character"),
        ("x" * 61, "max_length"),
        ("\ufdfa" * 12, "max_length"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused(name, code):
    with pytest.raises(InvalidInputError) as refusal:
        create_tag(name=name, tag_type="language")

    assert (refusal.value.code, refusal.value.field) == (code, "name")
    assert not Tag.objects.exists()


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"tag_type": "vegetable"}, "tag_type", "invalid_choice"),
        ({"parent_id": 987654}, "parent", "not_found"),
        ({"description": "x" * 301}, "description", "max_length"),
        ({"aliases": ["\u200b"]}, "aliases", "invisible_character"),
        ({"aliases": [f"Alias {n}" for n in range(31)]}, "aliases", "max_length"),
    ],
)
def test_other_fields_that_cannot_be_are_refused(fields, field, code):
    with pytest.raises(InvalidInputError) as refusal:
        create_tag(**({"name": "Go", "tag_type": "language"} | fields))

    assert (refusal.value.field, refusal.value.code) == (field, code)
    assert not Tag.objects.exists()
    assert not TagName.objects.exists()


def test_the_tree_is_at_most_six_deep():
    parent_id = None
    for level in range(6):
        parent_id = create_tag(name=f"Level {level}", tag_type="topic", parent_id=parent_id).pk

    with pytest.raises(ConflictError) as refusal:
        create_tag(name="Too deep", tag_type="topic", parent_id=parent_id)

    assert refusal.value.code == "tag_too_deep"
    assert Tag.objects.count() == 6


def test_whoever_waits_for_a_name_is_served_when_the_tag_is_created():
    suggest_tag(name="bun", source="user")
    suggest_tag(name="Bun.js", source="user")
    suggest_tag(name="Deno", source="user")

    tag = create_tag(name="Bun", tag_type="tool", aliases=["Bun.js"])

    states = TagSuggestion.objects.order_by("id").values_list("name", "status", "resolved_tag")
    assert list(states) == [
        ("bun", "approved", tag.pk),
        ("Bun.js", "merged", tag.pk),
        ("Deno", "pending", None),
    ]


def test_the_apps_above_are_told(monkeypatch):
    told = []
    listener = lambda tag_ids, **kwargs: told.append(tag_ids)  # noqa: E731 -- kept alive by name
    tree_changed.connect(listener)

    try:
        tag = create_tag(name="Go", tag_type="language")
    finally:
        tree_changed.disconnect(listener)

    assert told == [{tag.pk}]
