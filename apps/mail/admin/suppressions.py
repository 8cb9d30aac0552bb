"""Addresses that must not be written to, of which only a keyed hash is kept."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display
from unfold.widgets import UnfoldAdminEmailInputWidget

from apps.core.admin.badges import badge
from apps.core.admin.base import ServiceAdmin
from apps.core.ages import dated_age
from apps.mail.message import address_digest
from apps.mail.models import Suppression, SuppressionKind
from apps.mail.services import suppress

_TONES = {
    SuppressionKind.BOUNCE: "warning",
    SuppressionKind.COMPLAINT: "danger",
    SuppressionKind.MANUAL: "info",
}
_DIGEST = re.compile(r"[0-9a-f]{64}")


class AddressForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for mypy only
    """Asks for an address, which is forgotten once it is hashed."""

    address = forms.EmailField(
        max_length=254,
        widget=UnfoldAdminEmailInputWidget,
        help_text="Kept as a keyed hash only: it cannot be read back, just looked up.",
    )

    class Meta:
        model = Suppression
        fields: tuple[str, ...] = ()

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"]
        if Suppression.objects.filter(digest=address_digest(address)).exists():
            raise forms.ValidationError("This address is not written to already.")
        return address


@admin.register(Suppression)
class SuppressionAdmin(ServiceAdmin):
    form = AddressForm
    list_display = ["short_digest", "why", "since"]
    list_filter = ["kind"]
    search_fields = ["digest"]
    search_help_text = "Whole address, or its hash"
    ordering = ["-id"]
    add_fieldsets = [(None, {"fields": ["address"]})]
    fields = ["digest", "why", "created_at"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "add")

    def has_delete_permission(self, request: HttpRequest, obj: Suppression | None = None) -> bool:
        """Whoever complained is never written to again; a bounce or our own doing can be lifted."""
        return self.may(request, "delete") and (
            obj is None or obj.kind != SuppressionKind.COMPLAINT
        )

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """One at a time: each is a decision about a person."""
        return {}

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Suppression]", search_term: str
    ) -> tuple["QuerySet[Suppression]", bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        digest = term if _DIGEST.fullmatch(term) else address_digest(term)
        return queryset.filter(digest=digest), False

    def save_form(self, request: HttpRequest, form: AddressForm, change: bool) -> Suppression:
        return suppress(address=form.cleaned_data["address"], kind=SuppressionKind.MANUAL)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The service has saved it; see save_form."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """It has no relations."""

    @display(description="Hash of the address")
    def short_digest(self, row: Suppression) -> str:
        return f"{row.digest[:16]}…"

    @display(description="Why")
    def why(self, row: Suppression) -> str:
        return badge(row.get_kind_display(), _TONES[SuppressionKind(row.kind)])

    @display(description="Since")
    def since(self, row: Suppression) -> str:
        return dated_age(row.created_at)
