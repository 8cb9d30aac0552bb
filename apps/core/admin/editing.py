"""Admin forms whose saving is a service: what the service refuses is shown on the form."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import messages
from django.forms import ModelForm
from django.http import HttpRequest

from apps.core.admin.base import ServiceAdmin, go_to
from apps.core.errors import DomainError


class RefusableForm(ModelForm):  # type: ignore[type-arg]  # generic for mypy only
    """A form that can be told, after it was found valid, why a service would not take it."""

    refusal: ClassVar[DomainError | None] = None
    # Where a complaint about a service's field belongs, when the form's field has another name.
    refused_fields: ClassVar[Mapping[str, str]] = {}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if self.refusal is not None:
            field = getattr(self.refusal, "field", None) or ""
            field = self.refused_fields.get(field, field)
            self.add_error(field if field in self.fields else None, self.refusal.detail)
        return cleaned


class EditingAdmin(ServiceAdmin):
    """Adds, changes and deletes through services; `save_model` and `delete_model` call them.

    A DomainError undoes all of the request, and the form comes back as it was typed, with the
    reason beside the field.
    """

    form = RefusableForm

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "change")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.may(request, "delete")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        # It would delete rows past the services.
        actions.pop("delete_selected", None)
        return actions

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.refusal = getattr(request, "refusal", None)
        return form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except DomainError as error:
            # The second time the form itself says no, and so nothing is saved.
            request.refusal = error  # type: ignore[attr-defined]  # ours, read by get_form
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        # Only what was chosen. What goes along or stands in the way can be tens of thousands of
        # rows; the service says it in a sentence.
        chosen = [str(row) for row in objs]
        return chosen, {str(self.opts.verbose_name_plural): len(chosen)}, set(), []

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        try:
            return super().delete_view(request, object_id, extra_context)
        except DomainError as error:
            self.message_user(request, error.detail, messages.ERROR)
            return go_to(request, self.row_url(object_id))

    def saved_as(self, row: Any, saved: Any) -> None:
        """Let the row of the form become the one that a service saved."""
        row.__dict__.update(saved.__dict__)
