"""Who may keep what for how long, and what is only sent when it has changed."""

import pytest

PATH = "/api/time-zones/"


def test_anonymous_reads_may_be_kept_for_a_minute(api):
    response = api.get(PATH)

    assert response["Cache-Control"] == "public, max-age=60"
    assert {name.strip().lower() for name in response["Vary"].split(",")} == {
        "authorization",
        "origin",
    }


def test_whatever_is_signed_in_is_never_kept(signed_in):
    for path in (PATH, "/api/accounts/me/"):
        assert signed_in.get(path)["Cache-Control"] == "private, no-store"


def test_a_write_is_never_kept(api, db):
    response = api.post("/api/accounts/token/revoke/", {"refresh": "x"})

    assert (response.status_code, response["Cache-Control"]) == (204, "private, no-store")


def test_what_the_caller_has_already_is_304(api):
    first = api.get(PATH)

    second = api.get(PATH, HTTP_IF_NONE_MATCH=f'"other", {first["ETag"]}')

    assert (second.status_code, second.content) == (304, b"")
    assert second["ETag"] == first["ETag"]
    assert second["Cache-Control"] == "public, max-age=60"
    assert second.has_header("RateLimit-Limit")
    assert second.has_header("X-Request-ID")


@pytest.mark.parametrize("sent", ['"other"', "W/nonsense", ""])
def test_anything_else_is_sent_whole(api, sent):
    response = api.get(PATH, HTTP_IF_NONE_MATCH=sent)

    assert response.status_code == 200
    assert response.json()


def test_head_has_the_headers_of_get(api):
    got, head = api.get(PATH), api.head(PATH)

    assert (head.status_code, head.content) == (200, b"")
    assert head["ETag"] == got["ETag"]


def test_options_names_the_methods(api):
    response = api.options(PATH)

    assert (response.status_code, response.content) == (204, b"")
    assert response["Allow"] == "GET, HEAD, OPTIONS"
