"""Every error under /api/ has one shape, with DEBUG on or off, and gives nothing away."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from tests.api import REQUEST_ID, problem

pytestmark = [pytest.mark.urls("tests.core.probes"), pytest.mark.django_db]

NOT_FOUND = problem(
    404,
    "not_found",
    "There is nothing at this address. Addresses under /api/ end with a slash.",
)
UNAVAILABLE = problem(
    503, "unavailable", "Something we need is away for the moment. Try again shortly."
)
FAULT = problem(500, "internal_error", "This is our fault. The request id finds it in our logs.")


@pytest.fixture(params=[False, True], ids=["DEBUG off", "DEBUG on"])
def debug(request, settings):
    settings.DEBUG = request.param


@pytest.mark.parametrize(
    "path",
    ["/api/", "/api/nothing/", "/api/nothing", "/api/accounts/register", "/api/tags/a/b/c/d/"],
)
@pytest.mark.parametrize("method", ["get", "post", "delete"])
def test_an_unknown_path_is_404(api, debug, method, path):
    response = getattr(api, method)(path)

    assert response.status_code == 404
    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == NOT_FOUND


def test_an_unknown_method_is_405_and_names_the_others(api, debug):
    response = api.delete("/api/accounts/register/")

    assert response.status_code == 405
    assert response["Allow"] == "POST, OPTIONS"
    assert response.json() == problem(
        405, "method_not_allowed", "This method is not available here; see the Allow header."
    )


def test_a_fault_is_500_and_tells_only_its_request_id(api, debug):
    response = api.get("/api/probe/fault/")

    assert response.status_code == 500
    assert response["Content-Type"] == "application/problem+json"
    assert response["X-Request-ID"] == REQUEST_ID
    assert response.json() == FAULT


def test_a_database_that_is_gone_is_503_with_a_time_to_wait(api, debug):
    response = api.get("/api/probe/gone/")

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert response.json() == UNAVAILABLE


@pytest.mark.parametrize(
    "path", ["/api/problems/", "/api/tags/tree/", "/api/accounts/me/", "/api/tag-suggestions/"]
)
def test_a_database_that_refuses_connections_is_503(signed_in, debug, path, monkeypatch):
    monkeypatch.setitem(connections.settings["default"], "HOST", "127.0.0.1")
    monkeypatch.setitem(connections.settings["default"], "PORT", "1")

    # A thread has a connection of its own; the one of this test keeps its transaction.
    with ThreadPoolExecutor(1) as pool:
        response = pool.submit(signed_in.get, path).result()

    assert response.status_code == 503
    assert response["Retry-After"] == "5"
    assert response.json() == UNAVAILABLE


def test_a_wrong_content_type_is_415(api, debug):
    response = api.post("/api/accounts/token/", "<a/>", content_type="application/xml")

    assert response.status_code == 415
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "unsupported_media_type"


@pytest.mark.django_db
def test_too_many_calls_are_429_with_a_time_to_wait(api, debug, settings):
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "read": (1, 60)}
    api.get("/api/time-zones/")

    response = api.get("/api/time-zones/")

    assert response.status_code == 429
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["code"] == "rate_limited"
    assert 0 < int(response["Retry-After"]) <= 60


def test_a_value_the_database_refuses_is_400(api, debug):
    response = api.get("/api/probe/refused/")

    assert response.json() == problem(400, "malformed_request", "The request cannot be read.")


def test_a_missing_row_that_nobody_caught_is_a_fault_and_names_no_class(api, debug):
    response = api.get("/api/probe/missing/")

    assert response.json() == FAULT


def test_an_unacceptable_format_is_406(api, debug):
    response = api.get("/api/health/live/", HTTP_ACCEPT="application/xml")

    assert response.status_code == 406
    assert response.json() == problem(
        406, "not_acceptable", "Answers come as application/json only."
    )


def test_a_wrong_host_is_400(api, debug):
    response = api.get("/api/health/live/", HTTP_HOST="evil.example")

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json() == problem(400, "malformed_request", "The request cannot be read.")


def test_a_failed_csrf_check_is_403(debug):
    from tests.api import Caller

    caller = Caller()
    caller.handler.enforce_csrf_checks = True

    response = caller.post("/api/probe/form/", {})

    assert response.status_code == 403
    assert response.json() == problem(
        403, "csrf_failed", "The form's token is missing or has expired."
    )


def test_a_failed_csrf_check_elsewhere_is_plain_text():
    from tests.api import Caller

    caller = Caller()
    caller.handler.enforce_csrf_checks = True

    response = caller.post("/form/", {})

    assert response.status_code == 403
    assert response.content == b"This form has expired. Go back, reload the page and try again."


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("conflict", problem(409, "taken", "It is taken.")),
        ("not-found", problem(404, "not_found", "No such thing.")),
        (
            "field",
            problem(
                400,
                "validation_failed",
                "One value is not acceptable; see errors.",
                errors=[{"pointer": "/name", "code": "max_length", "detail": "Too long."}],
            ),
        ),
        ("token", problem(400, "invalid_token", "It is used up.")),
        ("who", problem(401, "sign_in_failed", "Say who you are.")),
        ("forbidden", problem(403, "permission_denied", "Not you.")),
        ("often", problem(429, "rate_limited", "Too often.")),
        ("transient", UNAVAILABLE),
    ],
)
def test_each_domain_error_has_its_status(api, kind, body):
    response = api.get(f"/api/probe/raise/{kind}/")

    assert (response.status_code, response.json()) == (body["status"], body)


def test_headers_that_belong_to_an_error_come_with_it(api):
    headers = {
        kind: api.get(f"/api/probe/raise/{kind}/").headers for kind in ("who", "often", "transient")
    }

    assert headers["who"]["WWW-Authenticate"] == "Bearer"
    assert headers["often"]["Retry-After"] == "17"
    assert headers["transient"]["Retry-After"] == "5"


def test_an_error_is_never_kept_by_a_cache(api):
    response = api.get("/api/nothing/")

    assert response["Cache-Control"] == "private, no-store"
