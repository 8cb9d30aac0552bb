"""What curators do to many tags at once, and to a tag's past."""

import pytest
from django.test import Client
from django.urls import reverse

from apps.tags.models import Tag
from apps.tags.selectors import tree_faults
from apps.tags.services import change_tag, create_tag, delete_tag
from tests.factories import UserFactory
from tests.staff import browser, curator_browser
from tests.tags.outlines import outline, plant

pytestmark = pytest.mark.django_db
LIST = reverse("admin:tags_tag_changelist")


@pytest.fixture
def curator() -> Client:
    return curator_browser()


@pytest.fixture
def tags() -> dict[str, Tag]:
    return plant({"Languages": {"Python": {"asyncio": {}}, "Go": {}}, "Tools": {}})


def choose(client: Client, action: str, tags: list[Tag], **answers: object):
    return client.post(
        LIST,
        {"action": action, "_selected_action": [tag.pk for tag in tags], **answers},
        follow=True,
    )


@pytest.mark.parametrize("action", ["move_all", "retype_all", "feature_all", "unfeature_all"])
def test_a_bulk_action_asks_first_and_changes_nothing(curator, tags, action):
    before = list(Tag.objects.order_by("pk").values())

    page = choose(curator, action, [tags["Python"], tags["Go"]])

    assert "<li>Python</li>" in page.text
    assert "<li>Go</li>" in page.text
    assert list(Tag.objects.order_by("pk").values()) == before


def test_several_are_moved_with_all_below_them(curator, tags):
    chosen = [tags["Go"], tags["Python"], tags["asyncio"]]

    choose(curator, "move_all", chosen, confirmed="yes", parent=tags["Tools"].pk)

    assert outline() == {"Languages": {}, "Tools": {"Python": {}, "asyncio": {}, "Go": {}}}
    assert tree_faults() == []


def test_one_that_cannot_go_there_keeps_no_other_from_going(curator, tags):
    page = choose(
        curator,
        "move_all",
        [tags["Languages"], tags["Tools"]],
        confirmed="yes",
        parent=tags["asyncio"].pk,
    )

    assert "Languages: “Languages” cannot be put under itself" in page.text
    assert "Moved. (1)" in page.text
    assert outline() == {"Languages": {"Python": {"asyncio": {"Tools": {}}}, "Go": {}}}


def test_several_get_another_type_and_are_featured(curator, tags):
    chosen = [tags["Python"], tags["Go"]]

    choose(curator, "retype_all", chosen, confirmed="yes", tag_type="language")
    choose(curator, "feature_all", [*chosen, tags["Tools"]], confirmed="yes")
    choose(curator, "unfeature_all", [tags["Tools"]], confirmed="yes")

    rows = Tag.objects.values_list("name", "tag_type", "is_featured")
    assert set(rows) == {
        ("Languages", "topic", False),
        ("Python", "language", True),
        ("asyncio", "topic", False),
        ("Go", "language", True),
        ("Tools", "topic", False),
    }


def test_whoever_may_only_look_is_offered_nothing(tags):
    from django.contrib.auth.models import Permission

    looker = UserFactory(is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_tag"))

    choose(browser(looker), "feature_all", [tags["Go"]], confirmed="yes")

    assert 'name="_selected_action"' not in browser(looker).get(LIST).text
    assert not Tag.objects.filter(is_featured=True).exists()


def past(tag: Tag, version_id: int | None = None) -> str:
    if version_id is None:
        return reverse("admin:tags_tag_history", args=[tag.pk])
    return reverse("admin:tags_tag_simple_history", args=[tag.pk, version_id])


def test_the_history_says_what_changed_by_whom_and_why(curator):
    tag = create_tag(name="Pyhton", tag_type="language")
    change_tag(tag_id=tag.pk, name="Python", aliases=["py"], by=UserFactory(display_name="Cleo"))

    page = curator.get(past(tag)).text

    assert all(words in page for words in ("Pyhton", "Python", "Cleo", "Aliases: + py"))


def form(**fields: object) -> dict[str, object]:
    return {"name": "Go", "tag_type": "topic", "parent": "", "description": "", **fields}


def test_an_earlier_version_is_brought_back_through_the_same_services(curator, tags):
    first = Tag.history.filter(id=tags["Go"].pk).get()
    change_tag(tag_id=tags["Go"].pk, name="Golang", tag_type="language")

    shown = curator.get(past(tags["Go"], first.pk))
    answer = curator.post(
        past(tags["Go"], first.pk), form(parent=tags["Languages"].pk, aliases="Golang")
    )

    assert (shown.status_code, answer.status_code) == (200, 302)
    tag = Tag.objects.get(pk=tags["Go"].pk)
    assert (tag.name, tag.tag_type, tag.parent_id) == ("Go", "topic", tags["Languages"].pk)
    assert tree_faults() == []


def test_a_version_that_cannot_come_back_changes_nothing(curator, tags):
    first = Tag.history.filter(id=tags["Go"].pk).get()
    change_tag(tag_id=tags["Go"].pk, name="Golang")
    create_tag(name="Go", tag_type="topic")
    delete_tag(tag_id=tags["Tools"].pk)
    gone = Tag.history.filter(id=tags["Tools"].pk).latest()

    taken = curator.post(past(tags["Go"], first.pk), form(aliases=""), follow=True)
    deleted = curator.post(
        past(tags["Tools"], gone.pk), form(name="Tools", aliases=""), follow=True
    )

    assert "“Go” already names the tag “Go”." in taken.text
    assert "There is no such tag." in deleted.text
    assert Tag.objects.get(pk=tags["Go"].pk).name == "Golang"
    assert not Tag.objects.filter(name="Tools").exists()
