"""The column and the search that all admins of readers have: whose row it is."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from apps.accounts.mails import masked
from apps.accounts.models import User
from apps.core.admin.addresses import AddressAdmin, sees_addresses
from apps.core.admin.base import row_number
from apps.core.text import normalize


class PersonAdmin(AddressAdmin):
    """Shows the person of each row: `address` in full to those who may see it, else `reader`."""

    person_path = "user"

    def person_of(self, row: Any) -> User | None:
        """Whose row it is; None after erasure."""
        person: User | None = row.user
        return person

    def person_id(self, row: Any) -> int | None:
        person = self.person_of(row)
        return person.pk if person else None

    def get_list_display(self, request: HttpRequest) -> list[str]:
        return _for_eyes(request, super().get_list_display(request))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        return [
            (name, {**options, "fields": _for_eyes(request, options["fields"])})
            for name, options in fieldsets
        ]

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Any]", search_term: str
    ) -> tuple["QuerySet[Any]", bool]:
        term = search_term.strip()
        if (number := row_number(term)) is not None:
            return queryset.filter(pk=number), False
        if not term:
            return queryset, False
        return self.rows_of_address(queryset, term), False

    def rows_of_address(self, rows: "QuerySet[Any]", address: str) -> "QuerySet[Any]":
        """Those of the person who has this address."""
        return rows.filter(**{f"{self.person_path}__email": normalize(address)})

    @display(description="Reader")
    def address(self, row: Any) -> str:
        person = self.person_of(row)
        return person.email if person else "erased"

    @display(description="Reader")
    def reader(self, row: Any) -> str:
        person = self.person_of(row)
        return masked(person.email) if person else "erased"


def _for_eyes(request: HttpRequest, names: Any) -> list[Any]:
    """The same columns, with the reader's address in the form that whoever asks may see."""
    shown = "address" if sees_addresses(request) else "reader"
    return [
        tuple(_for_eyes(request, name))
        if isinstance(name, tuple)
        else shown
        if name == "reader"
        else name
        for name in names
    ]
