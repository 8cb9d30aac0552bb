"""Examples for the schema."""

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
