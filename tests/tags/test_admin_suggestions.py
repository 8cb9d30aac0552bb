import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Role
from apps.problems.services import create_problem
from apps.tags.models import Tag, TagSuggestion
from apps.tags.services import create_tag, reject_suggestion, suggest_tag
from tests.factories import UserFactory
from tests.staff import browser, curator_browser, person, queries_of

pytestmark = pytest.mark.django_db
LIST = reverse("admin:tags_tagsuggestion_changelist")


@pytest.fixture
def curator() -> Client:
    return curator_browser()


@pytest.fixture
def bun() -> TagSuggestion:
    suggestion, _ = suggest_tag(name="Bun", source="user", tag_type="tool")
    return suggestion


def page_of(suggestion: TagSuggestion) -> str:
    return reverse("admin:tags_tagsuggestion_change", args=[suggestion.pk])


def deed(suggestion: TagSuggestion, name: str) -> str:
    return reverse(f"admin:tags_tagsuggestion_{name}", args=[suggestion.pk])


def decision(suggestion: TagSuggestion) -> tuple[str, str | None, str]:
    suggestion.refresh_from_db()
    tag = suggestion.resolved_tag
    return suggestion.status, tag.name if tag else None, suggestion.note


def test_the_list_says_who_asked_and_on_which_problems(curator):
    author = UserFactory(display_name="Ann")
    problem = create_problem(title="A <b> draft", statement="S", tags=["Bun"], author=author)
    suggest_tag(name="Bun", source="user", by=UserFactory(display_name="Ben"))

    page = curator.get(LIST)

    assert "Ann, Ben" in page.text
    link = reverse("admin:problems_problem_change", args=[problem.pk])
    assert f'href="{link}">A &lt;b&gt; draft</a>' in page.text


def test_of_many_that_ask_the_first_are_named(curator):
    for number in range(5):
        create_problem(
            title=f"Draft {number}",
            statement="S",
            tags=["Bun"],
            author=UserFactory(display_name=f"Person {number}"),
        )

    page = curator.get(LIST)

    assert "Person 0, Person 1, Person 2 +2" in page.text
    assert "Draft 2</a> +2" in page.text
    assert "Draft 3" not in page.text
    whole = curator.get(page_of(TagSuggestion.objects.get()))
    assert all(f"Draft {number}</a>" in whole.text for number in range(5))


def test_the_list_takes_as_many_queries_for_three_rows_as_for_one(curator):
    def ask(name: str) -> None:
        create_problem(title=name, statement="S", tags=[name], author=UserFactory())

    ask("Bun")
    for_one = queries_of(curator, LIST)
    ask("Deno")
    ask("Zig")

    assert queries_of(curator, LIST) == for_one
    assert len(curator.get(LIST).context["cl"].result_list) == 3


def test_what_waits_is_shown_first_and_the_rest_by_its_state(curator, bun):
    rejected, _ = suggest_tag(name="Blub", source="user")
    reject_suggestion(suggestion_id=rejected.pk, by=None)

    shown = {
        state: list(curator.get(LIST, {"status": state}).context["cl"].result_list)
        for state in ("", "pending", "rejected", "approved", "all")
    }

    assert shown == {
        "": [bun],
        "pending": [bun],
        "rejected": [rejected],
        "approved": [],
        "all": [bun, rejected],
    }


def test_one_is_approved_as_edited(bun):
    reviewer, parent = person(Role.CURATOR), create_tag(name="JavaScript", tag_type="language")

    answer = browser(reviewer).post(
        deed(bun, "approve"),
        {"_form_submitted": "on", "name": "Bun!", "tag_type": "framework", "parent": parent.pk},
    )

    tag = Tag.objects.get(name="Bun!")
    assert answer.headers["Location"] == page_of(bun)
    assert (tag.tag_type, tag.parent) == ("framework", parent)
    assert decision(bun) == ("approved", "Bun!", "")
    assert bun.reviewed_by == reviewer
    assert LogEntry.objects.get().get_change_message() == "Approved."


def test_the_dialog_starts_from_what_was_suggested(curator):
    parent = create_tag(name="JavaScript", tag_type="language")
    suggestion, _ = suggest_tag(
        name="Bun", source="user", tag_type="tool", suggested_parent_id=parent.pk
    )

    dialog = curator.get(deed(suggestion, "approve"), headers={"HX-Request": "true"})

    assert 'name="name" value="Bun"' in dialog.text
    assert '<option value="tool" selected>' in dialog.text
    assert f'<option value="{parent.pk}" selected>' in dialog.text
    assert decision(suggestion) == ("pending", None, "")


def test_one_is_merged(curator, bun):
    tag = create_tag(name="JavaScript runtimes", tag_type="topic")

    curator.post(deed(bun, "merge"), {"_form_submitted": "on", "into": tag.pk})

    assert decision(bun) == ("merged", "JavaScript runtimes", "")


def test_one_is_rejected(curator, bun):
    curator.post(deed(bun, "reject"), {"_form_submitted": "on", "note": "Not a thing."})

    assert decision(bun) == ("rejected", None, "Not a thing.")


def test_what_the_service_refuses_is_said(curator, bun):
    create_tag(name="Rabbit", tag_type="topic", aliases=["Bunny"])

    answer = curator.post(
        deed(bun, "approve"),
        {"_form_submitted": "on", "name": "bunny", "tag_type": "tool"},
        follow=True,
    )

    assert "“bunny” already names the tag “Rabbit”." in answer.text
    assert decision(bun) == ("pending", None, "")
    assert not LogEntry.objects.exists()


def test_a_decided_one_is_not_offered_again(curator, bun):
    offered = curator.get(page_of(bun)).text
    reject_suggestion(suggestion_id=bun.pk, by=None)

    assert deed(bun, "approve") in offered
    assert deed(bun, "approve") not in curator.get(page_of(bun)).text


def choose(curator: Client, action: str, rows: list[TagSuggestion], **answers: object):
    return curator.post(
        LIST, {"action": action, "_selected_action": [row.pk for row in rows], **answers}
    )


@pytest.fixture
def three(bun) -> list[TagSuggestion]:
    return [
        bun,
        suggest_tag(name="Deno", source="user")[0],
        suggest_tag(name="Zig", source="user")[0],
    ]


@pytest.mark.parametrize("action", ["approve_all", "merge_all", "reject_all"])
def test_a_bulk_action_asks_first_and_changes_nothing(curator, three, action):
    page = choose(curator, action, three)

    assert page.status_code == 200
    assert all(f"<li>{row.name}</li>" in page.text for row in three)
    assert 'name="confirmed" value="yes"' in page.text
    assert not TagSuggestion.objects.exclude(status="pending").exists()


def test_several_are_approved_as_typed(curator, three):
    parent = create_tag(name="Runtimes", tag_type="topic")

    choose(curator, "approve_all", three, confirmed="yes", tag_type="language", parent=parent.pk)

    made = Tag.objects.filter(parent=parent).order_by("name")
    assert [(tag.name, tag.tag_type) for tag in made] == [
        ("Bun", "tool"),
        ("Deno", "language"),
        ("Zig", "language"),
    ]
    assert {row.status for row in TagSuggestion.objects.all()} == {"approved"}
    assert LogEntry.objects.count() == 3


def test_one_that_is_refused_keeps_no_other_out(curator, three):
    answer = curator.post(
        LIST,
        {
            "action": "approve_all",
            "_selected_action": [row.pk for row in three],
            "confirmed": "yes",
        },
        follow=True,
    )

    assert decision(three[0]) == ("approved", "Bun", "")
    assert decision(three[1]) == decision(three[2]) == ("pending", None, "")
    assert "Deno: The type must be one of" in answer.text
    assert "Approved. (1)" in answer.text


def test_several_are_merged_into_one_tag(curator, three):
    tag = create_tag(name="Runtimes", tag_type="topic")

    choose(curator, "merge_all", three, confirmed="yes", into=tag.pk)

    assert sorted(tag.names.values_list("name", "kind")) == [
        ("Bun", "alias"),
        ("Deno", "alias"),
        ("Runtimes", "primary"),
        ("Zig", "alias"),
    ]


def test_a_merge_without_a_tag_asks_again(curator, three):
    page = choose(curator, "merge_all", three, confirmed="yes", into="")

    assert "This field is required." in page.text
    assert not TagSuggestion.objects.exclude(status="pending").exists()


def test_several_are_rejected_with_one_note(curator, three):
    choose(curator, "reject_all", three, confirmed="yes", note="No.")

    assert {decision(row) for row in three} == {("rejected", None, "No.")}


def test_nobody_adds_edits_or_deletes_a_suggestion(curator, bun):
    added = curator.get(reverse("admin:tags_tagsuggestion_add"))
    edited = curator.post(page_of(bun), {"name": "Other"})
    deleted = curator.post(
        reverse("admin:tags_tagsuggestion_delete", args=[bun.pk]), {"post": "yes"}
    )

    assert [added.status_code, edited.status_code, deleted.status_code] == [403, 403, 403]
    assert decision(bun) == ("pending", None, "")


def test_whoever_may_only_look_decides_nothing(bun):
    looker = UserFactory(is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_tagsuggestion"))
    client = browser(looker)

    page = client.get(page_of(bun))
    answers = [
        client.post(deed(bun, name), {"_form_submitted": "on", "name": "B", "tag_type": "tool"})
        for name in ("approve", "merge", "reject")
    ]
    choose(client, "reject_all", [bun], confirmed="yes", note="No.")

    assert page.status_code == 200
    assert deed(bun, "approve") not in page.text
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert decision(bun) == ("pending", None, "")
