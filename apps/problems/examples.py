"""Examples for the schema."""

from drf_spectacular.utils import OpenApiExample

PROBLEM_BRIEF = {
    "id": 41,
    "slug": "the-index-that-nobody-uses",
    "title": "The index that nobody uses",
    "difficulty": "medium",
    "estimated_minutes": 20,
    "tags": [{"id": 5, "name": "PostgreSQL", "slug": "postgresql"}],
}
PROBLEM = OpenApiExample(
    "A problem of this morning, its solution due tomorrow",
    value={
        **PROBLEM_BRIEF,
        "statement": "The report takes 40 seconds although `orders (created_at)` is indexed …",
        "status": None,
        "vetting_tier": None,
        "version": 2,
        "source": None,
        "hints": ["Look at what the plan does before it sorts."],
        "solution": None,
        "solution_available_at": "2026-11-24T07:59:00Z",
        "problem_metadata": None,
        "mine": {"delivery_id": 903, "local_date": "2026-11-23", "outcome": "tried"},
        "approved_at": "2026-10-02T09:30:00Z",
        "created_at": "2026-09-30T12:00:00Z",
        "updated_at": "2026-10-02T09:30:00Z",
    },
    response_only=True,
    status_codes=["200"],
)
