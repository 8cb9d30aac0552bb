"""The desk of suggested names: what a case shows, and its decisions without a page."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import Role, User
from apps.problems.models import Problem
from apps.problems.services import create_problem
from apps.tags.models import Tag, TagSuggestion
from apps.tags.services import create_tag, reject_suggestion, suggest_tag
from tests.factories import UserFactory
from tests.staff import browser, curator_browser, person
from tests.tags.outlines import outline, plant

pytestmark = pytest.mark.django_db
LIST = reverse("admin:tags_tagsuggestion_changelist")


@pytest.fixture
def curator() -> Client:
    return curator_browser()


@pytest.fixture
def tags() -> dict[str, Tag]:
    return plant({"Languages": {"JavaScript": {"React": {}}, "Python": {}}, "PostgreSQL": {}})


@pytest.fixture
def draft(tags) -> Problem:
    return create_problem(
        title="The bundle that grew",
        statement="Why?",
        tags=["React", "JavaScript", "Bun"],
        author=UserFactory(display_name="Ann"),
    )


@pytest.fixture
def bun(draft) -> TagSuggestion:
    return TagSuggestion.objects.get(name="Bun")


def decide(client: Client, row: TagSuggestion, verb: str, *, is_piece: bool = True, **fields):
    url = reverse("admin:tags_tagsuggestion_decide", args=[row.pk, verb])
    return client.post(url, fields, headers={"X-Desk": "yes"} if is_piece else {})


def state(row: TagSuggestion) -> tuple[str, str | None, str]:
    row.refresh_from_db()
    return row.status, row.resolved_tag.name if row.resolved_tag else None, row.note


def tags_of(problem: Problem) -> set[str]:
    return set(problem.tags.values_list("name", flat=True))


def case_of(client: Client, row: TagSuggestion):
    cases = client.get(LIST).context["cl"].cases
    return next(case for case in cases if case.suggestion == row)


def test_a_case_carries_all_there_is_to_know(curator, bun, draft):
    suggest_tag(name="bun", source="user", by=UserFactory(display_name="Ben"), reason="New & fast.")

    case, page = case_of(curator, bun), curator.get(LIST).text

    assert (case.tag_type, case.parent) == ("topic", "JavaScript")
    assert [asked.row_id for asked in case.problems] == [draft.pk]
    assert "Ann, Ben" in page
    assert "“New &amp; fast.”" in page
    assert not [user.email for user in User.objects.filter(is_staff=False) if user.email in page]
    assert '<option value="React">Languages › JavaScript › React</option>' in page


def test_what_whoever_asked_proposed_comes_before_what_the_problems_tell(curator, bun, tags):
    TagSuggestion.objects.update(tag_type="tool", suggested_parent=tags["Python"])

    case = case_of(curator, bun)

    assert (case.tag_type, case.parent) == ("tool", "Python")


@pytest.mark.parametrize(
    ("typed", "twin"), [("Postgres", "PostgreSQL"), ("react.js", "React"), ("Zig", None)]
)
def test_likely_twins_stand_beside_a_case(curator, tags, typed, twin):
    row, _ = suggest_tag(name=typed, source="user")

    twins = case_of(curator, row).twins

    assert [found.name for found in twins] == ([twin] if twin else [])
    page = curator.get(LIST).text
    assert (f'form="twin-{row.pk}"' in page) == bool(twin)


def test_approved_as_proposed_it_is_on_the_problem(bun, draft):
    reviewer = person(Role.CURATOR, display_name="Cleo")

    answer = decide(
        browser(reviewer), bun, "approve", name="Bun", tag_type="tool", parent="javascript"
    )

    assert answer.status_code == 200
    assert answer.headers["X-Waiting"] == "0"
    assert "<html" not in answer.text
    assert "Languages › JavaScript › Bun" in answer.text
    assert "Cleo" in answer.text
    assert state(bun) == ("approved", "Bun", "")
    assert tags_of(draft) == {"React", "JavaScript", "Bun"}
    assert LogEntry.objects.get().get_change_message() == "Approved."


def test_an_empty_parent_is_the_top_whatever_was_suggested(curator, tags):
    row, _ = suggest_tag(name="Zig", source="user", suggested_parent_id=tags["Languages"].pk)

    decide(curator, row, "approve", name="Zig", tag_type="language", parent="")

    assert "Zig" in outline()


def test_one_click_merges_into_a_twin(curator, bun, draft, tags):
    answer = decide(curator, bun, "merge", twin=tags["Python"].pk)

    assert "Languages › Python" in answer.text
    assert state(bun) == ("merged", "Python", "")
    assert tags_of(draft) == {"React", "JavaScript", "Python"}


def test_it_is_merged_into_a_tag_by_any_of_its_names(curator, bun):
    create_tag(name="Runtimes", tag_type="topic", aliases=["Engines"])

    decide(curator, bun, "merge", into=" ENGINES ")

    assert state(bun) == ("merged", "Runtimes", "")


def test_it_is_rejected_with_a_note(curator, bun, draft):
    answer = decide(curator, bun, "reject", note="Too new.")

    assert "“Too new.”" in answer.text
    assert state(bun) == ("rejected", None, "Too new.")
    assert tags_of(draft) == {"React", "JavaScript"}


@pytest.mark.parametrize(
    ("verb", "fields", "refusal"),
    [
        (
            "approve",
            {"name": "react", "tag_type": "tool"},
            "“react” already names the tag “React”.",
        ),
        ("approve", {"name": "Bun"}, "Type: This field is required."),
        (
            "approve",
            {"name": "Bun", "tag_type": "tool", "parent": "Nowhere"},
            "Parent: There is no tag “Nowhere”.",
        ),
        ("merge", {}, "Into: Name the tag that it is another name of."),
        ("merge", {"into": "Nowhere"}, "Into: There is no tag “Nowhere”."),
        ("reject", {"note": "x" * 501}, None),
    ],
)
def test_what_cannot_be_is_said_beside_the_case_and_changes_nothing(
    curator, bun, verb, fields, refusal
):
    answer = decide(curator, bun, verb, **fields)

    assert answer.status_code == 409
    assert refusal in (None, answer.json()["refusal"])
    assert state(bun) == ("pending", None, "")
    assert not LogEntry.objects.exists()


def test_whoever_comes_second_sees_what_the_first_decided(curator, bun):
    reject_suggestion(suggestion_id=bun.pk, by=None, note="Too new.")

    answer = decide(curator, bun, "approve", name="Bun", tag_type="tool")

    assert answer.status_code == 200
    assert "“Bun” was rejected already." in answer.text
    assert state(bun) == ("rejected", None, "Too new.")


def test_one_that_is_gone_is_said_to_be(curator, bun):
    TagSuggestion.objects.filter(pk=bun.pk).delete()

    answer = decide(curator, bun, "reject")

    assert (answer.status_code, answer.json()["refusal"]) == (409, "There is no such suggestion.")


def test_without_a_script_the_browser_comes_back_to_the_same_list(curator, bun):
    done = decide(curator, bun, "reject", is_piece=False, list="?q=bu&source=author")
    refused = curator.post(
        reverse("admin:tags_tagsuggestion_decide", args=[bun.pk, "reject"]), follow=True
    )

    assert done.headers["Location"] == f"{LIST}?q=bu&source=author"
    assert state(bun) == ("rejected", None, "")
    assert "“Bun” was rejected already." in refused.text


def test_whoever_may_only_look_is_shown_no_forms_and_decides_nothing(bun):
    looker = UserFactory(is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_tagsuggestion"))

    page = browser(looker).get(LIST)
    answers = [decide(browser(who), bun, "reject").status_code for who in (looker, UserFactory())]

    assert page.status_code == 200
    assert "/decide/" not in page.text
    assert answers == [403, 302]
    assert state(bun) == ("pending", None, "")


def test_there_are_three_decisions_and_no_other_method(curator, bun):
    url = reverse("admin:tags_tagsuggestion_decide", args=[bun.pk, "reject"])

    assert curator.get(url).status_code == 405
    assert decide(curator, bun, "burn").status_code == 403


def test_an_empty_desk_says_so(curator):
    assert "Nothing waits for a decision." in curator.get(LIST).text
    assert "No suggestion is like that." in curator.get(LIST, {"q": "zig"}).text


def test_a_decision_takes_as_many_queries_on_a_full_desk_as_on_an_empty_one(curator, bun):
    def queries() -> int:
        row, _ = suggest_tag(name=f"Idea {TagSuggestion.objects.count()}", source="user")
        with CaptureQueriesContext(connection) as captured:
            assert decide(curator, row, "reject", note="No.").status_code == 200
        return len(captured)

    for_few = queries()
    for number in range(5):
        suggest_tag(name=f"Thought {number}", source="user", by=UserFactory())

    assert queries() == for_few
