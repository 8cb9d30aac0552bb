"""Rules of names and slugs: what a tag may be called and what its address looks like.

No database.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from apps.core.errors import InvalidInputError
from apps.core.plain_text import one_line
from apps.core.slugs import SlugRules
from apps.core.text import normalize

NAME_LENGTH = 60
NORMALIZED_LENGTH = 160
ALIASES_AT_MOST = 30
# Words that mean something else where a slug stands: /api/tags/tree/, ?parent=null, pages of the
# site.
TAG_SLUGS = SlugRules("tag", 80, frozenset({"tree", "null", "new", "feed"}))


@dataclass(frozen=True, slots=True)
class CleanName:
    """A name fit to be kept, and the folded form under which it is unique."""

    name: str
    normalized: str


def clean_name(name: str, *, field: str = "name") -> CleanName:
    """The name as it will be shown, white space collapsed.

    InvalidInputError for what no tag may be called.
    """
    shown = one_line(name, field=field, limit=NAME_LENGTH)
    normalized = normalize(shown)
    if not any(unicodedata.category(character)[0] in "LN" for character in normalized):
        raise InvalidInputError(
            "A tag's name needs at least one letter or digit.", code="blank", field=field
        )
    if len(normalized) > NORMALIZED_LENGTH:
        raise InvalidInputError("This name is too long.", code="max_length", field=field)
    return CleanName(shown, normalized)


def clean_aliases(aliases: Iterable[str], *, name: CleanName) -> list[CleanName]:
    """The aliases in the order given, without repetitions and without the name itself."""
    found = {name.normalized: name}
    for alias in aliases:
        cleaned = clean_name(alias, field="aliases")
        found.setdefault(cleaned.normalized, cleaned)
    if len(found) > ALIASES_AT_MOST + 1:
        raise InvalidInputError(
            f"A tag has at most {ALIASES_AT_MOST} aliases.", code="max_length", field="aliases"
        )
    return list(found.values())[1:]
