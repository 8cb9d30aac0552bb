"""ETag, If-Match, Cache-Control and Vary of the API's answers."""

import hashlib
from typing import Any

from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.http_errors import PreconditionFailed
from apps.core.renderers import to_json

PUBLIC = "public, max-age=60"
PRIVATE = "private, no-store"
_SAFE = ("GET", "HEAD")


def etag_of(data: Any) -> str:
    """The strong, quoted tag of a representation."""
    return etag_of_bytes(to_json(data))


def etag_of_bytes(body: bytes) -> str:
    """The same, of a body that is written already."""
    return f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'


def require_match(request: Request, data: Any) -> None:
    """Refuse with 412 unless If-Match, when sent, names this representation.

    Call it with the row locked, so that nobody changes it between this look and the write.
    """
    wanted = request.META.get("HTTP_IF_MATCH")
    if wanted is None or wanted.strip() == "*":
        return
    # Weak tags never match here. Source: RFC 9110, section 13.1.1.
    if etag_of(data) not in parse_etags(wanted):
        raise PreconditionFailed


def with_cache_headers(request: Request, response: Response, *, is_public: bool) -> None:
    """Anonymous reads may be kept for a minute; nothing that belongs to somebody, and no error, is
    kept at all.
    """
    is_anonymous = "HTTP_AUTHORIZATION" not in request.META
    if is_public and is_anonymous and request.method in _SAFE and response.status_code == 200:
        response.headers.setdefault("Cache-Control", PUBLIC)
    else:
        response.headers.setdefault("Cache-Control", PRIVATE)
    patch_vary_headers(response, ["Authorization", "Origin"])


def with_etag(request: Request, response: Response) -> HttpResponseBase:
    """Tag a representation; answer 304 to a read when the caller has it already."""
    if response.status_code != 200:
        return response
    etag = getattr(response, "etag", None) or etag_of(response.data)
    response["ETag"] = etag
    if request.method not in _SAFE:
        return response
    found = get_conditional_response(request._request, etag=etag, response=response)
    if found is None or found is response:
        return response
    for name in (
        "Cache-Control",
        "Vary",
        "RateLimit-Limit",
        "RateLimit-Remaining",
        "RateLimit-Reset",
    ):
        if name in response:
            found[name] = response[name]
    return found
