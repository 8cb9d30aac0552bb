"""Suggested names over HTTP: asking, reading, deciding."""

import pytest

from apps.problems.services import create_problem
from apps.tags.models import Tag, TagSuggestion, TagSuggestionRequest
from apps.tags.services import approve_suggestion, reject_suggestion, suggest_tag
from tests.api import FORBIDDEN, METHOD_NOT_ALLOWED, NOT_AUTHENTICATED, Caller, pointers, problem
from tests.factories import UserFactory
from tests.tags.outlines import plant

PATH = "/api/tag-suggestions/"
# Who calls and what may they (3), how many, the rows with their tags, and who asked.
QUERIES = 6

pytestmark = pytest.mark.django_db


@pytest.fixture
def javascript():
    return plant({"JavaScript": {}})["JavaScript"]


@pytest.fixture
def bun(javascript):
    return suggest_tag(
        name="Bun", source="author", tag_type="tool", suggested_parent_id=javascript.pk
    )[0]


def answer(response):
    return response.status_code, response.json()


def instant(value):
    return value.isoformat().replace("+00:00", "Z")


def shown(suggestion, **changes):
    suggestion.refresh_from_db()
    return {
        "id": suggestion.pk,
        "name": suggestion.name,
        "normalized_name": suggestion.normalized_name,
        "tag_type": "tool",
        "source": "user",
        "status": "pending",
        "problem_ids": [],
        "suggested_parent": None,
        "resolved_tag": None,
        "reviewed_by": None,
        "reviewed_at": None,
        "note": "",
        "created_at": instant(suggestion.created_at),
        **changes,
    }


def ref(tag):
    return {"id": tag.pk, "name": tag.name, "slug": tag.slug}


def decided(suggestion, curator):
    suggestion.refresh_from_db()
    return {"reviewed_by": curator.user.pk, "reviewed_at": instant(suggestion.reviewed_at)}


def test_anybody_signed_in_may_ask_for_a_name(signed_in, javascript):
    wish = {"name": " Bun ", "tag_type": "tool", "suggested_parent": "javascript"}

    response = signed_in.post(PATH, {**wish, "reason": "It is everywhere."})

    suggestion = TagSuggestion.objects.get()
    assert answer(response) == (201, shown(suggestion, suggested_parent=ref(javascript)))
    assert response["Location"] == f"http://testserver{PATH}{suggestion.pk}/"
    assert signed_in.get(response["Location"]).json() == response.json()
    asked = TagSuggestionRequest.objects.get()
    assert (asked.user, asked.reason) == (signed_in.user, "It is everywhere.")


def test_asking_for_what_waits_already_is_joining(signed_in, bun, javascript):
    for _ in range(2):
        response = signed_in.post(PATH, {"name": "BUN"})

        expected = shown(bun, source="author", suggested_parent=ref(javascript))
        assert answer(response) == (200, expected)
    assert list(bun.requests.values_list("user", flat=True)) == [signed_in.user.pk]


@pytest.mark.parametrize("name", ["javascript", "ＪａｖａＳｃｒｉｐｔ"])
def test_asking_for_a_tag_is_a_conflict_naming_it(signed_in, javascript, name):
    response = signed_in.post(PATH, {"name": name})

    assert answer(response) == (
        409,
        problem(409, "tag_name_taken", f"“{name}” already names the tag “JavaScript”."),
    )


def test_asking_for_what_was_rejected_is_a_conflict_with_the_note(signed_in, bun):
    reject_suggestion(suggestion_id=bun.pk, by=None, note="Too new.")

    response = signed_in.post(PATH, {"name": "bun"})

    assert answer(response) == (
        409,
        problem(409, "tag_rejected", "“Bun” was suggested before and rejected: Too new."),
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"/name": "required"}),
        ({"name": "!"}, {"/name": "blank"}),
        ({"name": "Bun", "tag_type": "king"}, {"/tag_type": "invalid_choice"}),
        ({"name": "Bun", "suggested_parent": "no"}, {"/suggested_parent": "does_not_exist"}),
        ({"name": "Bun", "reason": "x" * 501}, {"/reason": "max_length"}),
        ({"name": "Bun", "status": "approved"}, {"/status": "unknown_field"}),
    ],
)
def test_a_bad_suggestion_is_named(signed_in, body, expected):
    assert pointers(signed_in.post(PATH, body)) == expected
    assert not TagSuggestion.objects.exists()


def test_people_see_what_they_asked_for_and_curators_all(signed_in, curator, bun):
    theirs, _ = suggest_tag(name="Zig", source="user", by=signed_in.user)

    assert names(signed_in.get(PATH)) == ["Zig"]
    assert names(curator.get(PATH)) == ["Bun", "Zig"]
    assert answer(signed_in.get(f"{PATH}{bun.pk}/"))[0] == 404
    assert answer(signed_in.get(f"{PATH}{theirs.pk}/"))[0] == 200


def names(response):
    assert response.status_code == 200, response.content
    return [row["name"] for row in response.json()["results"]]


def test_of_the_problems_that_asked_people_see_their_own(curator):
    authors = [Caller(UserFactory()), Caller(UserFactory())]
    problems = [
        create_problem(
            title=f"Problem {number}", statement="Why?", tags=["Bun"], author=author.user
        )
        for number, author in enumerate(authors)
    ]

    seen = [caller.get(PATH).json()["results"][0]["problem_ids"] for caller in authors]

    assert seen == [[problems[0].pk], [problems[1].pk]]
    every = curator.get(PATH).json()["results"][0]["problem_ids"]
    assert every == [problem.pk for problem in problems]


def test_filters_narrow_the_list(curator, bun):
    suggest_tag(name="Zig", source="user")
    reject_suggestion(suggestion_id=bun.pk, by=None)

    assert names(curator.get(f"{PATH}?status=pending")) == ["Zig"]
    assert names(curator.get(f"{PATH}?status=pending&status=rejected")) == ["Bun", "Zig"]
    assert names(curator.get(f"{PATH}?source=author")) == ["Bun"]
    assert names(curator.get(f"{PATH}?search=ZI")) == ["Zig"]
    assert names(curator.get(f"{PATH}?ordering=-name")) == ["Zig", "Bun"]
    assert pointers(curator.get(f"{PATH}?status=new")) == {"/status": "invalid_choice"}
    assert pointers(curator.get(f"{PATH}?tag=1")) == {"/tag": "unknown_parameter"}


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(curator, django_assert_num_queries, count):
    for number in range(count):
        create_problem(title=f"Problem {number}", statement="Why?", tags=[f"Name {number}"])
    curator.get(PATH)

    with django_assert_num_queries(QUERIES):
        assert curator.get(PATH).json()["count"] == count


def test_approved_as_typed(curator, bun, javascript):
    response = curator.post(f"{PATH}{bun.pk}/approve/")

    tag = Tag.objects.get(name="Bun")
    assert answer(response) == (
        200,
        shown(
            bun,
            **decided(bun, curator),
            source="author",
            status="approved",
            suggested_parent=ref(javascript),
            resolved_tag=ref(tag),
        ),
    )
    assert (tag.parent, tag.tag_type) == (javascript, "tool")


def test_approved_under_another_name_type_and_parent(curator, bun):
    tools = plant({"Tools": {}})["Tools"]
    wish = {"name": "Bun runtime", "tag_type": "framework", "parent": "Tools"}

    response = curator.post(f"{PATH}{bun.pk}/approve/", wish)

    tag = Tag.objects.get(name="Bun runtime")
    assert response.json()["resolved_tag"] == ref(tag)
    assert (tag.parent, tag.tag_type) == (tools, "framework")


def test_a_type_is_needed_from_somewhere(curator):
    zig, _ = suggest_tag(name="Zig", source="user")

    assert pointers(curator.post(f"{PATH}{zig.pk}/approve/")) == {"/tag_type": "invalid_choice"}
    assert curator.post(f"{PATH}{zig.pk}/approve/", {"tag_type": "tool"}).status_code == 200


def test_merged_into_a_tag_it_becomes_an_alias(api, curator, bun, javascript):
    response = curator.post(f"{PATH}{bun.pk}/merge/", {"into": "JavaScript"})

    assert response.status_code == 200
    body = response.json()
    assert (body["status"], body["resolved_tag"]) == ("merged", ref(javascript))
    assert api.get("/api/tags/javascript/").json()["aliases"] == ["Bun"]


def test_rejected_with_a_note_its_asker_reads_it(signed_in, curator, bun, javascript):
    signed_in.post(PATH, {"name": "Bun"})

    response = curator.post(f"{PATH}{bun.pk}/reject/", {"note": "Too new."})

    expected = shown(
        bun,
        **decided(bun, curator),
        source="author",
        status="rejected",
        suggested_parent=ref(javascript),
        note="Too new.",
    )
    assert answer(response) == (200, expected)
    assert signed_in.get(f"{PATH}{bun.pk}/").json() == expected


@pytest.mark.parametrize(
    ("step", "body"),
    [
        ("approve", {"tag_type": "tool"}),
        ("merge", {"into": "javascript"}),
        ("reject", {"note": "x"}),
    ],
)
def test_a_name_is_decided_once(curator, bun, step, body):
    approve_suggestion(suggestion_id=bun.pk, by=None)

    response = curator.post(f"{PATH}{bun.pk}/{step}/", body)

    assert answer(response) == (
        409,
        problem(409, "already_decided", "“Bun” was approved already."),
    )


@pytest.mark.parametrize(
    ("step", "body", "expected"),
    [
        ("approve", {"parent": "no"}, {"/parent": "does_not_exist"}),
        ("approve", {"note": "x"}, {"/note": "unknown_field"}),
        ("merge", {}, {"/into": "required"}),
        ("merge", {"into": "no"}, {"/into": "does_not_exist"}),
        ("reject", {}, {"/note": "required"}),
        ("reject", {"note": "x" * 501}, {"/note": "max_length"}),
    ],
)
def test_a_bad_decision_is_named(curator, bun, step, body, expected):
    assert pointers(curator.post(f"{PATH}{bun.pk}/{step}/", body)) == expected
    bun.refresh_from_db()
    assert bun.status == "pending"


@pytest.mark.parametrize("step", ["approve", "merge", "reject"])
def test_only_curators_decide(api, signed_in, bun, step):
    assert answer(api.post(f"{PATH}{bun.pk}/{step}/")) == (401, NOT_AUTHENTICATED)
    assert answer(signed_in.post(f"{PATH}{bun.pk}/{step}/")) == (403, FORBIDDEN)


@pytest.mark.parametrize("step", ["approve", "merge", "reject"])
def test_an_unknown_suggestion_is_absent(curator, javascript, step):
    body = {"merge": {"into": "javascript"}, "reject": {"note": "x"}}.get(step, {})

    response = curator.post(f"{PATH}7777777/{step}/", body)

    assert answer(response) == (404, problem(404, "not_found", "There is no such suggestion."))


def test_asking_needs_a_sign_in_and_other_methods_are_not_available(api, curator):
    assert answer(api.get(PATH)) == answer(api.post(PATH, {"name": "Bun"}))
    assert answer(api.get(PATH)) == (401, NOT_AUTHENTICATED)
    assert answer(curator.delete(PATH)) == (405, METHOD_NOT_ALLOWED)
