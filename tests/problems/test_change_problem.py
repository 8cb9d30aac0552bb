import pytest

from apps.core.errors import ConflictError, InvalidInputError, NotFoundError
from apps.problems.models import Problem, ProblemSuggestion
from apps.problems.services import approve_problem, change_problem, create_problem
from apps.tags.models import TagSuggestion
from apps.tags.services import create_tag
from tests.problems.lists import assert_lists_hold

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft() -> Problem:
    create_tag(name="Python", tag_type="language", aliases=["py"])
    create_tag(name="Go", tag_type="language")
    return create_problem(
        title="The leak",
        statement="Where is it?",
        solution="There.",
        hints=["Look."],
        difficulty="easy",
        tags=["Python", "Bun"],
    )


@pytest.fixture
def approved(draft) -> Problem:
    return approve_problem(problem_id=draft.pk, by=None)


def state(problem: Problem) -> tuple[dict, list[str]]:
    links = problem.problem_tags.order_by("id").select_related("tag")
    return Problem.objects.values().get(pk=problem.pk), [link.tag.name for link in links]


@pytest.mark.parametrize(
    "changes",
    [
        {"title": "The other leak"},
        {"statement": "Where?"},
        {"hints": ["Look.", "Look again."]},
        {"solution": "Here."},
        {"difficulty": "hard"},
        {"estimated_minutes": 20},
        {"source_title": "A thread"},
        {"source_url": "https://example.org/"},
        {"source_author": "Somebody"},
        {"license": "CC0"},
        {"tags": ["Go"]},
        {"tags": []},
        {"title": "The other leak", "statement": "Where?", "tags": ["Go"]},
    ],
)
def test_the_version_rises_once_when_a_reader_sees_a_difference(draft, changes):
    changed = change_problem(problem_id=draft.pk, **changes)

    assert changed.version == 2
    for field, value in changes.items():
        if field != "tags":
            assert getattr(changed, field) == value


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"title": " The leak "},
        {"statement": "Where is it?\n"},
        {"hints": ("Look.",)},
        {"tags": ["py", "bun"]},
        {"tags": ["Python"]},
        {"tags": ["Python", "Deno"]},
        {"vetting_tier": "tier2_ai"},
    ],
)
def test_the_version_stays_when_a_reader_sees_none(draft, changes):
    assert change_problem(problem_id=draft.pk, **changes).version == 1


def test_the_slug_stays_when_the_title_changes(draft):
    assert change_problem(problem_id=draft.pk, title="Another").slug == "the-leak"


def test_what_it_waits_for_follows_the_tags(draft):
    changed = change_problem(problem_id=draft.pk, tags=["Go", "Deno"])

    assert changed.problem_metadata == {"suggested_tags": ["Deno"], "rejected_tags": []}
    assert state(draft)[1] == ["Go"]
    assert ProblemSuggestion.objects.get().suggestion.name == "Deno"
    assert set(TagSuggestion.objects.values_list("name", flat=True)) == {"Bun", "Deno"}


def test_the_order_of_the_tags_is_kept_as_given(draft):
    change_problem(problem_id=draft.pk, tags=["Go", "Python"])

    assert state(draft)[1] == ["Go", "Python"]


def test_lists_and_counts_follow_an_approved_problem(approved):
    change_problem(problem_id=approved.pk, tags=["Go"], difficulty="hard")
    assert_lists_hold()

    change_problem(problem_id=approved.pk, vetting_tier="tier3_needs_review")
    assert_lists_hold()


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        ({"solution": ""}, "a solution"),
        ({"difficulty": ""}, "a difficulty"),
        ({"tags": []}, "an approved tag"),
        ({"tags": ["Bun"]}, "an approved tag"),
        ({"tags": [], "solution": "  "}, "a solution and an approved tag"),
    ],
)
def test_an_approved_problem_stays_complete(approved, changes, missing):
    before = state(approved)

    with pytest.raises(ConflictError) as refusal:
        change_problem(problem_id=approved.pk, **changes)

    assert refusal.value.code == "incomplete"
    assert refusal.value.detail == f"An approved problem needs {missing}."
    assert state(approved) == before


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"statement": "x" * 60_000}, "statement"),
        ({"hints": ["x" * 30_000] * 2}, "statement"),
        ({"tags": [987654]}, "tags"),
        ({"tags": ["\u200b"]}, "tags"),
        ({"vetting_tier": ""}, "vetting_tier"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_touched(draft, changes, field):
    before = state(draft)

    with pytest.raises(InvalidInputError) as refusal:
        change_problem(problem_id=draft.pk, **({"solution": "New."} | changes))

    assert refusal.value.field == field
    assert state(draft) == before


def test_a_problem_that_is_not_there_is_not_found():
    with pytest.raises(NotFoundError):
        change_problem(problem_id=987654, title="T")
