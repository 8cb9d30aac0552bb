import pytest
import structlog

from apps.core.middleware import RequestIdMiddleware


@pytest.mark.parametrize("sent", ["a1b2c3d4", "0af7651916cd43dd8448eb211c80319c", "x" * 128])
def test_a_sane_id_of_the_caller_is_echoed(api, sent):
    response = api.get("/api/health/live/", HTTP_X_REQUEST_ID=sent)

    assert response["X-Request-ID"] == sent


@pytest.mark.parametrize(
    "sent", ["", "short", "x" * 129, "has space in it", "-leading-dash", "ümläütö9"]
)
def test_any_other_is_replaced(api, sent):
    response = api.get("/api/health/live/", HTTP_X_REQUEST_ID=sent)

    assert response["X-Request-ID"] != sent
    assert len(response["X-Request-ID"]) == 32


def test_pages_outside_the_api_have_one_too(api):
    response = api.get("/no-such-page/")

    assert response["X-Request-ID"] == "test-request-0001"


def test_log_lines_of_the_request_carry_it(rf):
    seen = {}

    def view(request):
        from django.http import HttpResponse

        seen.update(structlog.contextvars.get_contextvars())
        return HttpResponse()

    with structlog.contextvars.bound_contextvars():
        RequestIdMiddleware(view)(rf.get("/", HTTP_X_REQUEST_ID="a-sane-request-id"))

    assert seen["request_id"] == "a-sane-request-id"
