"""Slugs: the readable part of an address.

They always contain a letter, so that none can be taken for an id.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from apps.core.errors import InvalidInputError
from apps.core.text import slugify

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LETTER = re.compile(r"[a-z]")


@dataclass(frozen=True, slots=True)
class SlugRules:
    """The rules of one model.

    `noun` starts the slugs that no text can give; `route_words` are never slugs.
    """

    noun: str
    length: int
    route_words: frozenset[str]

    def derive(self, text: str, *, number: int) -> str:
        """The slug of a name: c-plus-plus, dot-net; noun-404 for digits, noun-<number> for what
        ASCII cannot spell.
        """
        slug = slugify(text)[: self.length].strip("-")
        if not slug:
            return f"{self.noun}-{number}"
        if slug in self.route_words or not _LETTER.search(slug):
            return f"{self.noun}-{slug}"[: self.length].strip("-")
        return slug

    def is_shaped(self, text: str) -> bool:
        """Whether a text could be a slug at all."""
        return bool(len(text) <= self.length and _SLUG.fullmatch(text) and _LETTER.search(text))

    def check(self, slug: str) -> str:
        """A slug that somebody chose by hand, unchanged.

        InvalidInputError when it cannot be one.
        """
        if not self.is_shaped(slug):
            raise InvalidInputError(
                "A slug is small letters and digits in groups joined by hyphens,"
                f" with at least one letter and at most {self.length} characters.",
                field="slug",
            )
        if slug in self.route_words:
            raise InvalidInputError(
                f"“{slug}” is part of our addresses and cannot be a slug.",
                code="route_word",
                field="slug",
            )
        return slug

    def first_free(self, base: str, taken: Collection[str]) -> str:
        """The base itself, or with the first of -2, -3, … that nobody has."""
        slug, number = base, 1
        while slug in taken:
            number += 1
            suffix = f"-{number}"
            slug = base[: self.length - len(suffix)].rstrip("-") + suffix
        return slug
