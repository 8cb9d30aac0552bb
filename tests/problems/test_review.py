from datetime import UTC, datetime

import pytest
import time_machine

from apps.accounts.models import Role
from apps.core.errors import ConflictError, InvalidInputError, NotFoundError
from apps.problems.events import problem_archived
from apps.problems.models import Problem, RankedProblem
from apps.problems.services import (
    approve_problem,
    archive_problem,
    create_problem,
    reject_problem,
    restore_problem,
    submit_problem,
)
from apps.tags.models import Tag
from apps.tags.services import create_tag
from tests.factories import LONG_AGO, ProblemFactory, UserFactory
from tests.problems.lists import assert_lists_hold
from tests.staff import person

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 5, 5, 8, tzinfo=UTC)


@pytest.fixture
def tag() -> Tag:
    return create_tag(name="Go", tag_type="language")


def problem_in(status: str, tag: Tag, **fields: object) -> Problem:
    reviewed = status in ("approved", "archived")
    return ProblemFactory(
        status=status, approved_at=LONG_AGO if reviewed else None, tags=[tag], **fields
    )


STEPS = {
    "submit": lambda problem: submit_problem(problem_id=problem.pk),
    "approve": lambda problem: approve_problem(problem_id=problem.pk, by=None),
    "reject": lambda problem: reject_problem(problem_id=problem.pk, by=None, note="No."),
    "archive": lambda problem: archive_problem(problem_id=problem.pk),
    "restore": lambda problem: restore_problem(problem_id=problem.pk),
}
ALLOWED = {
    ("draft", "submit"): "pending",
    ("draft", "approve"): "approved",
    ("draft", "reject"): "rejected",
    ("pending", "approve"): "approved",
    ("pending", "reject"): "rejected",
    ("rejected", "submit"): "pending",
    ("approved", "archive"): "archived",
    ("archived", "restore"): "approved",
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("status", ["draft", "pending", "rejected", "approved", "archived"])
def test_each_status_allows_its_steps_and_no_other(tag, status, step):
    problem = problem_in(status, tag)
    before = Problem.objects.values().get()

    if (status, step) in ALLOWED:
        answered = STEPS[step](problem)

        problem.refresh_from_db()
        assert answered.status == problem.status == ALLOWED[status, step]
    else:
        with pytest.raises(ConflictError) as refusal:
            STEPS[step](problem)

        assert refusal.value.code == "wrong_status"
        assert status in refusal.value.detail
        assert Problem.objects.values().get() == before
    assert_lists_hold()


def test_approval_notes_who_when_and_that_a_person_looked(tag):
    problem, curator = problem_in("pending", tag, vetting_tier="tier3_needs_review"), UserFactory()

    with time_machine.travel(NOW, tick=False):
        approve_problem(problem_id=problem.pk, by=curator)

    problem.refresh_from_db()
    assert (problem.status, problem.approved_at) == ("approved", NOW)
    assert (problem.reviewed_by, problem.vetting_tier) == (curator, "tier1_manual")
    assert RankedProblem.objects.filter(problem=problem).count() == 2 * 32
    assert_lists_hold()


@pytest.mark.parametrize(
    ("tier", "by_a_person", "expected"),
    [
        ("tier2_ai", True, "tier2_ai"),
        ("", True, "tier1_manual"),
        ("", False, "tier3_needs_review"),
        ("tier1_manual", False, "tier1_manual"),
    ],
)
def test_the_tier_is_as_asked_for(tag, tier, by_a_person, expected):
    problem = problem_in("pending", tag, vetting_tier="tier3_needs_review")
    curator = UserFactory() if by_a_person else None

    approve_problem(problem_id=problem.pk, by=curator, vetting_tier=tier)

    problem.refresh_from_db()
    assert problem.vetting_tier == expected


def test_an_unknown_tier_is_refused(tag):
    problem = problem_in("pending", tag)

    with pytest.raises(InvalidInputError) as refusal:
        approve_problem(problem_id=problem.pk, by=None, vetting_tier="tier9")

    assert refusal.value.field == "vetting_tier"
    assert Problem.objects.get().status == "pending"


@pytest.mark.parametrize(
    ("fields", "missing"),
    [
        ({"solution": ""}, "a solution"),
        ({"difficulty": ""}, "a difficulty"),
        ({"tags": []}, "an approved tag"),
        ({"tags": ["Bun"]}, "an approved tag"),
        (
            {"solution": "", "difficulty": "", "tags": []},
            "a solution and a difficulty and an approved tag",
        ),
    ],
)
def test_an_incomplete_problem_is_not_approved(tag, fields, missing):
    whole = {"solution": "S", "difficulty": "easy", "tags": ["Go"]}
    problem = create_problem(title="T", statement="S", **(whole | fields))

    with pytest.raises(ConflictError) as refusal:
        approve_problem(problem_id=problem.pk, by=None)

    assert refusal.value.code == "incomplete"
    assert refusal.value.detail == f"An approved problem needs {missing}."
    assert Problem.objects.get().status == "draft"


@pytest.mark.parametrize("twin", [{"title": "THE LEAK"}, {"statement": "Where is it?"}])
def test_a_twin_of_an_approved_problem_needs_a_reason(tag, twin):
    approved = problem_in("approved", tag, title="The leak", statement="Where is it?", slug="leak")
    problem = problem_in("pending", tag, **twin)

    with pytest.raises(ConflictError) as refusal:
        approve_problem(problem_id=problem.pk, by=None)

    assert refusal.value.code == "twin"
    assert refusal.value.detail == (
        f"The approved problem “{approved.title}” (leak) says the same."
        " Give a reason to approve this one as well."
    )
    approve_problem(problem_id=problem.pk, by=None, override_reason="Another angle.")
    problem.refresh_from_db()
    assert (problem.status, problem.review_note) == ("approved", "Another angle.")


@pytest.mark.parametrize("status", ["draft", "pending", "archived", "rejected"])
def test_only_approved_problems_are_twins(tag, status):
    problem_in(status, tag, title="The leak", slug="leak")
    problem = problem_in("pending", tag, title="The leak")

    assert approve_problem(problem_id=problem.pk, by=None).status == "approved"


def test_a_rejection_keeps_its_note_until_it_is_submitted_again(tag):
    problem, curator = problem_in("pending", tag), UserFactory()

    reject_problem(problem_id=problem.pk, by=curator, note=" Too easy. ")

    problem.refresh_from_db()
    assert (problem.review_note, problem.reviewed_by) == ("Too easy.", curator)
    submit_problem(problem_id=problem.pk)
    problem.refresh_from_db()
    assert problem.review_note == ""


@pytest.mark.parametrize("note", ["", "  ", "x" * 501, "a\x00b"])
def test_a_rejection_needs_a_note(tag, note):
    problem = problem_in("pending", tag)

    with pytest.raises(InvalidInputError) as refusal:
        reject_problem(problem_id=problem.pk, by=None, note=note)

    assert refusal.value.field == "note"
    assert Problem.objects.get().status == "pending"


def test_archiving_tells_the_apps_above_and_restoring_brings_it_back(tag):
    problem, told = problem_in("approved", tag), []

    def listen(problem_id, **kwargs):
        told.append((problem_id, Problem.objects.get(pk=problem_id).status))

    problem_archived.connect(listen)
    try:
        archive_problem(problem_id=problem.pk, by=None, reason="Outdated.")
    finally:
        problem_archived.disconnect(listen)

    assert told == [(problem.pk, "archived")]
    problem.refresh_from_db()
    assert problem.review_note == "Outdated."
    assert not RankedProblem.objects.exists()
    restore_problem(problem_id=problem.pk)
    problem.refresh_from_db()
    assert (problem.status, problem.approved_at) == ("approved", LONG_AGO)
    assert_lists_hold()


def test_an_archived_problem_that_lost_its_tags_is_not_restored(tag):
    problem = problem_in("archived", tag)
    problem.problem_tags.all().delete()

    with pytest.raises(ConflictError) as refusal:
        restore_problem(problem_id=problem.pk)

    assert refusal.value.code == "incomplete"
    assert Problem.objects.get().status == "archived"


def test_an_author_has_at_most_five_waiting(tag):
    author = UserFactory()
    drafts = [problem_in("draft", tag, author=author) for _ in range(6)]
    problem_in("pending", tag, author=UserFactory())
    for draft in drafts[:5]:
        submit_problem(problem_id=draft.pk)

    with pytest.raises(ConflictError) as refusal:
        submit_problem(problem_id=drafts[5].pk)

    assert refusal.value.code == "too_many_pending"
    assert Problem.objects.get(pk=drafts[5].pk).status == "draft"


def test_a_curator_may_have_more_waiting(tag):
    curator = person(Role.CURATOR)

    for _ in range(6):
        submit_problem(problem_id=problem_in("draft", tag, author=curator).pk)

    assert Problem.objects.filter(status="pending").count() == 6


@pytest.mark.parametrize("step", STEPS)
def test_a_problem_that_is_not_there_is_not_found(step):
    with pytest.raises(NotFoundError):
        STEPS[step](Problem(pk=987654))
