"""Other origins: none, unless the settings name them, and never with credentials."""

import pytest

FRONT_END = "https://app.example"
EXPOSED = (
    "ETag, Location, Retry-After, X-Request-ID,"
    " RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset"
)


@pytest.fixture
def _front_end(settings):
    settings.CORS_ALLOWED_ORIGINS = [FRONT_END]


def test_no_origin_is_allowed_by_default(api):
    response = api.get("/api/time-zones/", HTTP_ORIGIN=FRONT_END)

    assert not response.has_header("Access-Control-Allow-Origin")


@pytest.mark.usefixtures("_front_end")
def test_the_front_end_may_read_answers_and_our_headers(api):
    response = api.get("/api/time-zones/", HTTP_ORIGIN=FRONT_END)

    assert response["Access-Control-Allow-Origin"] == FRONT_END
    assert response["Access-Control-Expose-Headers"] == EXPOSED
    assert not response.has_header("Access-Control-Allow-Credentials")


@pytest.mark.usefixtures("_front_end")
def test_the_front_end_may_read_errors_too(api):
    for path in ("/api/nothing/", "/api/nothing"):
        response = api.get(path, HTTP_ORIGIN=FRONT_END)

        assert (response.status_code, response["Access-Control-Allow-Origin"]) == (404, FRONT_END)


@pytest.mark.usefixtures("_front_end")
def test_others_may_not(api):
    response = api.get("/api/time-zones/", HTTP_ORIGIN="https://evil.example")

    assert not response.has_header("Access-Control-Allow-Origin")


@pytest.mark.usefixtures("_front_end")
def test_a_preflight_is_answered_before_anything_is_asked(api):
    response = api.options(
        "/api/accounts/me/",
        HTTP_ORIGIN=FRONT_END,
        HTTP_ACCESS_CONTROL_REQUEST_METHOD="PATCH",
        HTTP_ACCESS_CONTROL_REQUEST_HEADERS="authorization, if-match",
    )

    assert response.status_code == 200
    assert response["Access-Control-Allow-Origin"] == FRONT_END
    assert "PATCH" in response["Access-Control-Allow-Methods"]
    assert {"authorization", "if-match", "if-none-match", "x-request-id"} <= {
        name.strip() for name in response["Access-Control-Allow-Headers"].split(",")
    }
