"""Merging tags in the admin: a look first, then the merge, then perhaps the way back."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from apps.tags.models import Tag, TagMerge
from apps.tags.services import change_tag, merge_tag
from tests.factories import ProblemFactory, SubscriptionFactory, UserFactory
from tests.staff import browser, curator_browser, queries_of
from tests.tags.outlines import outline, plant

pytestmark = pytest.mark.django_db
MERGES = reverse("admin:tags_tagmerge_changelist")


@pytest.fixture
def curator() -> Client:
    return curator_browser()


@pytest.fixture
def tags() -> dict[str, Tag]:
    tags = plant({"React.js": {"Hooks": {}}, "React": {}})
    change_tag(tag_id=tags["React.js"].pk, aliases=["ReactJS"])
    ProblemFactory(tags=[tags["React.js"]])
    SubscriptionFactory(tags=[tags["React.js"]])
    return tags


def merging(tag: Tag) -> str:
    return reverse("admin:tags_tag_merge_page", args=[tag.pk])


def test_the_page_shows_what_would_follow_and_changes_nothing(curator, tags):
    asked = curator.get(merging(tags["React.js"]))
    looked = curator.get(merging(tags["React.js"]), {"into": " REACT "})

    assert '<option value="React"></option>' in asked.text
    assert looked.context["follows"] == [
        ("Tags below it", 1),
        ("Names", 2),
        ("Problems", 1),
        ("Subscribers", 1),
    ]
    assert not TagMerge.objects.exists()


def test_it_is_merged_and_the_way_back_is_at_hand(curator, tags):
    page = curator.post(merging(tags["React.js"]), {"into": "React"}, follow=True)

    assert outline() == {"React": {"Hooks": {}}}
    assert page.redirect_chain == [(reverse("admin:tags_tag_change", args=[tags["React"].pk]), 302)]
    assert "Merged “React.js” into “React”." in page.text
    assert f'href="{MERGES}"' in page.text
    assert TagMerge.objects.get().merged_by is not None
    assert LogEntry.objects.get().get_change_message() == "Merged “React.js” into it."


@pytest.mark.parametrize(
    ("into", "words"),
    [
        ("", "This field is required."),
        ("Nowhere", "There is no tag “Nowhere”."),
        ("React.js", "“React.js” cannot be merged into itself."),
        ("Hooks", "cannot be merged into “Hooks”, which lies below it."),
    ],
)
def test_what_cannot_be_is_said_before_anything_happens(curator, tags, into, words):
    looked = curator.get(merging(tags["React.js"]), {"into": into})
    posted = curator.post(merging(tags["React.js"]), {"into": into})

    assert words in looked.text
    assert words in posted.text
    assert not TagMerge.objects.exists()


def test_a_tag_that_is_gone_is_said_to_be(curator, tags):
    url = merging(tags["Hooks"]).replace(str(tags["Hooks"].pk), "987654")

    page = curator.get(url, follow=True)

    assert "There is no such tag." in page.text


@pytest.fixture
def merge(tags) -> TagMerge:
    return merge_tag(tag_id=tags["React.js"].pk, into_id=tags["React"].pk, by=None)


def undo(client: Client, merge: TagMerge):
    url = reverse("admin:tags_tagmerge_undo", args=[merge.pk])
    return client.post(url, {"_form_submitted": "on"}, follow=True)


def test_a_merge_is_taken_back_from_its_list(curator, merge):
    listed = curator.get(MERGES)
    page = undo(curator, merge)

    assert "React.js → React" in listed.text
    assert "Undone." in page.text
    assert outline() == {"React.js": {"Hooks": {}}, "React": {}}
    merge.refresh_from_db()
    assert merge.undone_by is not None


def test_what_was_touched_since_is_named_and_nothing_is_undone(curator, merge, tags):
    change_tag(tag_id=tags["React"].pk, description="A library.")

    page = undo(curator, merge)

    assert "“React” was changed since." in page.text
    assert outline() == {"React": {"Hooks": {}}}


def test_one_that_is_undone_is_not_offered_again(curator, merge):
    url = reverse("admin:tags_tagmerge_change", args=[merge.pk])
    deed = reverse("admin:tags_tagmerge_undo", args=[merge.pk])
    offered = curator.get(url).text
    undo(curator, merge)

    assert deed in offered
    assert deed not in curator.get(url).text
    assert "This merge was undone already." in undo(curator, merge).text


def test_the_list_takes_as_many_queries_for_three_merges_as_for_one(curator, merge):
    for_one = queries_of(curator, MERGES)
    more = plant({"A": {}, "B": {}, "C": {}})
    for name in ("A", "B"):
        merge_tag(tag_id=more[name].pk, into_id=more["C"].pk, by=UserFactory())

    assert queries_of(curator, MERGES) == for_one


def test_whoever_may_only_look_merges_and_undoes_nothing(merge, tags):
    looker = UserFactory(is_staff=True)
    for codename in ("view_tag", "view_tagmerge"):
        looker.user_permissions.add(Permission.objects.get(codename=codename))
    client = browser(looker)

    merged = client.post(merging(tags["Hooks"]), {"into": "React"})
    undone = undo(client, merge)

    assert (merged.status_code, undone.status_code) == (403, 403)
    assert outline() == {"React": {"Hooks": {}}}
