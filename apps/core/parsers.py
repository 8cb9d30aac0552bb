"""How bodies are read: JSON objects in UTF-8, strictly."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.parsers import BaseParser

from apps.core.http_errors import MalformedRequest, PayloadTooLarge
from apps.core.input_guard import check_values


class StrictJSONParser(BaseParser):
    media_type = "application/json"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            raise PayloadTooLarge
        document = _decode(raw)
        check_values(document)
        if not isinstance(document, dict):
            raise ValidationError([ErrorDetail("A JSON object is expected.", "invalid")])
        return document


def _decode(raw: bytes) -> Any:
    try:
        return json.loads(
            raw.decode("utf-8"), object_pairs_hook=_without_duplicates, parse_constant=_no_constant
        )
    except UnicodeDecodeError:
        raise MalformedRequest("The body is not valid UTF-8.") from None
    except RecursionError:
        raise MalformedRequest("The body is nested too deep.") from None
    except json.JSONDecodeError as error:
        raise MalformedRequest(
            f"The body is not valid JSON (line {error.lineno}, column {error.colno})."
        ) from None
    except ValueError:
        # Python itself refuses to convert integers of more than 4,300 digits.
        raise MalformedRequest("The body holds a number that is too large.") from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        raise MalformedRequest("The body names a key twice.")
    return document


def _no_constant(name: str) -> Any:
    raise MalformedRequest(f"The body holds {name}, which is not JSON.")
