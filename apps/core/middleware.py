"""The two outermost layers of every request: its id, and the one shape of errors under /api/."""

import re
import uuid
from collections.abc import Callable

import orjson
import structlog
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from apps.core.after_answer import open_request
from apps.core.problem_details import MEDIA_TYPE, UNAVAILABLE_RETRY_S, problem, request_id_of

GetResponse = Callable[[HttpRequest], HttpResponseBase]

# Long enough for a UUID or a trace id, and nothing that could break a log line or a header.
_SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,127}")


class RequestIdMiddleware:
    """Gives each request an id (the caller's own if sane), for the answer, the logs and the tasks
    it starts.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        sent = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = sent if _SANE_ID.fullmatch(sent) else uuid.uuid4().hex
        # The logging middleware further in reads the header, so both speak of the same id.
        request.META["HTTP_X_REQUEST_ID"] = request_id
        request.request_id = request_id  # type: ignore[attr-defined]  # -- ours, read by request_id_of
        open_request()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class ProblemDetailsMiddleware:
    """Rewrites what Django itself answers under /api/ (unknown host, CSRF, a fault, DEBUG pages) as
    problem details.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if (
            response.status_code >= 400
            and request.path_info.startswith("/api/")
            and isinstance(response, HttpResponse)
            and response.get("Content-Type") != MEDIA_TYPE
        ):
            _rewrite(request, response)
        return response


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW: in the shape of errors under /api/, in plain words elsewhere."""
    if not request.path_info.startswith("/api/"):
        return HttpResponse(
            "This form has expired. Go back, reload the page and try again.",
            status=403,
            content_type="text/plain; charset=utf-8",
        )
    body = problem(
        403,
        code="csrf_failed",
        detail="The form's token is missing or has expired.",
        request_id=request_id_of(request),
    )
    return HttpResponse(orjson.dumps(body), status=403, content_type=MEDIA_TYPE)


def _rewrite(request: HttpRequest, response: HttpResponse) -> None:
    """In place, so that headers which inner middleware set (CORS above all) stay."""
    body = problem(response.status_code, request_id=request_id_of(request))
    response.content = orjson.dumps(body)
    response["Content-Type"] = MEDIA_TYPE
    response["Cache-Control"] = "no-store"
    if response.has_header("Content-Length"):
        response["Content-Length"] = str(len(response.content))
    if response.status_code == 503:
        response["Retry-After"] = str(UNAVAILABLE_RETRY_S)
