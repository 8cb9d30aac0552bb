"""How admins look people up."""

import django_filters
from django.db.models import QuerySet

from apps.accounts.models import Role, User
from apps.accounts.querysets import UserQuerySet
from apps.core.filters import AnyOfFilter, FlagFilter, SearchFilter


class UserFilter(django_filters.FilterSet):
    role = AnyOfFilter(choices=Role.choices, method="with_roles")
    is_active = FlagFilter(label="Whether they may sign in.")
    search = SearchFilter(method="matching", label="Part of the address or the name.")
    ordering = django_filters.OrderingFilter(
        label="Without it the newest come first.",
        fields=(("date_joined", "date_joined"), ("email", "email")),
    )

    class Meta:
        model = User
        fields: tuple[str, ...] = ()

    def with_roles(self, people: UserQuerySet, name: str, roles: list[str]) -> UserQuerySet:
        return people.with_roles(roles)

    def matching(self, people: UserQuerySet, name: str, text: str) -> QuerySet[User]:
        return people.matching(text)
