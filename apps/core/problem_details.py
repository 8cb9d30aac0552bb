"""The one shape of errors under /api/:

RFC 9457 problem details. Maps every exception to it, and nothing leaks.

Texts of exceptions that Django or a library wrote for developers are never shown; ours and the
validators' are.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
)
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from apps.core import errors
from apps.core.http_errors import MalformedRequest, NotReady

log = structlog.get_logger(__name__)

MEDIA_TYPE = "application/problem+json"
# What a caller is told to wait when the database or another part of ours is away.
UNAVAILABLE_RETRY_S = 5
_MAX_DETAIL = 300

DETAILS = {
    400: ("malformed_request", "The request cannot be read."),
    401: ("not_authenticated", "Sign in and send the access token as a Bearer token."),
    403: ("permission_denied", "You are not allowed to do this."),
    404: ("not_found", "There is nothing at this address. Addresses under /api/ end with a slash."),
    405: ("method_not_allowed", "This method is not available here; see the Allow header."),
    406: ("not_acceptable", "Answers come as application/json only."),
    409: ("conflict", "The request does not fit the present state."),
    412: ("precondition_failed", "This has changed since you read it; read it again."),
    413: ("payload_too_large", "A body has at most 1 MiB."),
    415: ("unsupported_media_type", "Send the body as plain application/json."),
    429: ("rate_limited", "Too many requests. Wait a moment, then try again."),
    500: ("internal_error", "This is our fault. The request id finds it in our logs."),
    503: ("unavailable", "Something we need is away for the moment. Try again shortly."),
}
# DRF's own words for these name Python types.
_FIELD_DETAILS = {
    "not_a_list": "A list is expected.",
    "not_a_dict": "A JSON object is expected.",
    "incorrect_type": "A value of another type is expected.",
}
_DOMAIN_STATUS: tuple[tuple[type[errors.DomainError], int], ...] = (
    (errors.NotFoundError, 404),
    (errors.InvalidInputError, 400),
    (errors.AuthenticationError, 401),
    (errors.ForbiddenError, 403),
    (errors.RateLimitedError, 429),
)


def problem(
    status: int, *, code: str = "", detail: str = "", request_id: str = "", **members: Any
) -> dict[str, Any]:
    """The body of an error; what is not given is the usual word and sentence of the status."""
    usual_code, usual_detail = DETAILS.get(status) or DETAILS[400 if status < 500 else 500]
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": (detail or usual_detail)[:_MAX_DETAIL],
        "code": code or usual_code,
        "request_id": request_id,
        **members,
    }


def problem_response(exc: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler.

    None lets Django treat the exception as the fault it is: logged, signalled, 500.
    """
    found = _describe(exc)
    if found is None:
        return None
    set_rollback()
    status, members, headers = found
    body = problem(status, request_id=request_id_of(context.get("request")), **members)
    return Response(body, status=status, headers=headers, content_type=MEDIA_TYPE)


def request_id_of(request: Any) -> str:
    """The id that the middleware gave the request."""
    return str(getattr(request, "request_id", ""))


_Described = tuple[int, dict[str, Any], dict[str, str]]


def _describe(exc: Exception) -> _Described | None:
    """Status, members and headers of the answer to an exception."""
    if isinstance(exc, errors.DomainError):
        return _describe_domain(exc)
    if isinstance(exc, exceptions.ValidationError):
        return 400, _invalid(exc.detail), {}
    if isinstance(exc, exceptions.APIException):
        return _describe_drf(exc)
    if isinstance(exc, (OperationalError, InterfaceError)):
        log.error("database_unavailable", error=str(exc).strip())
        return 503, {}, {"Retry-After": str(UNAVAILABLE_RETRY_S)}
    if isinstance(exc, errors.TransientError):
        log.error("transient_fault", error=repr(exc))
        return 503, {}, {"Retry-After": str(UNAVAILABLE_RETRY_S)}
    return _describe_django(exc)


def _describe_django(exc: Exception) -> _Described | None:
    if isinstance(exc, DjangoValidationError):
        return 400, _invalid(exceptions.ValidationError(_model_errors(exc)).detail), {}
    if isinstance(exc, DataError):
        # A value that no validator knew to refuse; the log line is for whoever writes that
        # validator.
        log.warning("database_refused_value", error=str(exc).strip())
        return 400, {}, {}
    for known, status in (
        (Http404, 404),
        (PermissionDenied, 403),
        (RequestDataTooBig, 413),
        (SuspiciousOperation, 400),
    ):
        if isinstance(exc, known):
            return status, {}, {}
    return None


def _model_errors(exc: DjangoValidationError) -> dict[str, Any] | list[Any]:
    if not hasattr(exc, "error_dict"):
        return [_coded(error) for error in exc.error_list]
    return {
        ("non_field_errors" if field == "__all__" else field): [_coded(error) for error in found]
        for field, found in exc.error_dict.items()
    }


def _coded(error: DjangoValidationError) -> exceptions.ErrorDetail:
    return exceptions.ErrorDetail(" ".join(error.messages), error.code or "invalid")


def _describe_domain(exc: errors.DomainError) -> _Described:
    status = next((status for known, status in _DOMAIN_STATUS if isinstance(exc, known)), 409)
    headers: dict[str, str] = {}
    if isinstance(exc, errors.InvalidInputError) and exc.field is not None:
        detail = exceptions.ErrorDetail(exc.detail, exc.code)
        return status, _invalid({exc.field: [detail]}), headers
    if isinstance(exc, errors.AuthenticationError):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(exc, errors.RateLimitedError):
        headers["Retry-After"] = str(max(1, exc.retry_after_s))
    return status, {"code": exc.code, "detail": exc.detail}, headers


def _describe_drf(exc: exceptions.APIException) -> _Described:
    headers: dict[str, str] = {}
    # DRF turns 401 into 403 on views without an authenticator; ours always mean 401.
    if isinstance(exc, (exceptions.NotAuthenticated, exceptions.AuthenticationFailed)):
        exc.status_code = 401
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(exc, exceptions.Throttled):
        headers["Retry-After"] = str(max(1, math.ceil(getattr(exc, "wait", None) or 1)))
    if exc.status_code == 503:
        headers["Retry-After"] = str(UNAVAILABLE_RETRY_S)
    return exc.status_code, _members(exc), headers


def _members(exc: exceptions.APIException) -> dict[str, Any]:
    if isinstance(exc, exceptions.AuthenticationFailed):
        return {"code": "authentication_failed", "detail": _TOKEN_REFUSED}
    if isinstance(exc, exceptions.ParseError) or type(exc) is MalformedRequest:
        return {"detail": str(exc.detail)}
    if isinstance(exc, NotReady):
        return {"code": "not_ready", "detail": str(exc.detail)}
    if isinstance(exc, exceptions.PermissionDenied) and exc.get_codes() != "permission_denied":
        return {"code": str(exc.get_codes()), "detail": str(exc.detail)}
    return {}


_TOKEN_REFUSED = "The access token is not valid or has expired."  # noqa: S105 -- a sentence, no secret


def _invalid(detail: Any) -> dict[str, Any]:
    found = list(_flatten(detail, ""))
    words = "One value is" if len(found) == 1 else f"{len(found)} values are"
    return {
        "code": "validation_failed",
        "detail": f"{words} not acceptable; see errors.",
        "errors": found,
    }


def _flatten(detail: Any, pointer: str) -> Iterator[dict[str, str]]:
    """One entry per complaint; `pointer` is a JSON Pointer (RFC 6901) into what was sent."""
    if isinstance(detail, Mapping):
        for key, value in detail.items():
            yield from _flatten(value, pointer if key == "non_field_errors" else _at(pointer, key))
    elif isinstance(detail, Sequence) and not isinstance(detail, str):
        for index, value in enumerate(detail):
            # A list of plain messages belongs to the field itself; a list of lists or maps, to its
            # items.
            yield from _flatten(
                value, pointer if isinstance(value, str) else _at(pointer, str(index))
            )
    else:
        code = str(getattr(detail, "code", None) or "invalid")
        text = _FIELD_DETAILS.get(code) or str(detail)
        yield {"pointer": pointer, "code": code, "detail": text[:_MAX_DETAIL]}


def _at(pointer: str, key: Any) -> str:
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
