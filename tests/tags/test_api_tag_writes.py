"""Creating, changing, deleting and moving tags over HTTP."""

import pytest

from apps.problems.services import create_problem
from apps.tags.models import Tag
from apps.tags.services import change_tag, merge_tag, suggest_tag
from tests.api import FORBIDDEN, METHOD_NOT_ALLOWED, NOT_AUTHENTICATED, pointers, problem
from tests.factories import ProblemFactory
from tests.tags.outlines import outline, plant

TAGS = "/api/tags/"
NEW = {"name": "asyncio", "tag_type": "framework"}
TREE = {"Python": {"asyncio": {}, "typing": {}}, "Tools": {"Git": {}}}

pytestmark = pytest.mark.django_db


@pytest.fixture
def tags():
    return plant(TREE)


def conflict(code, detail):
    return 409, problem(409, code, detail)


def answer(response):
    return response.status_code, response.json()


def test_a_curator_adds_a_tag(api, curator):
    parent = plant({"Python": {}})["Python"]
    wish = {**NEW, "parent": "python", "description": "Waiting.", "aliases": ["Async IO"]}

    response = curator.post(TAGS, {**wish, "is_featured": True})

    assert response.status_code == 201
    assert response["Location"] == "http://testserver/api/tags/asyncio/"
    assert response["Cache-Control"] == "private, no-store"
    body = response.json()
    assert body == api.get(f"{TAGS}asyncio/").json()
    assert (body["parent"], body["aliases"], body["is_featured"]) == (
        parent.pk,
        ["Async IO"],
        True,
    )
    assert body["ancestors"] == [{"id": parent.pk, "name": "Python", "slug": "python"}]


def test_adding_a_tag_gives_it_to_the_problems_that_waited_for_the_name(curator):
    waiting = create_problem(title="Waiting room", statement="Who waits?", tags=["ASYNCIO"])

    curator.post(TAGS, NEW)

    assert list(waiting.tags.values_list("name", flat=True)) == ["asyncio"]


@pytest.mark.parametrize("name", ["Python", "PYTHON", "ｐｙｔｈｏｎ", " python ", "CPython"])
def test_a_name_or_alias_that_exists_is_a_conflict_naming_the_tag(curator, tags, name):
    change_tag(tag_id=tags["Python"].pk, aliases=["CPython"])

    response = curator.post(TAGS, {"name": name, "tag_type": "language"})

    assert answer(response) == conflict(
        "tag_name_taken", f"“{name.strip()}” already names the tag “Python”."
    )
    assert Tag.objects.count() == 5


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"name": ""}, {"/name": "blank"}),
        ({"name": "x" * 61}, {"/name": "max_length"}),
        ({"name": 5}, {"/name": "invalid"}),
        ({"name": "!!!"}, {"/name": "blank"}),
        ({"name": None}, {"/name": "null"}),
        ({"tag_type": "king"}, {"/tag_type": "invalid_choice"}),
        ({"parent": "nowhere"}, {"/parent": "does_not_exist"}),
        ({"parent": True}, {"/parent": "invalid"}),
        ({"parent": []}, {"/parent": "invalid"}),
        ({"parent": 2**62}, {"/parent": "does_not_exist"}),
        ({"is_featured": "yes"}, {"/is_featured": "invalid"}),
        ({"aliases": "x"}, {"/aliases": "not_a_list"}),
        ({"aliases": [1]}, {"/aliases/0": "invalid"}),
        ({"description": "x" * 301}, {"/description": "max_length"}),
        ({"lft": 1}, {"/lft": "unknown_field"}),
        ({"slug": "x"}, {"/slug": "unknown_field"}),
    ],
)
def test_a_bad_tag_is_named(curator, tags, change, expected):
    assert pointers(curator.post(TAGS, {**NEW, "name": "New", **change})) == expected
    assert outline() == TREE


def test_what_must_be_given(curator):
    assert pointers(curator.post(TAGS, {})) == {"/name": "required", "/tag_type": "required"}


def test_a_curator_changes_what_is_named_and_nothing_else(api, curator, tags):
    response = curator.patch(f"{TAGS}asyncio/", {"name": "AsyncIO", "aliases": ["aio"]})

    assert response.status_code == 200
    body = response.json()
    assert body == api.get(f"{TAGS}asyncio/").json()
    assert (body["name"], body["slug"], body["aliases"]) == ("AsyncIO", "asyncio", ["aio"])
    assert (body["tag_type"], body["parent"]) == ("topic", tags["Python"].pk)


def test_changing_to_a_taken_name_is_a_conflict(curator, tags):
    response = curator.patch(f"{TAGS}asyncio/", {"aliases": ["GIT"]})

    assert answer(response) == conflict("tag_name_taken", "“GIT” already names the tag “Git”.")


def test_the_place_is_not_changed_by_patch(curator, tags):
    assert pointers(curator.patch(f"{TAGS}asyncio/", {"parent": None})) == {
        "/parent": "unknown_field"
    }


@pytest.mark.parametrize("method", ["patch", "delete"])
def test_a_stale_if_match_is_refused_and_a_fresh_one_passes(api, curator, tags, method):
    body = {"description": "Newer."} if method == "patch" else None
    stale = api.get(f"{TAGS}asyncio/")["ETag"]
    change_tag(tag_id=tags["asyncio"].pk, description="New.")
    fresh = api.get(f"{TAGS}asyncio/")["ETag"]

    refused = getattr(curator, method)(f"{TAGS}asyncio/", body, HTTP_IF_MATCH=stale)
    passed = getattr(curator, method)(f"{TAGS}asyncio/", body, HTTP_IF_MATCH=fresh)

    assert (refused.status_code, refused.json()["code"]) == (412, "precondition_failed")
    assert passed.status_code == (200 if method == "patch" else 204)


def test_the_tag_of_an_answer_to_a_change_is_that_of_the_next_read(api, curator, tags):
    changed = curator.patch(f"{TAGS}asyncio/", {"description": "New."})

    assert api.get(f"{TAGS}asyncio/")["ETag"] == changed["ETag"]


def test_a_curator_deletes_a_tag_that_nothing_needs(curator, tags):
    response = curator.delete(f"{TAGS}{tags['Git'].pk}/")

    assert (response.status_code, response.content) == (204, b"")
    assert outline() == {"Python": {"asyncio": {}, "typing": {}}, "Tools": {}}


def test_a_tag_in_use_is_not_deleted(curator, tags):
    ProblemFactory(tags=[tags["Git"]])

    assert answer(curator.delete(f"{TAGS}git/")) == conflict(
        "tag_in_use", "“Git” is in use (problems: 1). Merge it into another tag instead."
    )
    assert answer(curator.delete(f"{TAGS}python/")) == conflict(
        "tag_in_use", "“Python” has tags below it."
    )
    assert outline() == TREE


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({"parent": "tools"}, {"Python": {"typing": {}}, "Tools": {"Git": {}, "asyncio": {}}}),
        (
            {"parent": "tools", "position": "first-child"},
            {"Python": {"typing": {}}, "Tools": {"asyncio": {}, "Git": {}}},
        ),
        (
            {"parent": "tools", "position": "left", "target": "git"},
            {"Python": {"typing": {}}, "Tools": {"asyncio": {}, "Git": {}}},
        ),
        ({"parent": None}, {"Python": {"typing": {}}, "Tools": {"Git": {}}, "asyncio": {}}),
        (
            {"parent": None, "position": "right", "target": "python"},
            {"Python": {"typing": {}}, "asyncio": {}, "Tools": {"Git": {}}},
        ),
    ],
)
def test_a_curator_moves_a_tag(api, curator, tags, wish, expected):
    response = curator.post(f"{TAGS}asyncio/move/", wish)

    assert response.status_code == 200
    assert response.json() == api.get(f"{TAGS}asyncio/").json()
    assert outline() == expected
    assert [list(node) for node in outline().values()] == [list(n) for n in expected.values()]


@pytest.mark.parametrize("parent", ["python", "asyncio"])
def test_a_tag_does_not_go_under_itself(curator, tags, parent):
    response = curator.post(f"{TAGS}python/move/", {"parent": parent})

    assert answer(response) == conflict(
        "tag_cycle", "“Python” cannot be put under itself or something below it."
    )
    assert outline() == TREE


@pytest.mark.parametrize(
    ("wish", "expected"),
    [
        ({}, {"/parent": "required"}),
        ({"parent": "nowhere"}, {"/parent": "does_not_exist"}),
        ({"parent": "tools", "position": "middle"}, {"/position": "invalid_choice"}),
        ({"parent": "tools", "position": "left"}, {"/target": "invalid"}),
        ({"parent": "tools", "position": "left", "target": "typing"}, {"/target": "invalid"}),
        ({"parent": "tools", "target": "git"}, {"/target": "invalid"}),
    ],
)
def test_a_bad_move_is_named(curator, tags, wish, expected):
    assert pointers(curator.post(f"{TAGS}asyncio/move/", wish)) == expected
    assert outline() == TREE


def test_too_deep_is_a_conflict(curator):
    plant({"A": {"B": {"C": {"D": {"E": {"F": {}}}}}}, "Git": {}})

    moved = curator.post(f"{TAGS}git/move/", {"parent": "f"})
    added = curator.post(TAGS, {"name": "G", "tag_type": "topic", "parent": "f"})

    assert (moved.status_code, moved.json()["code"]) == (409, "tag_too_deep")
    assert (added.status_code, added.json()["code"]) == (409, "tag_too_deep")


CALLS = [
    ("post", TAGS, NEW),
    ("patch", f"{TAGS}python/", {"name": "Snake"}),
    ("delete", f"{TAGS}typing/", None),
    ("post", f"{TAGS}asyncio/move/", {"parent": None}),
    ("get", f"{TAGS}asyncio/merge-preview/?into=typing", None),
    ("post", f"{TAGS}asyncio/merge/", {"into": "typing"}),
]


@pytest.mark.parametrize(("method", "path", "body"), CALLS)
def test_only_curators_write(api, signed_in, tags, method, path, body):
    anonymous = getattr(api, method)(path, body)
    subscriber = getattr(signed_in, method)(path, body)

    assert answer(anonymous) == (401, NOT_AUTHENTICATED)
    assert anonymous["WWW-Authenticate"] == "Bearer"
    assert answer(subscriber) == (403, FORBIDDEN)
    assert outline() == TREE


@pytest.mark.parametrize(("method", "path", "body"), CALLS[1:])
def test_a_former_slug_is_not_written_to(curator, tags, method, path, body):
    survivor = plant({"Snake": {}})["Snake"]
    for name in ("Python", "typing", "asyncio"):
        merge_tag(tag_id=tags[name].pk, into_id=survivor.pk, by=None)
    before = outline()

    response = getattr(curator, method)(path, body)

    assert answer(response) == (404, problem(404, "not_found", "There is no such tag."))
    assert outline() == before


def test_moving_is_a_post(curator, tags):
    response = curator.get(f"{TAGS}python/move/")

    assert answer(response) == (405, METHOD_NOT_ALLOWED)


def test_a_suggestion_of_the_name_is_decided_by_adding_it(curator):
    suggestion, _ = suggest_tag(name="ASYNCIO", source="user")

    curator.post(TAGS, NEW)

    suggestion.refresh_from_db()
    assert (suggestion.status, suggestion.reviewed_by) == ("approved", curator.user)


def test_the_tree_has_a_new_etag_exactly_when_it_says_something_else(api, curator, tags):
    first = api.get(f"{TAGS}tree/")["ETag"]
    curator.patch(f"{TAGS}asyncio/", {"description": "The tree does not show this."})
    second = api.get(f"{TAGS}tree/")["ETag"]
    curator.post(f"{TAGS}asyncio/move/", {"parent": None})
    third = api.get(f"{TAGS}tree/")["ETag"]
    curator.post(f"{TAGS}asyncio/move/", {"parent": "python", "position": "first-child"})
    fourth = api.get(f"{TAGS}tree/")["ETag"]

    assert first == second == fourth
    assert third != first
