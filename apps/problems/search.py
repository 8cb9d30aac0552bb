"""Full-text search of title and statement, over the column `words` and its index.

Solutions are not searched: a hit would give them away.
"""

import html

from django.contrib.postgres.search import SearchHeadline, SearchQuery, SearchRank
from django.db.models import F

from apps.problems.querysets import ProblemQuerySet
from apps.problems.words import LANGUAGE

# Private-use characters, which no text of ours holds, so that escaping cannot be fooled.
_START, _STOP = "\ue000", "\ue001"


def matching(problems: ProblemQuerySet, text: str) -> ProblemQuerySet:
    """Problems that say this, best first, each with a `snippet`. Words, "phrases", or, -not."""
    query = SearchQuery(text, config=LANGUAGE, search_type="websearch")
    ranked = problems.filter(words=query).annotate(
        rank=SearchRank(F("words"), query),
        snippet=SearchHeadline(
            "statement", query, config=LANGUAGE, start_sel=_START, stop_sel=_STOP, max_words=30
        ),
    )
    return ranked.order_by("-rank", "-id")


def highlighted(snippet: str) -> str:
    """The snippet as HTML: everything escaped but our own marks."""
    escaped = html.escape(" ".join(snippet.split()))
    return escaped.replace(_START, "<mark>").replace(_STOP, "</mark>")
