"""The desk at which suggested names are decided, one after the other, without leaving the page.

Each decision is a small form of its own. A script sends it and puts the answer in its place;
without scripts the browser sends it and comes back to the list.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from apps.core.admin.base import ServiceAdmin
from apps.core.errors import DomainError
from apps.tags.admin.forms import DeskApproval, DeskMerge, DeskRejection
from apps.tags.cases import cases_of, open_files
from apps.tags.models import SuggestionStatus, TagSuggestion, TagType
from apps.tags.services import approve_suggestion, merge_suggestion, reject_suggestion

# What the script says of itself, so that it gets a piece of the page instead of a page.
PIECE_HEADER = "X-Desk"


class StatusFilter(admin.SimpleListFilter):
    """What waits, unless something else is asked for."""

    title = "status"
    parameter_name = "status"
    everything = "all"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [*SuggestionStatus.choices, (self.everything, "All")]

    def value(self) -> str:
        return super().value() or SuggestionStatus.PENDING

    def choices(self, changelist: Any) -> Iterator[Any]:
        for value, title in self.lookup_choices:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}, ["p"]),
                "display": title,
                "is_waiting": value == SuggestionStatus.PENDING,
            }

    def queryset(
        self, request: HttpRequest, queryset: "QuerySet[TagSuggestion]"
    ) -> "QuerySet[TagSuggestion]":
        # The lookup that links of old carry says it more exactly.
        if self.value() == self.everything or "status__exact" in request.GET:
            return queryset
        return queryset.filter(status=self.value())


class SuggestionDesk(ServiceAdmin):
    """The list of suggestions, each with what there is to know and the forms to decide it."""

    change_list_template = "admin/tags/desk.html"
    list_before_template = "admin/tags/desk_states.html"
    list_after_template = "admin/tags/desk_forms.html"
    list_per_page = 25
    list_max_show_all = 0

    class Media:
        css = {"all": ["tags/desk.css"]}
        js = ["tags/desk.js"]

    def get_urls(self) -> list[Any]:
        decide = path(
            "<int:object_id>/decide/<str:verb>/",
            self.admin_site.admin_view(self.decide),
            name="tags_tagsuggestion_decide",
        )
        return [decide, *super().get_urls()]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list with a case for each row."""
        changes = super().get_changelist_instance(request)
        changes.result_list = list(changes.result_list)
        files = open_files()
        changes.cases = cases_of(changes.result_list, files)
        changes.places = files.places
        changes.may_decide = self.may(request, "change")
        changes.may_see_people = request.user.has_perm("accounts.view_user")
        changes.types = TagType.choices
        changes.states = _states(changes)
        changes.waiting = TagSuggestion.objects.pending().count()
        return changes

    @method_decorator(require_POST)
    def decide(self, request: HttpRequest, object_id: int, verb: str) -> HttpResponse:
        """Decide one suggestion; the answer is its case as it stands then, or why not."""
        if verb not in DECISIONS or not self.may(request, "change"):
            raise PermissionDenied
        form_class, service, said = DECISIONS[verb]
        form = form_class(request.POST)
        refusal = _complaint(form) if not form.is_valid() else ""
        if not refusal:
            refusal = self._try(request, object_id, service, form.cleaned_data, said)
        if PIECE_HEADER in request.headers:
            return self._piece(request, object_id, refusal)
        level, words = (messages.ERROR, refusal) if refusal else (messages.SUCCESS, said)
        self.message_user(request, words, level)
        return HttpResponseRedirect(f"{self.list_url()}?{_safe_query(request)}")

    def _try(
        self,
        request: HttpRequest,
        object_id: int,
        service: Callable[..., Any],
        answers: Mapping[str, Any],
        said: str,
    ) -> str:
        """Call the service; why it refused, or nothing."""
        try:
            service(object_id, request.user, answers)
        except DomainError as error:
            return error.detail
        self.log_change(request, TagSuggestion.objects.get(pk=object_id), said)
        return ""

    def _piece(self, request: HttpRequest, object_id: int, refusal: str) -> HttpResponse:
        suggestion = self.get_queryset(request).filter(pk=object_id).first()
        if refusal and (suggestion is None or suggestion.status == SuggestionStatus.PENDING):
            return JsonResponse({"refusal": refusal}, status=409)
        (case,) = cases_of([suggestion], open_files())
        context = {
            "case": case,
            "late": refusal,
            "may_see_people": request.user.has_perm("accounts.view_user"),
        }
        answer = TemplateResponse(request, "admin/tags/case_decided.html", context)
        answer["X-Waiting"] = str(TagSuggestion.objects.pending().count())
        return answer


def _states(changes: Any) -> list[dict[str, Any]]:
    """The links from one status to the others."""
    for spec in changes.filter_specs:
        if isinstance(spec, StatusFilter):
            return list(spec.choices(changes))
    return []


def _approve(suggestion_id: int, by: Any, answers: Mapping[str, Any]) -> None:
    parent = answers["parent"]
    approve_suggestion(
        suggestion_id=suggestion_id,
        by=by,
        name=answers["name"],
        tag_type=answers["tag_type"],
        parent_id=parent.pk if parent else None,
    )


def _merge(suggestion_id: int, by: Any, answers: Mapping[str, Any]) -> None:
    merge_suggestion(suggestion_id=suggestion_id, into_id=answers["tag"].pk, by=by)


def _reject(suggestion_id: int, by: Any, answers: Mapping[str, Any]) -> None:
    reject_suggestion(suggestion_id=suggestion_id, by=by, note=answers["note"])


# Verb of the address: its form, its service, what the history says.
DECISIONS: Mapping[str, tuple[type[forms.Form], Callable[..., None], str]] = {
    "approve": (DeskApproval, _approve, "Approved."),
    "merge": (DeskMerge, _merge, "Merged."),
    "reject": (DeskRejection, _reject, "Rejected."),
}


def _complaint(form: forms.Form) -> str:
    """What a form was refused for, in one line."""
    return " ".join(
        f"{form.fields[name].label or name.title()}: {words}" if name in form.fields else str(words)
        for name, errors in form.errors.items()
        for words in errors
    )


def _safe_query(request: HttpRequest) -> str:
    """The list's own parameters, which the form brought along."""
    return request.POST.get("list", "").lstrip("?")
