import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from apps.tags.models import Tag
from apps.tags.selectors import tree_faults
from apps.tags.services import create_tag
from tests.factories import ProblemFactory, SubscriptionFactory, UserFactory
from tests.staff import browser, curator_browser, queries_of
from tests.tags.outlines import outline, plant

pytestmark = pytest.mark.django_db
LIST = reverse("admin:tags_tag_changelist")
ADD = reverse("admin:tags_tag_add")
NO_NAMES = {"names-TOTAL_FORMS": "0", "names-INITIAL_FORMS": "0"}


@pytest.fixture
def curator() -> Client:
    return curator_browser()


def page_of(tag: Tag) -> str:
    return reverse("admin:tags_tag_change", args=[tag.pk])


def form(**fields: object) -> dict[str, object]:
    """What a browser sends for a tag."""
    whole = {
        "name": "Python",
        "tag_type": "language",
        "parent": "",
        "description": "",
        "aliases": "",
    }
    return whole | NO_NAMES | fields


def row(tag: Tag) -> tuple[object, ...]:
    aliases = tag.names.filter(kind="alias").order_by("id").values_list("name", flat=True)
    return tag.name, tag.tag_type, tag.parent_id, tag.description, tag.is_featured, list(aliases)


def test_the_list_shows_the_tree_with_its_counts(curator):
    tags = plant({"Languages": {"Python": {}}, "Tools": {}})
    ProblemFactory(tags=[tags["Python"]])
    ProblemFactory(tags=[tags["Python"]], status="draft", approved_at=None)
    SubscriptionFactory(tags=[tags["Python"]])

    page = curator.get(LIST)

    rows = page.context["cl"].result_list
    assert [(tag.name, tag.problem_count, tag.used) for tag in rows] == [
        ("Languages", 1, {}),
        ("Python", 1, {"problems": 2, "subscribers": 1}),
        ("Tools", 0, {}),
    ]
    assert f'data-pk="{tags["Python"].pk}" data-level="1"' in page.text
    assert '1 <span class="desk-quiet">(2)</span>' in page.text
    assert page.text.index("tags/tree.js") < page.text.index("mptt/draggable-admin.js")


def test_an_empty_tree_says_so_and_so_does_a_search_that_finds_nothing(curator):
    assert "The tree is empty." in curator.get(LIST).text
    assert "No tag is like that." in curator.get(LIST, {"q": "zig"}).text


@pytest.mark.parametrize("words", ["reactjs", "Reac", "react-framework"])
def test_a_tag_is_found_by_name_alias_and_slug(curator, words):
    create_tag(
        name="React", tag_type="framework", aliases=["ReactJS", "Reactive"], slug="react-framework"
    )
    create_tag(name="Vue", tag_type="framework")

    page = curator.get(LIST, {"q": words})

    assert [tag.name for tag in page.context["cl"].result_list] == ["React"]


def test_the_list_takes_as_many_queries_for_three_rows_as_for_one(curator):
    python = create_tag(name="Python", tag_type="language", aliases=["py"])
    ProblemFactory(tags=[python])
    for_one = queries_of(curator, LIST)
    plant({"Languages": {"Go": {}}})
    SubscriptionFactory(tags=[Tag.objects.get(name="Go")])

    assert queries_of(curator, LIST) == for_one
    assert len(curator.get(LIST).context["cl"].result_list) == 3


def test_a_curator_adds_a_tag(curator):
    parent = create_tag(name="Languages", tag_type="topic")

    answer = curator.post(
        ADD,
        form(
            parent=parent.pk, description="Snakes.", aliases="py\r\n\r\n CPython ", is_featured="on"
        ),
    )

    tag = Tag.objects.get(name="Python")
    assert answer.headers["Location"] == LIST
    assert row(tag) == ("Python", "language", parent.pk, "Snakes.", True, ["py", "CPython"])
    assert tree_faults() == []
    assert LogEntry.objects.get().object_id == str(tag.pk)


def test_a_curator_edits_and_moves_a_tag(curator):
    tags = plant({"Languages": {"Python": {"asyncio": {}}}, "Tools": {}})

    answer = curator.post(
        page_of(tags["Python"]),
        form(name="CPython", tag_type="tool", parent=tags["Tools"].pk, aliases="Python"),
    )

    tag = Tag.objects.get(pk=tags["Python"].pk)
    assert answer.headers["Location"] == LIST
    assert row(tag) == ("CPython", "tool", tags["Tools"].pk, "", False, ["Python"])
    assert outline() == {"Languages": {}, "Tools": {"CPython": {"asyncio": {}}}}
    assert tree_faults() == []


def test_the_form_shows_the_tag_as_it_is(curator):
    tag = create_tag(name="React", tag_type="framework", aliases=["ReactJS", "React.js"])

    page = curator.get(page_of(tag))

    shown = page.context["adminform"].form
    assert shown["aliases"].value() == "ReactJS\nReact.js"
    assert shown["name"].value() == "React"
    assert "slug" not in shown.fields


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"name": "go"}, None, "“go” already names the tag “Go”."),
        ({"aliases": "GOLANG"}, None, "“GOLANG” already names the tag “Go”."),
        (
            {"name": "a\u200bb"},
            "name",
            "The name holds an invisible or control character, U+200B.",
        ),
        (
            {"aliases": "a\u202eb"},
            "aliases",
            "The aliases holds an invisible or control character, U+202E.",
        ),
        ({"parent": "asyncio"}, None, "“Python” cannot be put under itself or something below it."),
    ],
)
def test_what_the_service_refuses_is_shown_on_the_form_and_nothing_is_saved(
    curator, fields, field, words
):
    tags = plant({"Python": {"asyncio": {}}})
    create_tag(name="Go", tag_type="language", aliases=["golang"])
    before = list(Tag.objects.order_by("pk").values())
    if "parent" in fields:
        fields = {"parent": tags["asyncio"].pk}

    page = curator.post(page_of(tags["Python"]), form(description="Other.", **fields))

    assert page.status_code == 200
    errors = page.context["adminform"].form.errors
    assert errors == {field or "__all__": [words]}
    assert page.context["adminform"].form["description"].value() == "Other."
    assert list(Tag.objects.order_by("pk").values()) == before
    assert not LogEntry.objects.exists()


def test_a_new_tag_that_is_refused_is_not_there(curator):
    create_tag(name="Go", tag_type="language")

    page = curator.post(ADD, form(name="GO"))

    assert page.context["adminform"].form.errors == {
        "__all__": ["“GO” already names the tag “Go”."]
    }
    assert Tag.objects.count() == 1


def test_a_curator_deletes_a_tag_that_nothing_needs(curator):
    tags = plant({"Python": {}, "Go": {}})

    answer = curator.post(reverse("admin:tags_tag_delete", args=[tags["Go"].pk]), {"post": "yes"})

    assert answer.headers["Location"] == LIST
    assert outline() == {"Python": {}}
    assert tree_faults() == []


def test_a_tag_in_use_is_not_deleted_and_it_is_said_why(curator):
    tag = create_tag(name="Go", tag_type="language")
    SubscriptionFactory(tags=[tag])
    ProblemFactory(tags=[tag])

    answer = curator.post(
        reverse("admin:tags_tag_delete", args=[tag.pk]), {"post": "yes"}, follow=True
    )

    assert answer.redirect_chain == [(page_of(tag), 302)]
    assert "“Go” is in use (problems: 1, subscribers: 1)." in answer.text
    assert Tag.objects.get() == tag


def test_the_question_before_a_deletion_is_asked_quickly_however_much_hangs_on_the_tag(curator):
    tag = create_tag(name="Go", tag_type="language")
    url = reverse("admin:tags_tag_delete", args=[tag.pk])
    before = queries_of(curator, url)
    for _ in range(3):
        ProblemFactory(tags=[tag])

    assert queries_of(curator, url) == before
    assert outline() == {"Go": {}}


def test_there_is_no_deleting_in_bulk(curator):
    tag = create_tag(name="Go", tag_type="language")

    curator.post(LIST, {"action": "delete_selected", "_selected_action": [tag.pk], "post": "yes"})

    assert Tag.objects.get() == tag


def drop(curator: Client, tag: Tag, onto: object, position: str) -> int:
    """What mptt's script sends when a row is dropped."""
    answer = curator.post(
        LIST,
        {
            "cmd": "move_node",
            "position": position,
            "cut_item": tag.pk,
            "pasted_on": getattr(onto, "pk", onto),
        },
    )
    return answer.status_code


@pytest.mark.parametrize(
    ("name", "onto", "position", "expected"),
    [
        ("Go", "Tools", "last-child", {"Languages": {"Python": {}}, "Tools": {"Go": {}}}),
        ("Go", "Python", "left", {"Languages": {"Go": {}, "Python": {}}, "Tools": {}}),
        ("Go", "Tools", "left", {"Languages": {"Python": {}}, "Go": {}, "Tools": {}}),
        ("Tools", "Python", "right", {"Languages": {"Python": {}, "Tools": {}, "Go": {}}}),
    ],
)
def test_a_row_that_is_dropped_moves_its_tag(curator, name, onto, position, expected):
    tags = plant({"Languages": {"Python": {}, "Go": {}}, "Tools": {}})

    assert drop(curator, tags[name], tags[onto], position) == 200

    assert outline() == expected
    assert list(outline()) == list(expected)
    assert tree_faults() == []
    assert LogEntry.objects.get().get_change_message() == "Moved."


@pytest.mark.parametrize(
    ("onto", "position", "words"),
    [
        ("Python", "last-child", "cannot be put under itself"),
        (987654, "last-child", "There is no such tag."),
        ("", "last-child", "There is no such tag."),
        ("Tools", "above", "The position must be"),
        ("Tools", "", "The position must be"),
    ],
)
def test_a_drop_that_cannot_be_is_refused_with_a_message(curator, onto, position, words):
    tags = plant({"Languages": {"Python": {}}, "Tools": {}})

    assert drop(curator, tags["Languages"], tags.get(onto, onto), position) == 409

    assert words in curator.get(LIST).text
    assert outline() == {"Languages": {"Python": {}}, "Tools": {}}
    assert not LogEntry.objects.exists()


def test_whoever_may_only_look_moves_nothing():
    tags = plant({"Languages": {}, "Tools": {}})
    looker = UserFactory(is_staff=True)
    looker.user_permissions.add(_permission("view_tag"))

    assert drop(browser(looker), tags["Tools"], tags["Languages"], "last-child") == 403

    assert outline() == {"Languages": {}, "Tools": {}}


def _permission(codename: str):
    from django.contrib.auth.models import Permission

    return Permission.objects.get(codename=codename)
