from uuid import UUID

import pytest

from apps.core.errors import ConflictError, InvalidInputError
from apps.problems.models import Problem, ProblemTag, RankedProblem
from apps.problems.services import create_problem
from apps.tags.models import TagSuggestion
from apps.tags.services import create_tag, reject_suggestion, suggest_tag
from tests.factories import ProblemFactory, UserFactory

pytestmark = pytest.mark.django_db


def test_a_problem_starts_as_a_draft_of_its_author():
    author = UserFactory()
    create_tag(name="PostgreSQL", tag_type="tool", aliases=["Postgres"])

    problem = create_problem(
        title=" The index  that nobody uses ",
        statement="\n\nA query takes two seconds.\r\n\r\nWhy?\n",
        hints=["Look at the plan.\n", "Look at the cast."],
        solution="The cast.\n",
        difficulty="medium",
        estimated_minutes=15,
        source_title="A thread",
        source_url="https://example.org/thread",
        source_author="Somebody",
        license="CC BY 4.0",
        author=author,
        tags=["Postgres"],
    )

    saved = Problem.objects.values().get()
    assert saved.pop("created_at") <= saved.pop("updated_at")
    assert saved == {
        "id": problem.pk,
        "uuid": problem.uuid,
        "version": 1,
        "slug": "the-index-that-nobody-uses",
        "title": "The index that nobody uses",
        "statement": "A query takes two seconds.\n\nWhy?",
        "hints": ["Look at the plan.", "Look at the cast."],
        "solution": "The cast.",
        "difficulty": "medium",
        "estimated_minutes": 15,
        "status": "draft",
        "vetting_tier": "tier3_needs_review",
        "is_held": False,
        "author_id": author.pk,
        "source_title": "A thread",
        "source_url": "https://example.org/thread",
        "source_author": "Somebody",
        "license": "CC BY 4.0",
        "problem_metadata": {"suggested_tags": [], "rejected_tags": []},
        "review_note": "",
        "reviewed_by_id": None,
        "approved_at": None,
        "words": "'index':2A 'nobodi':4A 'queri':7B 'second':10B 'take':8B 'two':9B 'use':5A",
    }
    assert [tag.name for tag in problem.tags.all()] == ["PostgreSQL"]
    assert not RankedProblem.objects.exists()


def test_tags_are_given_as_ids_names_aliases_and_slugs_and_attach_once():
    react = create_tag(name="React", tag_type="framework", aliases=["ReactJS"])
    python = create_tag(name="Python", tag_type="language")
    csharp = create_tag(name="C#", tag_type="language")

    problem = create_problem(
        title="T", statement="S", tags=["ReactJS", python.pk, "c-sharp", "python", "REACT"]
    )

    links = ProblemTag.objects.filter(problem=problem).order_by("id")
    assert list(links.values_list("tag", flat=True)) == [react.pk, python.pk, csharp.pk]
    assert not TagSuggestion.objects.exists()


def test_a_name_wins_over_a_slug_that_looks_alike():
    create_tag(name="C#", tag_type="language")
    named = create_tag(name="c-sharp", tag_type="topic")

    problem = create_problem(title="T", statement="S", tags=["c-sharp"])

    assert list(problem.tags.all()) == [named]


def test_unknown_names_become_suggestions_that_the_problem_waits_for():
    author = UserFactory()

    problem = create_problem(
        title="T", statement="S", tags=["Bun", "  deno ", "BUN", "404"], author=author
    )

    assert problem.problem_metadata == {
        "suggested_tags": ["Bun", "deno", "404"],
        "rejected_tags": [],
    }
    assert set(TagSuggestion.objects.values_list("name", "source", "status")) == {
        ("Bun", "author", "pending"),
        ("deno", "author", "pending"),
        ("404", "author", "pending"),
    }
    assert author.tag_requests.count() == 3
    assert not problem.tags.exists()


def test_a_rejected_name_is_shown_to_the_author_and_not_asked_for_again():
    suggestion, _ = suggest_tag(name="Blub", source="user")
    reject_suggestion(suggestion_id=suggestion.pk, by=None, note="Not a thing.")

    problem = create_problem(title="T", statement="S", tags=["blub"])

    assert problem.problem_metadata == {
        "suggested_tags": [],
        "rejected_tags": [{"name": "blub", "note": "Not a thing."}],
    }
    assert TagSuggestion.objects.get().status == "rejected"


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("C++ or C#?", "c-plus-plus-or-c-sharp"),
        ("404", "problem-404"),
        ("Feed", "problem-feed"),
        ("New", "problem-new"),
        ("What .NET does", "what-net-does"),
    ],
)
def test_slugs_are_readable_and_contain_a_letter(title, slug):
    assert create_problem(title=title, statement="S").slug == slug


def test_a_title_that_ascii_cannot_spell_gets_its_id_as_slug():
    problem = create_problem(title="日本語", statement="S")

    assert problem.slug == f"problem-{problem.pk}"


def test_a_taken_slug_gets_a_number():
    slugs = [create_problem(title="The leak", statement=f"S{n}").slug for n in range(3)]
    long = [create_problem(title="#" * 70, statement=f"S{n}").slug for n in range(2)]

    assert slugs == ["the-leak", "the-leak-2", "the-leak-3"]
    assert [len(slug) <= 100 for slug in long] == [True, True]
    assert long[0] != long[1]


def test_what_is_brought_along_is_kept():
    uuid = UUID("693dfe1b-a0e8-416a-be41-dbe4ea9e68c3")

    problem = create_problem(
        title="T",
        statement="S",
        uuid=uuid,
        version=7,
        slug="mine",
        vetting_tier="tier2_ai",
        tags=["Bun"],
        suggestion_source="pipeline",
    )

    assert (problem.uuid, problem.version, problem.slug) == (uuid, 7, "mine")
    assert problem.vetting_tier == "tier2_ai"
    assert TagSuggestion.objects.get().source == "pipeline"


def test_a_uuid_or_slug_that_another_has_is_refused():
    other = ProblemFactory(slug="mine")

    with pytest.raises(ConflictError) as by_uuid:
        create_problem(title="T", statement="S", uuid=other.uuid)
    with pytest.raises(ConflictError) as by_slug:
        create_problem(title="T", statement="S", slug="mine")

    assert (by_uuid.value.code, by_slug.value.code) == ("uuid_taken", "slug_taken")
    assert Problem.objects.get() == other


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"title": ""}, "title", "blank"),
        ({"title": " \t".strip()}, "title", "blank"),
        ({"title": "x" * 71}, "title", "max_length"),
        ({"title": "a\nb"}, "title", "invisible_character"),
        ({"title": "a\r\nBcc: v@example.org"}, "title", "invisible_character"),
        ({"title": "a\u2028b"}, "title", "invisible_character"),
        ({"title": "a\x00b"}, "title", "invisible_character"),
        ({"title": "a\u202eb"}, "title", "invisible_character"),
        ({"statement": " \n "}, "statement", "blank"),
        ({"statement": "a\x00b"}, "statement", "control_character"),
        ({"statement": "a\x1bb"}, "statement", "control_character"),
        ({"statement": "\ud800"}, "statement", "control_character"),
        ({"statement": "x" * 60_000}, "statement", "max_length"),
        ({"statement": "é" * 30_000}, "statement", "max_length"),
        ({"solution": "x\n" * 20_000}, "statement", "max_length"),
        ({"solution": "a\x7fb"}, "solution", "control_character"),
        ({"statement": ">" * 30 + " a"}, "statement", "markdown_too_deep"),
        ({"solution": "[" * 20_000}, "solution", "markdown_too_complex"),
        ({"hints": ["a", "*a " * 30 + "a*" * 30]}, "hints", "markdown_too_deep"),
        ({"hints": ["a", " "]}, "hints", "blank"),
        ({"hints": ["a\x00"]}, "hints", "control_character"),
        ({"hints": ["a"] * 11}, "hints", "max_length"),
        ({"difficulty": "fair"}, "difficulty", "invalid_choice"),
        ({"estimated_minutes": 0}, "estimated_minutes", "invalid"),
        ({"estimated_minutes": 481}, "estimated_minutes", "invalid"),
        ({"source_url": "javascript:alert(1)"}, "source_url", "invalid"),
        ({"source_url": "example"}, "source_url", "invalid"),
        ({"source_title": "x" * 201}, "source_title", "max_length"),
        ({"source_author": "a\nb"}, "source_author", "invisible_character"),
        ({"license": "x" * 41}, "license", "max_length"),
        ({"vetting_tier": "tier9"}, "vetting_tier", "invalid_choice"),
        ({"slug": "new"}, "slug", "route_word"),
        ({"slug": "404"}, "slug", "invalid"),
        ({"tags": [987654]}, "tags", "not_found"),
        ({"tags": ["a\u200b"]}, "tags", "invisible_character"),
        ({"tags": ["a\x00"]}, "tags", "invisible_character"),
        ({"tags": [""]}, "tags", "blank"),
        ({"tags": [f"Tag {n}" for n in range(11)]}, "tags", "max_length"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(fields, field, code):
    with pytest.raises(InvalidInputError) as refusal:
        create_problem(**({"title": "T", "statement": "S"} | fields))

    assert (refusal.value.field, refusal.value.code) == (field, code)
    assert not Problem.objects.exists()
    assert not TagSuggestion.objects.exists()


def test_markdown_keeps_its_tabs_and_inner_spaces():
    problem = create_problem(title="T", statement="    code\n\tmore  \n\nend", solution="  \n a ")

    assert problem.statement == "    code\n\tmore  \n\nend"
    assert problem.solution == " a"
