"""Full addresses of people in the admin: who may see them, and one log line for each page seen."""

from collections.abc import Iterable
from typing import Any

import structlog
from django.contrib.auth import get_permission_codename, get_user_model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from apps.core.admin.base import ServiceAdmin

log = structlog.get_logger(__name__)


def sees_addresses(request: HttpRequest) -> bool:
    """Whether whoever asks may see full addresses: those who may look at accounts."""
    opts = get_user_model()._meta
    return request.user.has_perm(f"{opts.app_label}.{get_permission_codename('view', opts)}")


class AddressAdmin(ServiceAdmin):
    """Lists and pages that show addresses, in full to those who may see them and masked to others.

    Each view of full ones is logged: who, whose, and on which page.
    """

    def person_id(self, row: Any) -> int | None:
        """Whose address a row shows."""
        raise NotImplementedError

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        response: HttpResponse = super().changelist_view(request, extra_context)
        if isinstance(response, TemplateResponse) and response.context_data:
            self._note_view(request, response.context_data["cl"].result_list)
        return response

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if context.get("original") is not None:
            self._note_view(request, [context["original"]])
        response: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return response

    def _note_view(self, request: HttpRequest, rows: Iterable[Any]) -> None:
        whose = sorted({person for row in rows if (person := self.person_id(row)) is not None})
        if whose and sees_addresses(request):
            log.info("address_viewed", by=request.user.pk, whose=whose, page=request.path)
