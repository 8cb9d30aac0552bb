"""Pages without a token: the front page, a problem, privacy, account links, errors."""

from http import HTTPStatus

import pytest
from django.test import Client

from tests.factories import ProblemFactory, TagFactory
from tests.looks import Mail

pytestmark = pytest.mark.django_db
ACCOUNT_PAGES = {
    "/verify-email/": "/api/accounts/verify-email/",
    "/confirm-email/": "/api/accounts/email/confirm/",
    "/undo-email-change/": "/api/accounts/email/undo/",
    "/reset-password/": "/api/accounts/password/reset/",
}


def _words(response) -> str:
    return Mail(response.content.decode()).words()


def test_the_front_page_of_an_empty_bank_is_a_page(client):
    response = client.get("/")

    assert response.status_code == HTTPStatus.OK
    assert "The bank is still empty." in _words(response)


def test_the_front_page_says_what_the_bank_holds_today(client):
    python, go = TagFactory(name="Python"), TagFactory(name="Go")
    for number in range(4):
        ProblemFactory(title=f"Title {number}", statement="Read **this**.", tags=[python, go])
    ProblemFactory(title="A draft", status="draft", approved_at=None)

    words = _words(client.get("/"))

    assert "4 problems, under Python and Go. The newest:" in words
    assert "Medium · 15 min Title 3 Read this." in words
    assert "Title 0" not in words
    assert "A draft" not in words


@pytest.mark.parametrize("count", [1, 3])
def test_the_front_page_costs_four_queries(client, count, django_assert_num_queries):
    for _ in range(count):
        ProblemFactory(tags=[TagFactory()])

    with django_assert_num_queries(4):
        client.get("/")


def test_a_problem_shows_its_statement_and_nothing_else(client):
    problem = ProblemFactory(
        title="Why?", statement="It is slow.", solution="The index.", hints=["A hint."]
    )

    words = _words(client.get(f"/problems/{problem.slug}/"))

    assert "Why? It is slow." in words
    assert "The index." not in words
    assert "A hint." not in words


@pytest.mark.parametrize("status", ["draft", "pending", "rejected", "archived"])
def test_a_problem_that_is_not_approved_is_not_there(client, status):
    problem = ProblemFactory(status=status)

    assert client.get(f"/problems/{problem.slug}/").status_code == HTTPStatus.NOT_FOUND


@pytest.mark.parametrize("path", ["/", "/privacy/"])
def test_public_pages_may_be_kept_for_a_while(client, path):
    assert "public" in client.get(path)["Cache-Control"]


@pytest.mark.parametrize(("path", "endpoint"), ACCOUNT_PAGES.items())
def test_an_account_page_knows_its_endpoint_and_says_what_to_do_without_a_script(
    client, path, endpoint
):
    response = client.get(path)

    html = response.content.decode()
    assert response.status_code == HTTPStatus.OK
    assert f'data-endpoint="{endpoint}"' in html
    assert "<noscript>" in html
    assert response["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize("path", ["/", "/privacy/", "/nowhere/", *ACCOUNT_PAGES])
def test_no_page_sets_a_cookie_or_loads_anything_of_others(client, path):
    response = client.get(path)

    html = response.content.decode()
    assert response.cookies == {}
    assert "http://" not in html.replace("http://www.w3.org", "")
    assert "https://" not in html
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert " style=" not in html
    assert " onclick=" not in html


@pytest.mark.parametrize("path", ["/", "/privacy/", *ACCOUNT_PAGES])
def test_a_post_is_not_allowed(client, path):
    assert client.post(path).status_code == HTTPStatus.METHOD_NOT_ALLOWED


def test_an_unknown_address_gets_a_page(client):
    response = client.get("/nowhere/")

    assert response.status_code == HTTPStatus.NOT_FOUND
    assert "There is no such page" in _words(response)


def test_a_fault_gets_a_page_that_needs_no_database(monkeypatch):
    def fail():
        raise RuntimeError

    monkeypatch.setattr("apps.pages.views.front.bank_facts", fail)

    response = Client(raise_request_exception=False).get("/")

    assert response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR
    assert "Something broke here" in _words(response)


@pytest.mark.parametrize("template", ["400.html", "403.html", "404.html", "500.html"])
def test_error_pages_stand_on_their_own(template):
    from django.template.loader import render_to_string

    assert "To the front page" in Mail(render_to_string(template)).words()
