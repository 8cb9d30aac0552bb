"""Full-text search of title and statement.

Solutions are not searched: a hit would give them away.
"""

import html
from typing import Any

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank, SearchVector

from apps.problems.querysets import ProblemQuerySet

_CONFIG = "english"
# Private-use characters, which no text of ours holds, so that escaping cannot be fooled.
_START, _STOP = "\ue000", "\ue001"


def matching(problems: ProblemQuerySet, text: str) -> ProblemQuerySet:
    """Problems that say this, best first, each with a `snippet`. Words, "phrases", or, -not."""
    query = SearchQuery(text, config=_CONFIG, search_type="websearch")
    vector: Any = SearchVector("title", weight="A", config=_CONFIG) + SearchVector(
        "statement", weight="B", config=_CONFIG
    )
    found = problems.annotate(found_in=vector).filter(found_in=query)
    ranked = found.annotate(
        rank=SearchRank(vector, query),
        snippet=SearchHeadline(
            "statement", query, config=_CONFIG, start_sel=_START, stop_sel=_STOP, max_words=30
        ),
    )
    return ranked.order_by("-rank", "-id")


def highlighted(snippet: str) -> str:
    """The snippet as HTML: everything escaped but our own marks."""
    escaped = html.escape(" ".join(snippet.split()))
    return escaped.replace(_START, "<mark>").replace(_STOP, "</mark>")
