"""How errors are described in the schema: their shape, their words, and an example of each."""

from collections.abc import Collection
from typing import Any

from apps.core.error_codes import all_codes
from apps.core.problem_details import DETAILS, MEDIA_TYPE, problem

Described = dict[str, Any]

# The words that may come from any view.
USUAL: dict[int, tuple[str, ...]] = {
    400: ("validation_failed", "malformed_request"),
    401: ("not_authenticated", "authentication_failed"),
    **{status: (DETAILS[status][0],) for status in (403, 404, 406, 412, 413, 415, 429, 500, 503)},
}
NAMES = {
    400: "BadRequest",
    401: "NotAuthenticated",
    403: "Forbidden",
    404: "NotFound",
    406: "NotAcceptable",
    412: "PreconditionFailed",
    413: "PayloadTooLarge",
    415: "UnsupportedMediaType",
    429: "RateLimited",
    500: "InternalError",
    503: "Unavailable",
}
_REQUEST_ID = "4f1c0c1f6c6b4f6f9f0f3a2b1c0d9e8f"


def response(status: int, codes: Collection[str], shape: Described) -> Described:
    """The description of an error response that carries one of these words."""
    return {
        "description": "\n".join(f"- `{code}`: {all_codes()[code].meaning}" for code in codes),
        "content": {
            MEDIA_TYPE: {
                "schema": shape,
                "examples": {code: {"value": _example(status, code)} for code in codes},
            }
        },
    }


def code_schema() -> Described:
    """The enum of all words."""
    meanings = "\n".join(f"- `{code}`: {known.meaning}" for code, known in all_codes().items())
    return {
        "type": "string",
        "enum": list(all_codes()),
        "description": f"What went wrong, as a stable word.\n\n{meanings}",
    }


def problem_schema(code: Described) -> Described:
    """The shape of every error."""
    text = {"type": "string"}
    properties = {
        "type": {**text, "description": "Always `about:blank`; `code` tells errors apart."},
        "title": {**text, "description": "The phrase of the status."},
        "status": {"type": "integer"},
        "detail": {**text, "description": "A sentence for people."},
        "code": code,
        "request_id": {**text, "description": "Finds this request in our logs."},
        "errors": {
            "type": "array",
            "items": _complaint_schema(),
            "description": "With `validation_failed` only: each value that is not acceptable.",
        },
    }
    return {
        "type": "object",
        "description": "An error (RFC 9457).",
        "properties": properties,
        "required": [name for name in properties if name != "errors"],
    }


def _complaint_schema() -> Described:
    properties = {
        "pointer": {
            "type": "string",
            "description": "A JSON Pointer (RFC 6901) to the field or parameter.",
        },
        "code": {"type": "string", "description": "A stable word, such as `required`."},
        "detail": {"type": "string", "description": "A sentence for people."},
    }
    return {"type": "object", "properties": properties, "required": list(properties)}


def _example(status: int, code: str) -> Described:
    members: Described = {}
    if code == "validation_failed":
        complaint = {"pointer": "/email", "code": "required", "detail": "This field is required."}
        members["errors"] = [complaint]
    usual_code, usual_detail = DETAILS[status]
    detail = usual_detail if code == usual_code else all_codes()[code].meaning
    return problem(status, code=code, detail=detail, request_id=_REQUEST_ID, **members)
