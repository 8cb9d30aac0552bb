"""Examples for the schema."""

from typing import Any

from drf_spectacular.utils import OpenApiExample

TAG_REF = {"id": 3, "name": "Python", "slug": "python"}
TAG = OpenApiExample(
    "A topic below a language",
    value={
        "id": 12,
        "name": "asyncio",
        "slug": "asyncio",
        "tag_type": "topic",
        "description": "Cooperative concurrency in the standard library.",
        "parent": 3,
        "children": [],
        "ancestors": [TAG_REF],
        "level": 1,
        "is_featured": False,
        "aliases": ["async io"],
        "problem_count": 4,
        "created_at": "2026-11-23T08:00:00Z",
        "updated_at": "2026-11-23T08:00:00Z",
    },
    response_only=True,
    status_codes=["200"],
)
_NODE = {"tag_type": "language", "is_featured": True, "problem_count": 9}
TREE = OpenApiExample(
    "A language and one topic of it",
    value={
        **TAG_REF,
        **_NODE,
        "level": 0,
        "children": [
            {
                "id": 12,
                "name": "asyncio",
                "slug": "asyncio",
                "tag_type": "topic",
                "level": 1,
                "is_featured": False,
                "problem_count": 4,
                "children": [],
            }
        ],
    },
    response_only=True,
)


def _sent(name: str, value: dict[str, Any]) -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True)


def _answered(name: str, value: dict[str, Any], status: str = "200") -> OpenApiExample:
    return OpenApiExample(name, value=value, response_only=True, status_codes=[status])


NEW_TAG = _sent(
    "A topic below a language",
    {"name": "asyncio", "tag_type": "topic", "parent": "python", "aliases": ["async io"]},
)
CREATED_TAG = _answered("A topic below a language", TAG.value, "201")
TAG_CHANGE = _sent("Another alias", {"aliases": ["async io", "async.io"]})
MOVE = _sent("Beside another", {"parent": "python", "position": "left", "target": "typing"})
INTO = _sent("The survivor", {"into": "python"})
_MERGED_REF = {"id": 40, "name": "Python 3", "slug": "python-3"}
MERGE_PREVIEW = _answered(
    "What would move",
    {
        "tag": _MERGED_REF,
        "into": TAG_REF,
        "problems": 7,
        "subscribers": 31,
        "suggestions": 1,
        "children": 2,
        "names": 3,
    },
)
_MERGE = {
    "id": 5,
    "merged": _MERGED_REF,
    "into": TAG_REF,
    "merged_by": 2,
    "merged_at": "2026-11-23T08:00:00Z",
    "undone_by": None,
    "undone_at": None,
}
MERGE = _answered("A merge", _MERGE)
UNDONE_MERGE = _answered(
    "A merge undone", {**_MERGE, "undone_by": 2, "undone_at": "2026-11-23T08:05:00Z"}
)
_SUGGESTION = {
    "id": 9,
    "name": "Bun",
    "normalized_name": "bun",
    "tag_type": "tool",
    "source": "user",
    "status": "pending",
    "problem_ids": [17],
    "suggested_parent": {"id": 4, "name": "JavaScript", "slug": "javascript"},
    "resolved_tag": None,
    "reviewed_by": None,
    "reviewed_at": None,
    "note": "",
    "created_at": "2026-11-23T08:00:00Z",
}
_DECIDED = {"reviewed_by": 2, "reviewed_at": "2026-11-23T09:00:00Z"}
NEW_SUGGESTION = _sent(
    "A missing tool", {"name": "Bun", "tag_type": "tool", "suggested_parent": "javascript"}
)
SUGGESTION = _answered("It waits", _SUGGESTION)
CREATED_SUGGESTION = _answered("It waits", _SUGGESTION, "201")
APPROVAL = _sent("Under another parent", {"tag_type": "tool", "parent": "javascript"})
APPROVED_SUGGESTION = _answered(
    "Decided",
    {
        **_SUGGESTION,
        **_DECIDED,
        "status": "approved",
        "resolved_tag": {"id": 50, "name": "Bun", "slug": "bun"},
    },
)
REJECTION = _sent("With a note", {"note": "Too narrow; use JavaScript."})
REJECTED_SUGGESTION = _answered(
    "Rejected",
    {**_SUGGESTION, **_DECIDED, "status": "rejected", "note": "Too narrow; use JavaScript."},
)
