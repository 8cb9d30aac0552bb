import re
from html import unescape

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Role
from apps.problems.models import Problem
from apps.problems.services import approve_problem, create_problem, submit_problem
from apps.tags.models import Tag, TagSuggestion
from apps.tags.services import create_tag, reject_suggestion
from tests.factories import DeliveryFactory, ProblemFactory, UserFactory
from tests.looks import Mail
from tests.problems.lists import assert_lists_hold
from tests.staff import browser, curator_browser, person, queries_of

pytestmark = pytest.mark.django_db
LIST = reverse("admin:problems_problem_changelist")
ADD = reverse("admin:problems_problem_add")


@pytest.fixture
def curator() -> Client:
    return curator_browser()


@pytest.fixture
def python() -> Tag:
    return create_tag(name="Python", tag_type="language")


@pytest.fixture
def go() -> Tag:
    return create_tag(name="Go", tag_type="language")


def page_of(problem: Problem) -> str:
    return reverse("admin:problems_problem_change", args=[problem.pk])


def deed(problem: Problem, name: str) -> str:
    return reverse(f"admin:problems_problem_{name}", args=[problem.pk])


def form(**fields: object) -> dict[str, object]:
    """What a browser sends for a problem."""
    whole = {
        "title": "The leak",
        "statement": "Where is it?\r\n\r\nSay why.",
        "hints": "Look.\r\n\r\nTwice.\r\n=====\r\nLook there.",
        "solution": "There.",
        "difficulty": "easy",
        "estimated_minutes": "10",
        "vetting_tier": "tier2_ai",
        "source_title": "",
        "source_url": "",
        "source_author": "",
        "license": "",
    }
    return whole | fields


def tags_of(problem: Problem) -> list[str]:
    links = problem.problem_tags.order_by("id").select_related("tag")
    return [link.tag.name for link in links]


def test_the_list_shows_what_a_curator_asks_first(curator, python):
    ProblemFactory(tags=[python], title="The leak")
    create_problem(title="A draft", statement="S", tags=["Python", "Bun"])

    page = curator.get(LIST)

    assert [problem.title for problem in page.context["cl"].result_list] == ["A draft", "The leak"]
    assert "Python, Bun?" in page.text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"status__exact": "pending"}, {"Waiting"}),
        ({"status__exact": "draft"}, {"Draft"}),
        ({"difficulty__exact": "hard"}, {"Approved"}),
        ({"waiting": "yes"}, {"Draft"}),
        ({"under": "Languages"}, {"Approved", "Waiting"}),
        ({"under": "987654"}, {"Approved", "Waiting", "Draft"}),
        ({"q": "wait"}, {"Waiting"}),
        ({"q": "693dfe1b-a0e8-416a-be41-dbe4ea9e68c3"}, {"Approved"}),
    ],
)
def test_the_list_is_filtered_and_searched(curator, query, expected):
    languages = create_tag(name="Languages", tag_type="topic")
    go = create_tag(name="Go", tag_type="language", parent_id=languages.pk)
    ProblemFactory(
        tags=[go],
        title="Approved",
        difficulty="hard",
        uuid="693dfe1b-a0e8-416a-be41-dbe4ea9e68c3",
    )
    ProblemFactory(tags=[languages], title="Waiting", status="pending", approved_at=None)
    create_problem(title="Draft", statement="S", tags=["Bun"])
    if query.get("under") == "Languages":
        query = {"under": languages.pk}

    page = curator.get(LIST, query)

    assert {problem.title for problem in page.context["cl"].result_list} == expected


def test_the_list_takes_as_many_queries_for_three_rows_as_for_one(curator, python, go):
    create_problem(title="A", statement="S", tags=["Python", "Bun"], author=UserFactory())
    for_one = queries_of(curator, LIST)
    create_problem(title="B", statement="S", tags=["Go", "Deno"], author=UserFactory())
    approve_problem(
        problem_id=ProblemFactory(status="pending", approved_at=None, tags=[python, go]).pk,
        by=person(Role.CURATOR),
    )

    assert queries_of(curator, LIST) == for_one
    assert len(curator.get(LIST).context["cl"].result_list) == 3


def test_a_curator_writes_a_problem(python, go):
    author = person(Role.CURATOR)

    answer = browser(author).post(ADD, form(tag_list=[go.pk, python.pk]))

    problem = Problem.objects.get()
    assert answer.headers["Location"] == LIST
    assert (problem.title, problem.slug, problem.status) == ("The leak", "the-leak", "draft")
    assert (problem.statement, problem.hints) == (
        "Where is it?\n\nSay why.",
        ["Look.\n\nTwice.", "Look there."],
    )
    assert (problem.difficulty, problem.estimated_minutes) == ("easy", 10)
    assert (problem.vetting_tier, problem.author, problem.version) == ("tier2_ai", author, 1)
    assert set(tags_of(problem)) == {"Python", "Go"}
    assert LogEntry.objects.get().object_id == str(problem.pk)


def test_a_curator_edits_an_approved_problem(curator, python, go):
    problem = ProblemFactory(tags=[python], hints=["One.", "Two."])

    answer = curator.post(page_of(problem), form(tag_list=[go.pk]))

    problem.refresh_from_db()
    assert answer.headers["Location"] == LIST
    assert (problem.title, problem.status, problem.version) == ("The leak", "approved", 2)
    assert tags_of(problem) == ["Go"]
    assert_lists_hold()


def test_saving_a_form_unchanged_changes_nothing(curator, python, go):
    problem = create_problem(
        title="The leak",
        statement="Where?\n\n```text\n=====\n```",
        hints=["One.\n\nMore.", "Two."],
        solution="There.",
        tags=["Go", "Python", "Bun"],
    )
    before = Problem.objects.values().get()
    shown = curator.get(page_of(problem)).context["adminform"].form

    curator.post(
        page_of(problem),
        {name: "" if (value := shown[name].value()) is None else value for name in shown.fields},
    )

    after = Problem.objects.values().get()
    assert after.pop("updated_at") >= before.pop("updated_at")
    assert after == before
    assert tags_of(problem) == ["Go", "Python"]
    assert TagSuggestion.objects.get().problem_suggestions.count() == 1


def test_the_status_is_not_on_the_form(curator, python):
    problem = create_problem(title="A", statement="S")

    curator.post(
        page_of(problem),
        form(status="approved", slug="mine", version="9", approved_at="2020-01-01"),
    )

    problem.refresh_from_db()
    assert (problem.status, problem.slug, problem.version) == ("draft", "a", 2)


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        (
            {"title": "a\u202eb"},
            {"title": ["The title holds an invisible or control character, U+202E."]},
        ),
        (
            {"statement": "x" * 60_000},
            {"statement": ["Statement, hints and solution together may have 56 KiB."]},
        ),
        ({"source_url": "ftp://example.org/"}, {"source_url": ["The source's address must be"]}),
        ({"solution": ""}, {"__all__": ["An approved problem needs a solution."]}),
        ({"tag_list": []}, {"__all__": ["An approved problem needs an approved tag."]}),
    ],
)
def test_what_the_service_refuses_is_shown_on_the_form_and_nothing_is_saved(
    curator, python, fields, errors
):
    problem = ProblemFactory(tags=[python])
    before = Problem.objects.values().get()

    page = curator.post(page_of(problem), form(**({"tag_list": [python.pk]} | fields)))

    found = page.context["adminform"].form.errors
    assert found.keys() == errors.keys()
    assert all(found[name][0].startswith(words[0]) for name, words in errors.items())
    assert Problem.objects.values().get() == before
    assert not LogEntry.objects.exists()


def test_what_it_waits_for_and_what_was_turned_down_is_shown(curator):
    problem = create_problem(title="A", statement="S", tags=["Bun", "Blub"])
    reject_suggestion(suggestion_id=TagSuggestion.objects.get(name="Blub").pk, by=None, note="No.")

    page = curator.get(page_of(problem))

    assert "Blub (No.)" in page.text
    assert "Bun" in page.text


STEPS = [
    ("draft", "submit", {}, "pending"),
    ("draft", "approve", {"vetting_tier": "tier2_ai"}, "approved"),
    ("pending", "approve", {"vetting_tier": "tier1_manual"}, "approved"),
    ("pending", "reject", {"note": "No."}, "rejected"),
    ("approved", "archive", {"reason": "Old."}, "archived"),
    ("archived", "restore", {}, "approved"),
    ("rejected", "submit", {}, "pending"),
]


def problem_in(status: str, tag: Tag, **fields: object) -> Problem:
    if status not in ("approved", "archived"):
        fields["approved_at"] = None
    return ProblemFactory(status=status, tags=[tag], **fields)


@pytest.mark.parametrize(("status", "step", "answers", "then"), STEPS)
def test_each_step_is_taken_from_the_page_of_a_problem(
    curator, python, status, step, answers, then
):
    problem = problem_in(status, python)

    answer = curator.post(deed(problem, step), {"_form_submitted": "on", **answers})

    problem.refresh_from_db()
    assert answer.headers["Location"] == page_of(problem)
    assert problem.status == then
    assert LogEntry.objects.get().user.is_staff
    assert_lists_hold()


@pytest.mark.parametrize(("status", "step", "answers", "then"), STEPS)
def test_each_step_is_taken_for_several_after_one_question(
    curator, python, status, step, answers, then
):
    problems = [problem_in(status, python, statement=f"What is {n}?") for n in range(2)]
    chosen = {"action": f"{step}_all", "_selected_action": [problem.pk for problem in problems]}

    page = curator.post(LIST, chosen)
    asked = set(Problem.objects.values_list("status", flat=True))
    curator.post(LIST, {**chosen, "confirmed": "yes", **answers})

    assert all(f"<li>{problem.title}</li>" in page.text for problem in problems)
    assert asked == {status}
    assert set(Problem.objects.values_list("status", flat=True)) == {then}
    assert_lists_hold()


@pytest.mark.parametrize(
    ("status", "offered"),
    [
        ("draft", {"approve", "reject", "submit"}),
        ("pending", {"approve", "reject"}),
        ("approved", {"archive"}),
        ("rejected", {"submit"}),
        ("archived", {"restore"}),
    ],
)
def test_only_steps_that_make_sense_are_offered(curator, python, status, offered):
    problem = problem_in(status, python)

    page = curator.get(page_of(problem)).text

    steps = {"approve", "reject", "archive", "restore", "submit"}
    assert {step for step in steps if deed(problem, step) in page} == offered


def test_what_the_service_refuses_is_said(curator):
    problem = create_problem(title="A", statement="S")

    answer = curator.post(
        deed(problem, "approve"),
        {"_form_submitted": "on", "vetting_tier": "tier1_manual"},
        follow=True,
    )

    assert (
        "An approved problem needs a solution and a difficulty and an approved tag." in answer.text
    )
    problem.refresh_from_db()
    assert problem.status == "draft"


def test_of_several_those_that_can_are_approved(curator, python):
    good = problem_in("pending", python)
    bad = create_problem(title="A", statement="S")

    answer = curator.post(
        LIST,
        {
            "action": "approve_all",
            "_selected_action": [good.pk, bad.pk],
            "confirmed": "yes",
            "vetting_tier": "tier1_manual",
        },
        follow=True,
    )

    assert "A: An approved problem needs" in answer.text
    assert "Approved. (1)" in answer.text
    assert dict(Problem.objects.values_list("pk", "status")) == {
        good.pk: "approved",
        bad.pk: "draft",
    }


def test_a_rejection_without_a_note_asks_again(curator, python):
    problem = problem_in("pending", python)

    page = curator.post(
        LIST,
        {"action": "reject_all", "_selected_action": [problem.pk], "confirmed": "yes", "note": ""},
    )

    assert "This field is required." in page.text
    problem.refresh_from_db()
    assert problem.status == "pending"


def test_a_problem_nobody_had_is_deleted_and_one_that_was_delivered_is_not(curator, python):
    unused, used = problem_in("approved", python), DeliveryFactory(problem__tags=[python]).problem
    answers = [
        curator.post(
            reverse("admin:problems_problem_delete", args=[problem.pk]),
            {"post": "yes"},
            follow=True,
        )
        for problem in (unused, used)
    ]

    assert [answer.redirect_chain for answer in answers] == [[(LIST, 302)], [(page_of(used), 302)]]
    assert "This problem was delivered to somebody. Archive it instead." in answers[1].text
    assert Problem.objects.get() == used
    assert_lists_hold()


def test_whoever_may_only_look_changes_nothing(python):
    problem = problem_in("pending", python)
    looker = UserFactory(is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_problem"))
    client = browser(looker)

    answers = [
        client.post(page_of(problem), form()),
        client.get(ADD),
        client.post(
            deed(problem, "approve"), {"_form_submitted": "on", "vetting_tier": "tier2_ai"}
        ),
        client.post(reverse("admin:problems_problem_delete", args=[problem.pk]), {"post": "yes"}),
    ]

    assert client.get(page_of(problem)).status_code == 200
    assert [answer.status_code for answer in answers] == [403, 403, 403, 403]
    problem.refresh_from_db()
    assert problem.status == "pending"


def test_the_author_of_a_submitted_problem_is_named(curator, python):
    author = UserFactory(display_name="Ann")
    problem = create_problem(title="A", statement="S", author=author)
    submit_problem(problem_id=problem.pk)

    assert "Ann" in curator.get(page_of(problem)).text


def test_the_page_shows_both_mails_in_frames_that_run_nothing(curator, python):
    problem = ProblemFactory(
        title="<b>T</b>", statement="Why <script>alert(1)</script>?", tags=[python]
    )

    page = curator.get(page_of(problem)).content.decode()

    frames = re.findall(r'<iframe [^>]*title="The (\w+) as it looks" srcdoc="([^"]*)"', page)
    assert [kind for kind, _ in frames] == ["challenge", "solution"]
    assert page.count('class="desk-look-frame" sandbox referrerpolicy="no-referrer"') == 2
    for _, source in frames:
        html = unescape(source)
        assert "<h1" in html
        assert "&lt;b&gt;T&lt;/b&gt;" in html
        assert set(Mail(html).links) == {"#"}
        assert "<script" not in html


def test_a_problem_from_before_the_limits_can_still_be_opened(curator):
    problem = ProblemFactory(statement=">" * 30 + " a")

    page = curator.get(page_of(problem)).content.decode()

    assert "It cannot be shown: Quotes, lists or emphasis are nested more than 18 deep." in page


def test_approving_warns_of_a_mail_that_would_be_cut_and_of_wide_code(curator, python):
    long = "A word of this and that.\n\n" * 1_600
    problem = ProblemFactory(
        title="Long", statement=long, hints=["```\n" + "x" * 73 + "\n```"], tags=[python]
    )
    Problem.objects.filter(pk=problem.pk).update(status="pending")

    page = curator.post(
        deed(problem, "approve"),
        {"_form_submitted": "on", "vetting_tier": "tier1_manual"},
        follow=True,
    ).text

    assert "Long: Code in hint 1 is wider than 72 characters." in page
    assert "Long: The challenge is too long for one mail: it ends with a link to the rest." in page
    assert "The solution is too long" not in page
    problem.refresh_from_db()
    assert problem.status == "approved"
