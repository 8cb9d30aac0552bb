"""Kept answers: the same bytes for as long as nothing has changed, and never any longer."""

import threading

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from apps.core.kept_answers import KeptAnswer, Shelf
from apps.core.revisions import present_revision
from apps.problems.models import Problem
from apps.tags.models import Tag
from tests.factories import ProblemFactory, TagFactory

TREE, PROBLEMS = "/api/tags/tree/", "/api/problems/"


def elsewhere(work):
    """What `work` gives on a database connection of its own."""
    found = []

    def run():
        try:
            found.append(work())
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(timeout=20)
    assert found, "it waits for the other connection"
    return found[0]


def names(response):
    return [node["name"] for node in response.json()]


def test_a_second_read_is_one_query_and_the_same_bytes_and_headers(api, db):
    ProblemFactory(tags=[TagFactory(name="Python")])
    first = [api.get(path) for path in (TREE, PROBLEMS)]

    with CaptureQueriesContext(connection) as queries:
        second = [api.get(path) for path in (TREE, PROBLEMS)]

    assert len(queries) == 2
    for one, other in zip(first, second, strict=True):
        assert other.content == one.content
        for name in ("ETag", "Content-Type", "Cache-Control", "Vary"):
            assert other[name] == one[name]
    assert second[0]["Content-Type"] == "application/json"


def test_what_the_caller_has_already_is_304(api, db):
    TagFactory()
    etag = api.get(TREE)["ETag"]

    assert api.get(TREE, HTTP_IF_NONE_MATCH=etag).status_code == 304
    TagFactory()
    assert api.get(TREE, HTTP_IF_NONE_MATCH=etag).status_code == 200


@pytest.mark.parametrize(
    "change",
    [
        lambda tag, problem: Problem.objects.filter(pk=problem.pk).update(title="Changed"),
        lambda tag, problem: Tag.objects.filter(pk=tag.pk).update(name="Changed"),
        lambda tag, problem: problem.problem_tags.all().delete(),
        lambda tag, problem: problem.delete(),
        lambda tag, problem: ProblemFactory(),
    ],
    ids=["title", "name of a tag", "tags", "deletion", "another one"],
)
def test_every_way_of_writing_is_seen_at_once(api, db, change):
    tag = TagFactory()
    problem = ProblemFactory(tags=[tag])
    before = api.get(PROBLEMS).content

    change(tag, problem)

    assert api.get(PROBLEMS).content != before


def test_other_filters_and_pages_are_other_answers(api, db):
    for _ in range(3):
        ProblemFactory()
    pages = [api.get(f"{PROBLEMS}?page_size=2&page={page}").json() for page in (1, 2, 1)]

    assert [len(page["results"]) for page in pages] == [2, 1, 2]
    assert pages[0] == pages[2]
    elsewhere_named = api.get(f"{PROBLEMS}?page_size=2", HTTP_HOST="challenge.example")
    assert elsewhere_named.json()["next"].startswith("http://challenge.example/")


def test_a_refused_read_is_refused_again(api, db):
    ProblemFactory()

    statuses = [api.get(f"{PROBLEMS}?page=9").status_code for _ in range(2)]

    assert statuses == [404, 404]


def test_nobody_is_shown_what_was_made_for_somebody_else(api, signed_in):
    draft = ProblemFactory(status="draft", approved_at=None, author=signed_in.user)

    own, public = signed_in.get(PROBLEMS).json(), api.get(PROBLEMS).json()

    assert [problem["id"] for problem in own["results"]] == [draft.pk]
    assert public["results"] == []


@pytest.mark.django_db(transaction=True)
def test_two_writers_never_wait_for_each_other_and_each_commit_is_a_new_state():
    TagFactory()
    problem = ProblemFactory()
    states = [present_revision(["problems"])]
    with transaction.atomic():
        Problem.objects.filter(pk=problem.pk).update(title="First")
        elsewhere(lambda: ProblemFactory().pk)
        states.append(elsewhere(lambda: present_revision(["problems"])))
    states.append(present_revision(["problems"]))

    assert len(set(states)) == 3


@pytest.mark.django_db(transaction=True)
def test_a_change_shows_when_it_is_committed_and_not_before(api):
    tag = TagFactory(name="Old")
    assert names(api.get(TREE)) == ["Old"]
    with transaction.atomic():
        Tag.objects.filter(pk=tag.pk).update(name="New")
        assert elsewhere(lambda: names(api.get(TREE))) == ["Old"]

    assert names(api.get(TREE)) == ["New"]


def test_the_shelf_forgets_what_nobody_asked_for_the_longest():
    shelf = Shelf(most_bytes=25)
    for address in ("a", "b"):
        shelf.keep(address, KeptAnswer("1", b"x" * 10, '"tag"'))
    shelf.find("a", "1")

    shelf.keep("c", KeptAnswer("1", b"x" * 10, '"tag"'))

    kept = {address for address in "abc" if shelf.find(address, "1")}
    assert kept == {"a", "c"}
    shelf.keep("d", KeptAnswer("1", b"x" * 26, '"tag"'))
    assert [shelf.find(address, "1") for address in "acd"] == [None, None, None]


def test_a_newer_state_takes_the_place_of_the_older():
    shelf = Shelf(most_bytes=15)
    shelf.keep("a", KeptAnswer("1", b"x" * 10, '"old"'))
    newer = KeptAnswer("2", b"y" * 10, '"new"')

    shelf.keep("a", newer)

    assert (shelf.find("a", "1"), shelf.find("a", "2")) == (None, newer)
