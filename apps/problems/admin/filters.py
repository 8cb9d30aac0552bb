"""Filters of the list of problems."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.problems.models import Problem
from apps.tags.models import Tag
from apps.tags.selectors import subtree_ids


class UnderTagFilter(admin.SimpleListFilter):
    """By a tag at the top of the tree, and everything below it."""

    title = "tag"
    parameter_name = "under"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        roots = Tag.objects.filter(parent=None).in_tree_order()
        return [(str(tag_id), name) for tag_id, name in roots.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Problem]") -> "QuerySet[Problem]":
        chosen = self.value()
        if not chosen or chosen not in dict(self.lookup_choices):
            return queryset
        under = Problem.objects.under(subtree_ids([int(chosen)]))
        return queryset.filter(pk__in=under.values("pk"))


class WaitingFilter(admin.SimpleListFilter):
    """Those that wait for suggested tags."""

    title = "suggested tags"
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Waiting for a decision")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Problem]") -> "QuerySet[Problem]":
        if self.value() != "yes":
            return queryset
        return queryset.filter(problem_suggestions__suggestion__status="pending").distinct()
