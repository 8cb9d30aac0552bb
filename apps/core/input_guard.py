"""What no endpoint has to think about again: oversized, packed, ill-encoded or poisonous input is
refused here.
"""

import math
import re
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from rest_framework.exceptions import ErrorDetail, UnsupportedMediaType, ValidationError
from rest_framework.request import Request

from apps.core.http_errors import MalformedRequest, PayloadTooLarge

MAX_DEPTH = 32
# What PostgreSQL's widest integer column holds.
_LARGEST = 2**63 - 1
# NUL ends a string in PostgreSQL; a lone surrogate is no character and cannot be encoded.
_POISON = re.compile("[\x00\ud800-\udfff]")
_BAD_TEXT = ErrorDetail("This text holds characters that cannot be stored.", "invalid_characters")


def check_envelope(request: Request) -> None:
    """Refuse by size, packing and encoding before anything of the request is looked at."""
    meta = request.META
    if _content_length(meta) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        raise PayloadTooLarge
    if meta.get("HTTP_CONTENT_ENCODING", "identity").strip().lower() not in ("", "identity"):
        raise UnsupportedMediaType("")
    # Django replaces what it cannot decode, so the raw bytes are read here.
    _check_text(unquote_to_bytes(meta.get("QUERY_STRING", "")), "parameters")
    if "\x00" in request.path_info:
        raise MalformedRequest("The address holds characters that cannot be stored.")


def _content_length(meta: dict[str, Any]) -> int:
    try:
        return int(meta.get("CONTENT_LENGTH") or 0)
    except ValueError:
        raise MalformedRequest("Content-Length is not a number.") from None


def _check_text(raw: bytes, what: str) -> None:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise MalformedRequest(f"The {what} are not valid UTF-8.") from None
    if _POISON.search(text):
        raise MalformedRequest(f"The {what} hold characters that cannot be stored.")


def check_values(document: Any) -> None:
    """Refuse a parsed JSON document that is too deep, or holds text or numbers that nothing can
    store.
    """
    waiting: list[tuple[Any, tuple[Any, ...]]] = [(document, ())]
    while waiting:
        value, path = waiting.pop()
        if len(path) > MAX_DEPTH:
            raise MalformedRequest(f"The body is nested more than {MAX_DEPTH} deep.")
        if isinstance(value, dict):
            for key in value:
                _check_string(key, path)
            waiting.extend((item, (*path, key)) for key, item in value.items())
        elif isinstance(value, list):
            waiting.extend((item, (*path, index)) for index, item in enumerate(value))
        else:
            _check_scalar(value, path)


def _check_scalar(value: Any, path: tuple[Any, ...]) -> None:
    if isinstance(value, str):
        _check_string(value, path)
    elif (isinstance(value, float) and not math.isfinite(value)) or (
        isinstance(value, int) and not -_LARGEST <= value <= _LARGEST
    ):
        raise _at(path, ErrorDetail("This number is too large.", "number_out_of_range"))


def _check_string(text: str, path: tuple[Any, ...]) -> None:
    if _POISON.search(text):
        raise _at(path, _BAD_TEXT)


def _at(path: tuple[Any, ...], complaint: ErrorDetail) -> ValidationError:
    detail: Any = [complaint]
    for step in reversed(path):
        detail = {step: detail}
    return ValidationError(detail)
