"""The two shapes of lists: numbered pages, and newest first by a cursor."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs

from django.utils.dateparse import parse_datetime
from rest_framework.exceptions import ErrorDetail, NotFound, ValidationError
from rest_framework.pagination import CursorPagination, PageNumberPagination
from rest_framework.request import Request

DEFAULT_SIZE = 20
LARGEST_SIZE = 100
# The examples are those of a list of one, which the library builds from them.
_LINK: dict[str, Any] = {"type": ["string", "null"], "format": "uri", "example": None}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0, "example": 1}


def read_size(request: Request) -> int:
    """`page_size`: a positive number, taken as 100 when larger."""
    return min(_whole_number(request, "page_size", DEFAULT_SIZE), LARGEST_SIZE)


def _whole_number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit()) or int(text[:19]) < 1:
        raise ValidationError(
            {name: [ErrorDetail("A whole number from 1 is expected.", "invalid")]}
        )
    # Nineteen digits are already past the end of any list.
    return int(text[:19])


class PagePagination(PageNumberPagination):
    """`?page=` and `?page_size=`; a page past the end is absent."""

    page_size = DEFAULT_SIZE
    max_page_size = LARGEST_SIZE
    page_size_query_param = "page_size"
    page_query_description = "The page, from 1; a page past the end is 404."
    page_size_query_description = "Results on a page; more than 100 is taken as 100."
    last_page_strings: Sequence[str] = ()
    parameter_names = ("page", "page_size")

    def get_page_size(self, request: Request) -> int:
        return read_size(request)

    def get_page_number(self, request: Request, paginator: Any) -> int:
        return _whole_number(request, "page", 1)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return _list_schema({"count": _COUNT}, schema)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            _parameter("page", self.page_query_description, {"type": "integer", "minimum": 1}),
            _SIZE_PARAMETER,
        ]


class NewestFirstCursor(CursorPagination):
    """`?cursor=` as `next` and `previous` give it; stable while rows are added."""

    page_size = DEFAULT_SIZE
    max_page_size = LARGEST_SIZE
    page_size_query_param = "page_size"
    ordering = ("-due_at", "-id")
    parameter_names = ("cursor", "page_size")

    def get_page_size(self, request: Request) -> int:
        return read_size(request)

    def decode_cursor(self, request: Request) -> Any:
        encoded = request.query_params.get(self.cursor_query_param)
        if encoded is not None and not _is_cursor(encoded):
            raise NotFound
        return super().decode_cursor(request)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        return _list_schema({}, schema)

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        described = "Where to go on, from `next` or `previous` of an earlier answer."
        return [_parameter("cursor", described, {"type": "string"}), _SIZE_PARAMETER]


def _is_cursor(encoded: str) -> bool:
    """Whether this decodes to something we could have made;

    DRF would hand the position to the database unread.
    """
    try:
        query = base64.b64decode(encoded.encode("ascii"), validate=True).decode("ascii")
        position = parse_qs(query).get("p", [None])[0]
        instant = parse_datetime(position) if position else None
    except (binascii.Error, ValueError):
        return False
    return position is None or (instant is not None and instant.tzinfo is not None)


def _list_schema(leading: dict[str, Any], results: dict[str, Any]) -> dict[str, Any]:
    properties = {**leading, "next": _LINK, "previous": _LINK, "results": results}
    return {"type": "object", "properties": properties, "required": list(properties)}


def _parameter(name: str, description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": schema,
    }


_SIZE_PARAMETER = _parameter(
    "page_size",
    PagePagination.page_size_query_description,
    {"type": "integer", "minimum": 1, "default": DEFAULT_SIZE},
)
