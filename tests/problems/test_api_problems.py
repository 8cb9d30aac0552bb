"""The bank over HTTP: who sees which problems, and how they are looked up."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.problems.models import Problem
from tests.api import METHOD_NOT_ALLOWED, NOT_AUTHENTICATED, Caller, pointers, problem
from tests.factories import ProblemFactory, SentDeliveryFactory, TagFactory, UserFactory

LIST = "/api/problems/"

pytestmark = pytest.mark.django_db


def instant(value):
    return value.isoformat().replace("+00:00", "Z")


def titles(response):
    assert response.status_code == 200, response.content
    return [found["title"] for found in response.json()["results"]]


def test_anybody_reads_an_approved_problem_but_not_its_solution(api):
    tag = TagFactory(name="PostgreSQL")
    shown = ProblemFactory(
        title="The index that nobody uses",
        tags=[tag],
        source_title="A talk",
        source_url="https://talks.example/1",
        source_author="Grace",
        license="CC BY 4.0",
        problem_metadata={"suggested_tags": ["Bun"]},
    )

    response = api.get(f"{LIST}the-index-that-nobody-uses/")

    assert response.status_code == 200
    assert response.json() == {
        "id": shown.pk,
        "slug": "the-index-that-nobody-uses",
        "title": "The index that nobody uses",
        "statement": shown.statement,
        "difficulty": "medium",
        "estimated_minutes": 15,
        "tags": [{"id": tag.pk, "name": "PostgreSQL", "slug": "postgresql"}],
        "status": None,
        "vetting_tier": None,
        "version": 1,
        "source": {
            "title": "A talk",
            "url": "https://talks.example/1",
            "author": "Grace",
            "license": "CC BY 4.0",
        },
        "hints": [],
        "solution": None,
        "solution_available_at": None,
        "problem_metadata": None,
        "mine": None,
        "approved_at": instant(shown.approved_at),
        "created_at": instant(shown.created_at),
        "updated_at": instant(shown.updated_at),
    }
    assert api.get(f"{LIST}{shown.pk}/").json() == response.json()


def test_curators_and_the_author_see_all_there_is(curator):
    author = Caller(UserFactory())
    draft = ProblemFactory(
        status="draft",
        approved_at=None,
        difficulty="",
        estimated_minutes=None,
        author=author.user,
        problem_metadata={"suggested_tags": ["Bun"]},
    )

    seen = [caller.get(f"{LIST}{draft.pk}/").json() for caller in (curator, author)]

    assert seen[0] == seen[1]
    assert {
        name: seen[0][name]
        for name in (
            "status",
            "vetting_tier",
            "difficulty",
            "estimated_minutes",
            "hints",
            "solution",
            "problem_metadata",
            "source",
            "approved_at",
        )
    } == {
        "status": "draft",
        "vetting_tier": "tier1_manual",
        "difficulty": None,
        "estimated_minutes": None,
        "hints": draft.hints,
        "solution": draft.solution,
        "problem_metadata": {"suggested_tags": ["Bun"]},
        "source": None,
        "approved_at": None,
    }


@pytest.mark.parametrize("status", ["draft", "pending", "rejected", "archived"])
def test_what_is_not_approved_is_404_to_others(api, signed_in, status):
    hidden = ProblemFactory(status=status, author=UserFactory())
    missing = problem(404, "not_found", "There is no such problem.")

    for caller in (api, signed_in):
        for ref in (hidden.pk, hidden.slug):
            response = caller.get(f"{LIST}{ref}/")

            assert (response.status_code, response.json()) == (404, missing)
        assert titles(caller.get(f"{LIST}?status={status}")) == []


@pytest.mark.parametrize("ref", ["nothing", "0", "9" * 30, "a'b", "Ü"])
def test_no_such_problem_is_404(api, ref):
    assert api.get(f"{LIST}{ref}/").status_code == 404


def test_html_comes_besides_when_asked_for(curator):
    shown = ProblemFactory(statement="**Bold** <script>alert(1)</script>", hints=["*Look*"])

    body = curator.get(f"{LIST}{shown.pk}/?render=html").json()

    assert body["statement"] == "**Bold** <script>alert(1)</script>"
    assert "<strong>Bold</strong>" in body["statement_html"]
    assert "<script>" not in body["statement_html"]
    assert "<em>Look</em>" in body["hints_html"][0]
    assert "<strong>Take away</strong>" in body["solution_html"]


def test_html_of_a_hidden_solution_is_null(api):
    shown = ProblemFactory()

    assert api.get(f"{LIST}{shown.pk}/?render=html").json()["solution_html"] is None


def test_the_newest_approved_come_first(api):
    now = timezone.now()
    for days, title in ((3, "Old"), (1, "New"), (2, "Middle")):
        ProblemFactory(title=title, approved_at=now - timedelta(days=days))

    assert titles(api.get(LIST)) == ["New", "Middle", "Old"]
    assert titles(api.get(f"{LIST}?ordering=title")) == ["Middle", "New", "Old"]


def test_tags_include_what_is_below_them(api):
    python, rust = TagFactory(slug="python"), TagFactory(slug="rust")
    asyncio = TagFactory(slug="asyncio", parent=python)
    ProblemFactory(title="Waiting", tags=[asyncio])
    ProblemFactory(title="Borrowing", tags=[rust])
    ProblemFactory(title="Both", tags=[rust, asyncio])
    query = f"{LIST}?ordering=title&tag=python"

    assert titles(api.get(query)) == ["Both", "Waiting"]
    assert titles(api.get(f"{query}&tag={rust.pk}")) == ["Borrowing", "Both", "Waiting"]
    assert titles(api.get(f"{query}&tag=rust&tag_mode=any")) == ["Borrowing", "Both", "Waiting"]
    assert titles(api.get(f"{query}&tag=rust&tag_mode=all")) == ["Both"]


def test_filters_narrow_the_list(api, curator):
    ProblemFactory(title="Easy", difficulty="easy", vetting_tier="tier2_ai")
    ProblemFactory(title="Hard", difficulty="hard")
    ProblemFactory(title="Draft", status="draft", approved_at=None)

    assert titles(api.get(f"{LIST}?difficulty=easy")) == ["Easy"]
    assert titles(api.get(f"{LIST}?difficulty=easy&difficulty=hard&ordering=title")) == [
        "Easy",
        "Hard",
    ]
    assert titles(curator.get(f"{LIST}?status=draft")) == ["Draft"]
    assert titles(curator.get(f"{LIST}?vetting_tier=tier2_ai")) == ["Easy"]


def test_nobody_finds_by_a_tier_they_may_not_see(api, signed_in):
    ProblemFactory(title="Theirs", vetting_tier="tier2_ai")
    ProblemFactory(title="Own", vetting_tier="tier2_ai", author=signed_in.user)

    assert titles(api.get(f"{LIST}?vetting_tier=tier2_ai")) == []
    assert titles(signed_in.get(f"{LIST}?vetting_tier=tier2_ai")) == ["Own"]


def test_authors_find_their_own(api, signed_in):
    ProblemFactory(title="Own", status="draft", approved_at=None, author=signed_in.user)
    ProblemFactory(title="Theirs")

    assert titles(signed_in.get(f"{LIST}?author=me")) == ["Own"]
    assert api.get(f"{LIST}?author=me").json() == NOT_AUTHENTICATED


def test_words_are_found_in_title_and_statement_best_first_with_a_snippet(api):
    ProblemFactory(title="Nothing of it", statement="If a < b & an index")
    ProblemFactory(title="The index", statement="Indexes on every column.")
    ProblemFactory(title="Elsewhere", statement="Locks.", solution="An index.")

    response = api.get(f"{LIST}?search=indexing")

    assert titles(response) == ["The index", "Nothing of it"]
    assert [found["snippet"] for found in response.json()["results"]] == [
        "<mark>Indexes</mark> on every column.",
        "If a &lt; b &amp; an <mark>index</mark>",
    ]


@pytest.mark.parametrize("text", ["", "'", '"', "&|!", "a & (", "the", "\\", "%25", "*:*"])
def test_any_text_may_be_searched_for(api, text):
    ProblemFactory()

    assert api.get(LIST, {"search": text}).status_code == 200


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("difficulty=king", {"/difficulty": "invalid_choice"}),
        ("status=king", {"/status": "invalid_choice"}),
        ("tag=nothing", {"/tag": "does_not_exist"}),
        ("tag=" + "&tag=".join(map(str, range(1, 13))), {"/tag": "max_length"}),
        ("tag_mode=some", {"/tag_mode": "invalid_choice"}),
        ("mine=yes", {"/mine": "invalid_choice"}),
        ("mine=&tag=&ordering=", {"/mine": "blank", "/tag": "blank", "/ordering": "blank"}),
        ("author=1", {"/author": "invalid_choice"}),
        ("render=pdf", {"/render": "invalid_choice"}),
        ("ordering=solution", {"/ordering": "invalid_choice"}),
        ("solution=x", {"/solution": "unknown_parameter"}),
        ("search=a&search=b", {"/search": "repeated_parameter"}),
    ],
)
def test_a_bad_query_is_named(api, query, expected):
    assert pointers(api.get(f"{LIST}?{query}")) == expected


@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(
    api, signed_in, curator, django_assert_num_queries, count
):
    for _ in range(count):
        shown = ProblemFactory(tags=[TagFactory()])
        SentDeliveryFactory(problem=shown, subscription__user=UserFactory())

    for queries in (4, 1):
        with django_assert_num_queries(queries):
            api.get(LIST)
    with django_assert_num_queries(7):
        signed_in.get(LIST)
    with django_assert_num_queries(7):
        curator.get(LIST)


def test_what_has_not_changed_is_304(api):
    shown = ProblemFactory()
    for path in (LIST, f"{LIST}{shown.pk}/"):
        first = api.get(path)

        assert first["Cache-Control"] == "public, max-age=60"
        assert api.get(path, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
    Problem.objects.update(title="Another title")

    assert api.get(f"{LIST}{shown.pk}/", HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 200


def test_what_is_signed_in_is_never_kept(signed_in):
    assert signed_in.get(LIST)["Cache-Control"] == "private, no-store"


def test_putting_is_405(api):
    shown = ProblemFactory()

    assert api.put(LIST, {}).json() == METHOD_NOT_ALLOWED
    assert api.put(f"{LIST}{shown.pk}/", {}).json() == METHOD_NOT_ALLOWED
