"""What a search of problems looks through: the stems of title and statement, as the database keeps
them.
"""

from typing import Any

from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models

LANGUAGE = "english"
_STEMS: Any = SearchVector("title", weight="A", config=LANGUAGE) + SearchVector(
    "statement", weight="B", config=LANGUAGE
)


def words_field() -> models.GeneratedField:
    """The column, written by the database itself. Parsing a text takes it milliseconds, so that a
    search that parsed every text, if only to rank it, would take a large bank seconds.
    """
    return models.GeneratedField(
        expression=_STEMS, output_field=SearchVectorField(), db_persist=True
    )
