"""A draft with known and unknown tags, and a curator who decides about the unknown ones."""

import pytest
from django.urls import reverse

from apps.problems.services import create_problem
from apps.tags.models import Tag
from apps.tags.services import change_tag
from tests.problems.lists import assert_lists_hold
from tests.staff import curator_browser
from tests.tags.outlines import outline, plant

PENDING = "/api/tag-suggestions/?status=pending"

pytestmark = pytest.mark.django_db


@pytest.fixture
def tags():
    tags = plant({"JavaScript": {"React": {}}, "Python": {}})
    change_tag(tag_id=tags["React"].pk, aliases=["ReactJS"])
    return tags


@pytest.fixture
def draft(tags, signed_in):
    return create_problem(
        title="The bundle that grew",
        statement="Why?",
        tags=["ReactJS", "python", "Bun"],
        author=signed_in.user,
    )


def read(caller, draft):
    """Names of the tags, and what the draft says about suggested names."""
    body = caller.get(f"/api/problems/{draft.pk}/").json()
    names = {tag["name"] for tag in body["tags"]}
    return names, body["problem_metadata"].get("suggested_tags")


def waiting(curator):
    (row,) = curator.get(PENDING).json()["results"]
    return row


def test_known_names_attach_and_unknown_ones_wait(signed_in, curator, draft):
    assert read(signed_in, draft) == ({"React", "Python"}, ["Bun"])
    row = waiting(curator)
    assert (row["name"], row["source"], row["problem_ids"]) == ("Bun", "author", [draft.pk])


def test_approved_under_a_parent_the_draft_has_the_tag(signed_in, curator, draft):
    wish = {"tag_type": "tool", "parent": "javascript"}

    response = curator.post(f"/api/tag-suggestions/{waiting(curator)['id']}/approve/", wish)

    assert response.json()["status"] == "approved"
    assert read(signed_in, draft) == ({"React", "Python", "Bun"}, [])
    assert outline() == {"JavaScript": {"React": {}, "Bun": {}}, "Python": {}}
    assert curator.get(PENDING).json()["count"] == 0
    assert_lists_hold()


def test_merged_the_draft_has_the_other_tag_and_the_name_is_known_from_now_on(
    signed_in, curator, draft
):
    suggestion_id = waiting(curator)["id"]

    curator.post(f"/api/tag-suggestions/{suggestion_id}/merge/", {"into": "javascript"})

    assert read(signed_in, draft) == ({"React", "Python", "JavaScript"}, [])
    again = create_problem(title="Another bundle", statement="Why?", tags=["BUN"])
    assert list(again.tags.values_list("name", flat=True)) == ["JavaScript"]


def test_rejected_it_never_comes_back_and_the_author_reads_why(signed_in, curator, draft):
    suggestion_id = waiting(curator)["id"]

    curator.post(f"/api/tag-suggestions/{suggestion_id}/reject/", {"note": "Use JavaScript."})

    assert read(signed_in, draft) == ({"React", "Python"}, [])
    own = signed_in.get(f"/api/tag-suggestions/{suggestion_id}/").json()
    assert (own["status"], own["note"], own["problem_ids"]) == (
        "rejected",
        "Use JavaScript.",
        [draft.pk],
    )
    refused = signed_in.post("/api/tag-suggestions/", {"name": "bun"})
    assert (refused.status_code, refused.json()["code"]) == (409, "tag_rejected")
    create_problem(title="Another bundle", statement="Why?", tags=["Bun"])
    assert curator.get(PENDING).json()["count"] == 0
    assert not Tag.objects.filter(name="Bun").exists()


def test_a_decision_reaches_exactly_the_problems_that_asked(curator, draft):
    mentions = create_problem(title="Bun against Node", statement="Bun?", tags=["Python"])

    curator.post(f"/api/tag-suggestions/{waiting(curator)['id']}/approve/", {"tag_type": "tool"})

    assert list(Tag.objects.get(name="Bun").problems.all()) == [draft]
    assert list(mentions.tags.values_list("name", flat=True)) == ["Python"]


def decide(suggestion_id, verb, **fields):
    url = reverse("admin:tags_tagsuggestion_decide", args=[suggestion_id, verb])
    return curator_browser().post(url, fields, headers={"X-Desk": "yes"})


@pytest.mark.parametrize(
    ("verb", "fields", "gained", "left"),
    [
        ("approve", {"name": "Bun", "tag_type": "tool", "parent": "JavaScript"}, {"Bun"}, []),
        ("merge", {"into": "javascript"}, {"JavaScript"}, []),
        (
            "reject",
            {"note": "Use JavaScript."},
            set(),
            [{"name": "Bun", "note": "Use JavaScript."}],
        ),
    ],
)
def test_at_the_desk_of_the_admin_it_goes_the_same_way(
    signed_in, curator, draft, verb, fields, gained, left
):
    answer = decide(waiting(curator)["id"], verb, **fields)

    assert answer.status_code == 200
    assert read(signed_in, draft) == ({"React", "Python", *gained}, [])
    metadata = signed_in.get(f"/api/problems/{draft.pk}/").json()["problem_metadata"]
    assert metadata["rejected_tags"] == left
    assert curator.get(PENDING).json()["count"] == 0
    again = create_problem(title="Another bundle", statement="Why?", tags=["bun"])
    assert set(again.tags.values_list("name", flat=True)) == gained
    assert_lists_hold()
