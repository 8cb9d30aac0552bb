"""Merging tags over HTTP, and taking it back."""

import pytest

from apps.tags.models import TagMerge
from apps.tags.services import approve_suggestion, change_tag, merge_tag, suggest_tag
from tests.api import FORBIDDEN, METHOD_NOT_ALLOWED, NOT_AUTHENTICATED, pointers, problem
from tests.factories import ProblemFactory, SubscriptionFactory
from tests.tags.outlines import outline, plant

TAGS = "/api/tags/"
MERGES = "/api/tag-merges/"
TREE = {"Frontend": {"React.js": {"Hooks": {}}}, "React": {}}
# Who calls and what may they (3), how many, and the rows.
QUERIES = 5

pytestmark = pytest.mark.django_db


@pytest.fixture
def tags():
    return plant(TREE)


def answer(response):
    return response.status_code, response.json()


def ref(tag):
    return {"id": tag.pk, "name": tag.name, "slug": tag.slug}


def instant(value):
    return value.isoformat().replace("+00:00", "Z")


def test_a_preview_counts_what_would_move(curator, tags):
    ProblemFactory(tags=[tags["React.js"], tags["Hooks"]])
    SubscriptionFactory(tags=[tags["React.js"]])
    suggestion, _ = suggest_tag(name="Reakt", source="user", tag_type="tool")
    approve_suggestion(suggestion_id=suggestion.pk, by=None, name="Reakt JS")
    merge_tag(tag_id=suggestion_tag(suggestion), into_id=tags["React.js"].pk, by=None)

    response = curator.get(f"{TAGS}react-js/merge-preview/?into=react")

    assert answer(response) == (
        200,
        {
            "tag": ref(tags["React.js"]),
            "into": ref(tags["React"]),
            "problems": 1,
            "subscribers": 1,
            "suggestions": 1,
            "children": 1,
            "names": 3,
        },
    )
    assert outline() == TREE


def suggestion_tag(suggestion):
    suggestion.refresh_from_db()
    return suggestion.resolved_tag_id


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"/into": "required"}),
        ("?into=nothing", {"/into": "does_not_exist"}),
        ("?into=react&page=1", {"/page": "unknown_parameter"}),
    ],
)
def test_a_bad_preview_is_named(curator, tags, query, expected):
    assert pointers(curator.get(f"{TAGS}react-js/merge-preview/{query}")) == expected


def test_merging_answers_with_the_merge_and_undo_with_its_end(api, curator, tags):
    before = api.get(f"{TAGS}react-js/").json(), api.get(f"{TAGS}react/").json()
    tree_tag = api.get(f"{TAGS}tree/")["ETag"]

    response = curator.post(f"{TAGS}react-js/merge/", {"into": "react"})

    merge = TagMerge.objects.get()
    body = {
        "id": merge.pk,
        "merged": ref(tags["React.js"]),
        "into": ref(tags["React"]),
        "merged_by": curator.user.pk,
        "merged_at": instant(merge.merged_at),
        "undone_by": None,
        "undone_at": None,
    }
    assert answer(response) == (200, body)
    assert outline() == {"Frontend": {}, "React": {"Hooks": {}}}
    survivor = api.get(f"{TAGS}react/").json()
    assert (survivor["aliases"], survivor["children"]) == (["React.js"], [tags["Hooks"].pk])
    led = api.get(f"{TAGS}react-js/")
    assert (led.status_code, led["Location"]) == (301, "http://testserver/api/tags/react/")
    assert api.get(f"{TAGS}tree/")["ETag"] != tree_tag

    undone = curator.post(f"{MERGES}{merge.pk}/undo/")

    merge.refresh_from_db()
    assert answer(undone) == (
        200,
        {**body, "undone_by": curator.user.pk, "undone_at": instant(merge.undone_at)},
    )
    assert (api.get(f"{TAGS}react-js/").json(), api.get(f"{TAGS}react/").json()) == before
    assert api.get(f"{TAGS}tree/")["ETag"] == tree_tag


def test_the_survivor_may_be_named_by_id_slug_or_alias(curator, tags):
    change_tag(tag_id=tags["React"].pk, aliases=["Reagent"])

    response = curator.post(f"{TAGS}{tags['React.js'].pk}/merge/", {"into": "REAGENT"})

    assert response.json()["into"] == ref(tags["React"])


@pytest.mark.parametrize(
    ("into", "detail"),
    [
        ("frontend", "“Frontend” cannot be merged into itself."),
        (
            "hooks",
            "“Frontend” cannot be merged into “Hooks”, which lies below it. "
            "Move “Hooks” elsewhere first.",
        ),
    ],
)
def test_what_cannot_be_merged_is_a_conflict_and_so_is_its_preview(curator, tags, into, detail):
    merged = curator.post(f"{TAGS}frontend/merge/", {"into": into})
    previewed = curator.get(f"{TAGS}frontend/merge-preview/?into={into}")

    assert answer(merged) == answer(previewed) == (409, problem(409, "tag_cycle", detail))
    assert outline() == TREE


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"/into": "required"}),
        ({"into": None}, {"/into": "null"}),
        ({"into": "nothing"}, {"/into": "does_not_exist"}),
        ({"into": "react", "force": True}, {"/force": "unknown_field"}),
    ],
)
def test_a_bad_merge_is_named(curator, tags, body, expected):
    assert pointers(curator.post(f"{TAGS}react-js/merge/", body)) == expected


def test_undo_is_refused_naming_what_was_touched(curator, tags):
    merge = merge_tag(tag_id=tags["React.js"].pk, into_id=tags["React"].pk, by=None)
    change_tag(tag_id=tags["React"].pk, description="Newer.")

    response = curator.post(f"{MERGES}{merge.pk}/undo/")

    assert answer(response) == (409, problem(409, "merge_touched", "“React” was changed since."))


def test_a_merge_is_undone_once(curator, tags):
    merge = merge_tag(tag_id=tags["React.js"].pk, into_id=tags["React"].pk, by=None)
    curator.post(f"{MERGES}{merge.pk}/undo/")

    response = curator.post(f"{MERGES}{merge.pk}/undo/")

    assert answer(response) == (
        409,
        problem(409, "already_undone", "This merge was undone already."),
    )


def test_an_unknown_merge_is_absent(curator):
    assert answer(curator.post(f"{MERGES}7/undo/")) == (
        404,
        problem(404, "not_found", "There is no such merge."),
    )


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_is_newest_first_in_a_constant_number_of_queries(
    curator, django_assert_num_queries, count
):
    tags = plant({"React": {}} | {f"Tag {number}": {} for number in range(count)})
    merges = [
        merge_tag(tag_id=tags[f"Tag {number}"].pk, into_id=tags["React"].pk, by=None)
        for number in range(count)
    ]
    curator.get(MERGES)

    with django_assert_num_queries(QUERIES):
        response = curator.get(MERGES)

    assert [row["id"] for row in response.json()["results"]] == [m.pk for m in reversed(merges)]


@pytest.mark.parametrize(("method", "path"), [("get", MERGES), ("post", f"{MERGES}1/undo/")])
def test_merges_are_for_curators(api, signed_in, method, path):
    assert answer(getattr(api, method)(path)) == (401, NOT_AUTHENTICATED)
    assert answer(getattr(signed_in, method)(path)) == (403, FORBIDDEN)


def test_other_methods_are_not_available(curator):
    assert answer(curator.delete(MERGES)) == (405, METHOD_NOT_ALLOWED)
    assert answer(curator.get(f"{MERGES}1/undo/")) == (405, METHOD_NOT_ALLOWED)
