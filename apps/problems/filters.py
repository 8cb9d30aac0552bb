"""How problems are looked up."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q
from rest_framework.exceptions import NotAuthenticated

from apps.accounts.models import User
from apps.core.errors import InvalidInputError
from apps.core.filters import AnyOfFilter, SearchFilter, described
from apps.problems import search
from apps.problems.access import Mine, provider
from apps.problems.models import Difficulty, Problem, ProblemStatus, VettingTier
from apps.problems.querysets import ProblemQuerySet
from apps.tags.selectors import subtree_ids, tags_by_refs

_MOST_TAGS = 10
_ALL = "all"


class TagsFilter(django_filters.Filter):
    """Ids or slugs, repeated; what is below a tag counts as the tag."""

    is_repeatable = True
    field_class = forms.Field

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, widget=forms.MultipleHiddenInput, **kwargs)
        items = {"type": "string", "minLength": 1, "maxLength": 100}
        described(self, {"type": "array", "items": items, "maxItems": _MOST_TAGS})

    def filter(self, problems: ProblemQuerySet, refs: list[str] | None) -> ProblemQuerySet:
        if not refs:
            return problems
        wanted = [{tag_id} for tag_id in _known_ids(refs)]
        if self.parent.data.get("tag_mode") != _ALL:
            wanted = [set().union(*wanted)]
        for tag_ids in wanted:
            problems = problems.under(subtree_ids(tag_ids))
        return problems


class ProblemFilter(django_filters.FilterSet):
    tag = TagsFilter(label="An id or a slug; problems on it or below. Repeat it for more.")
    tag_mode = django_filters.ChoiceFilter(
        choices=((_ALL, _ALL), ("any", "any")),
        method="as_it_is",
        label="Whether `all` of several tags must fit or `any`, which is the default.",
    )
    difficulty = AnyOfFilter(choices=Difficulty.choices)
    status = AnyOfFilter(choices=ProblemStatus.choices)
    vetting_tier = AnyOfFilter(
        choices=VettingTier.choices,
        method="vetted_as",
        label="For curators; others find only problems of their own by it.",
    )
    mine = django_filters.ChoiceFilter(
        choices=Mine.choices, method="having", label="Whether it was sent to the caller."
    )
    author = django_filters.ChoiceFilter(
        choices=(("me", "me"),), method="by_author", label="Only the caller's own."
    )
    search = SearchFilter(method="saying", label="Words of the title or the statement.")
    ordering = django_filters.OrderingFilter(
        label="Without it the newest approved come first, or the best found with `search`.",
        fields=(
            ("approved_at", "approved_at"),
            ("created_at", "created_at"),
            ("estimated_minutes", "estimated_minutes"),
            ("title", "title"),
        ),
    )

    class Meta:
        model = Problem
        fields: tuple[str, ...] = ()

    def as_it_is(self, problems: ProblemQuerySet, name: str, value: str) -> ProblemQuerySet:
        """TagsFilter reads this one."""
        return problems

    def vetted_as(self, problems: ProblemQuerySet, name: str, tiers: list[str]) -> ProblemQuerySet:
        """Others do not see the tier, so they must not find by it either."""
        found = problems.filter(vetting_tier__in=tiers) if tiers else problems
        user = self.request.user
        if not tiers or user.has_perm("problems.change_problem"):
            return found
        return found.filter(Q(author_id=user.pk) & Q(author__isnull=False))

    def having(self, problems: ProblemQuerySet, name: str, mine: str) -> ProblemQuerySet:
        return provider().having(problems, self._caller(), Mine(mine))

    def by_author(self, problems: ProblemQuerySet, name: str, value: str) -> ProblemQuerySet:
        return problems.filter(author=self._caller())

    def saying(self, problems: ProblemQuerySet, name: str, text: str) -> ProblemQuerySet:
        return search.matching(problems, text)

    def _caller(self) -> User:
        if not isinstance(self.request.user, User):
            raise NotAuthenticated
        return self.request.user


def _known_ids(refs: list[str]) -> list[int]:
    if len(refs) > _MOST_TAGS:
        raise InvalidInputError(
            f"At most {_MOST_TAGS} tags are possible.", code="max_length", field="tag"
        )
    found = tags_by_refs(refs)
    if len(found) < len(set(refs)):
        raise InvalidInputError("There is no such tag.", code="does_not_exist", field="tag")
    return [tag.pk for tag in found.values()]
