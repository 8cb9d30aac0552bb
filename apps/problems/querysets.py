"""Filters of problems: the vocabulary in which views and services ask for them."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from apps.accounts.models import User
    from apps.problems.models import Problem


class ProblemQuerySet(models.QuerySet["Problem"]):
    """Problems by state, place in the tree and reader."""

    def approved(self) -> Self:
        """What subscribers may get and anyone may read."""
        return self.filter(status="approved")

    def visible_to(self, user: "User | None") -> Self:
        """Approved ones for everybody, all for curators, authors' own besides."""
        if user is None or not user.is_authenticated:
            return self.approved()
        if user.has_perm("problems.change_problem"):
            return self
        return self.filter(Q(status="approved") | Q(author=user))

    def saying_the_same(self, problem: "Problem") -> Self:
        """With the same title, whatever its case, or the very same statement."""
        return self.filter(Q(title__iexact=problem.title) | Q(statement=problem.statement))

    def under(self, tag_ids: Iterable[int]) -> Self:
        """Tagged with one of these tags or anything below; the ids must already include
        descendants.
        """
        return self.filter(
            models.Exists(
                self.model.tags.through.objects.filter(
                    problem=models.OuterRef("pk"), tag__in=list(tag_ids)
                )
            )
        )


_ManagerWithFilters = models.Manager.from_queryset(ProblemQuerySet)


class ProblemManager(_ManagerWithFilters["Problem"]):
    """Problems without what only a search looks at."""

    def get_queryset(self) -> ProblemQuerySet:
        return ProblemQuerySet(self.model, using=self._db).defer("words")
