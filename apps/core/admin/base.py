"""What all admins have in common: models are shown, and changed through services alone."""

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import quote, unquote
from django.db.models import QuerySet
from django.forms import CharField
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin
from unfold.decorators import action
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.views import ChangeList
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.core.admin.paginator import EstimatingPaginator
from apps.core.errors import DomainError

# Of a bigint, with all its digits free.
_LONGEST_NUMBER = 18


class EstimatedChangeList(ChangeList):
    """Says above a list how many rows it found only where that is news and exact."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if not self.queryset.query.where or self.paginator.about:
            self.full_result_count = self.result_count


class ServiceAdmin(ModelAdmin):
    """Shows what services write; nothing is edited in place.

    Lists never count all rows and never order by what has no index, so that they stay quick at
    millions of rows.
    """

    paginator = EstimatingPaginator
    show_full_result_count = False
    # Counting each choice of each filter reads the whole table once a choice.
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    list_disable_select_all = True
    list_fullwidth = True
    sortable_by: tuple[str, ...] = ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def may(self, request: HttpRequest, verb: str) -> bool:
        """Whether whoever asks holds the model's permission for this verb, such as `change`."""
        return request.user.has_perm(f"{self.opts.app_label}.{verb}_{self.opts.model_name}")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return EstimatedChangeList

    def row_url(self, object_id: Any) -> str:
        """The page of one row."""
        return reverse(
            f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change",
            args=[quote(object_id)],
        )

    def list_url(self) -> str:
        """The page of all rows."""
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_changelist"
        return reverse(name)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """The actions that whoever asks may take, and that make sense for this row as it is."""
        allowed: list[Any] = super().get_actions_detail(request, object_id)
        row = self.get_object(request, unquote(str(object_id))) if allowed else None
        prefix = f"{self.opts.app_label}_{self.opts.model_name}_"
        return [
            offered
            for offered in allowed
            if row is None or self.makes_sense(offered.action_name.removeprefix(prefix), row)
        ]

    def makes_sense(self, action_name: str, row: Any) -> bool:
        """Whether an action is worth offering; the service still has the last word."""
        return True

    def act(
        self, request: HttpRequest, object_id: str, said: str, service: Callable[[Any], Any]
    ) -> HttpResponse:
        """Run a service on one row, note that in its history, say how it went, go to the row."""
        row = self.get_object(request, unquote(object_id))
        if row is None:
            self.message_user(request, "This row is not there any more.", messages.ERROR)
            return go_to(request, self.list_url())
        try:
            service(row)
        except DomainError as error:
            self.message_user(request, error.detail, messages.ERROR)
        else:
            self.log_change(request, row, said)
            self.message_user(request, said, messages.SUCCESS)
        return go_to(request, self.row_url(row.pk))

    def act_on_each(
        self,
        request: HttpRequest,
        rows: "QuerySet[Any]",
        said: str,
        service: Callable[[Any], Any],
    ) -> None:
        """Run a service on each chosen row by itself; refusals are told row by row."""
        done = 0
        for row in rows:
            try:
                service(row)
            except DomainError as error:
                self.message_user(request, f"{row}: {error.detail}", messages.ERROR)
            else:
                self.log_change(request, row, said)
                done += 1
        if done:
            self.message_user(request, f"{said} ({done})", messages.SUCCESS)


class ReasonForm(BaseDialogForm):
    """Asks why."""

    reason = CharField(
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text="Shown to all staff, and kept.",
    )


def deed(
    *,
    description: str,
    permissions: Iterable[str],
    title: str,
    text: str,
    button: str,
    form_class: type[BaseDialogForm] = BaseDialogForm,
    icon: str | None = None,
    variant: ActionVariant = ActionVariant.DEFAULT,
) -> Callable[[Callable[..., HttpResponse]], Any]:
    """An action on one row behind a dialog, so that only a POST does it.

    The method gets (request, form, object_id). A dialog opened as a page of its own, by a middle
    click say, leads to the row instead.
    """

    def decorate(method: Callable[..., HttpResponse]) -> Any:
        in_dialog = action(
            description=description,
            permissions=permissions,
            icon=icon,
            variant=variant,
            dialog={
                "title": title,
                "description": text,
                "form_class": form_class,
                "form_submit_text": button,
            },
        )(method)

        @wraps(in_dialog)
        def answer(admin: ServiceAdmin, request: HttpRequest, object_id: str) -> HttpResponse:
            response: HttpResponse = in_dialog(admin, request, object_id=object_id)
            if response.status_code == 200 and not _is_htmx(request):
                return HttpResponseRedirect(admin.row_url(object_id))
            return response

        return answer

    return decorate


def row_number(term: str) -> int | None:
    """The number that somebody typed to find a row; None for anything else."""
    is_number = term.isascii() and term.isdecimal() and len(term) <= _LONGEST_NUMBER
    return int(term) if is_number else None


def go_to(request: HttpRequest, url: str) -> HttpResponse:
    """Lead the browser on, from a form or from a dialog that htmx sent."""
    if _is_htmx(request):
        return HttpResponse(headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def _is_htmx(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers
