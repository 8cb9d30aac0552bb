"""The review of suggested names: who asked, on which problems, and the decision."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from apps.core.admin.base import deed
from apps.core.admin.confirming import Question
from apps.core.ages import dated_age
from apps.tags.admin.desk import StatusFilter, SuggestionDesk
from apps.tags.admin.forms import (
    ApproveForm,
    ApproveManyForm,
    MergeForm,
    MergeManyForm,
    RejectForm,
    RejectManyForm,
)
from apps.tags.askers import Asked, asked_for
from apps.tags.cases import cases_of, open_files
from apps.tags.models import SuggestionStatus, TagSuggestion
from apps.tags.services import approve_suggestion, merge_suggestion, reject_suggestion

STATUS_COLOURS = {
    "Pending": "warning",
    "Approved": "success",
    "Merged": "info",
    "Rejected": "danger",
}
_APPROVE = Question(
    title="Approve these names as typed?",
    text="Each becomes a tag and is put on the problems that wait for it.",
    button="Approve",
    form_class=ApproveManyForm,
)
_MERGE = Question(
    title="Merge these names into one tag?",
    text="The tag is put on the problems that wait for them.",
    button="Merge",
    form_class=MergeManyForm,
)
_REJECT = Question(
    title="Reject these names for good?",
    text="They never come back; whoever asks again is shown the note.",
    button="Reject",
    form_class=RejectManyForm,
)


@admin.register(TagSuggestion)
class TagSuggestionAdmin(SuggestionDesk):
    list_display = ["name"]
    list_filter = [StatusFilter, "source", "tag_type"]
    search_fields = ["name", "normalized_name"]
    search_help_text = "Name"
    ordering = ["created_at", "id"]
    list_disable_select_all = False
    list_select_related = ["suggested_parent", "resolved_tag", "reviewed_by"]
    actions = ["approve_all", "merge_all", "reject_all"]
    actions_detail = ["approve", "merge", "reject"]
    fieldsets = [
        (None, {"fields": [("name", "state"), ("source", "asked"), "proposal"]}),
        ("Who asks", {"fields": ["people_with_reasons", "all_problems"]}),
        (
            "Decision",
            {"fields": [("resolved_tag", "reviewed_by"), ("reviewed_at", "note")]},
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[TagSuggestion]":
        rows: QuerySet[TagSuggestion] = super().get_queryset(request)
        return rows.select_related(*self.list_select_related).prefetch_related("requests__user")

    def has_review_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "change")

    def makes_sense(self, action_name: str, row: TagSuggestion) -> bool:
        return row.status == SuggestionStatus.PENDING

    @display(description="Status", label=STATUS_COLOURS)
    def state(self, row: TagSuggestion) -> str:
        return row.get_status_display()

    @display(description="Proposed as")
    def proposal(self, row: TagSuggestion) -> str:
        if row.resolved_tag is not None:
            return f"→ {row.resolved_tag.name}"
        parent = f" under {row.suggested_parent.name}" if row.suggested_parent else ""
        return f"{row.get_tag_type_display() or 'no type'}{parent}"

    @display(description="Asked")
    def asked(self, row: TagSuggestion) -> Any:
        return dated_age(row.created_at)

    @display(description="People")
    def people_with_reasons(self, row: TagSuggestion) -> SafeString | str:
        asked = [
            (f"{request.user}: {request.reason}" if request.reason else str(request.user),)
            for request in row.requests.all()
        ]
        return format_html_join("\n", "<p>{}</p>", asked) or "–"

    @display(description="Problems")
    def all_problems(self, row: TagSuggestion) -> SafeString | str:
        links = [(_link(asked),) for asked in asked_for([row.pk])[row.pk]]
        return format_html_join("\n", "<p>{}</p>", links) or "–"

    @action(description="Approve as typed", permissions=["review"])
    def approve_all(
        self, request: HttpRequest, queryset: "QuerySet[TagSuggestion]"
    ) -> TemplateResponse | None:
        cases = {case.suggestion.pk: case for case in cases_of(list(queryset), open_files())}

        def approve(row: TagSuggestion, answers: dict[str, Any]) -> None:
            case, parent = cases[row.pk], answers["parent"]
            approve_suggestion(
                suggestion_id=row.pk,
                by=request.user,
                tag_type=case.tag_type or answers["tag_type"],
                parent_id=case.parent_id or (parent.pk if parent else None),
            )

        return self._decide_all(request, queryset, _APPROVE, "Approved.", approve)

    @action(description="Merge into a tag", permissions=["review"])
    def merge_all(
        self, request: HttpRequest, queryset: "QuerySet[TagSuggestion]"
    ) -> TemplateResponse | None:
        def merge(row: TagSuggestion, answers: dict[str, Any]) -> None:
            merge_suggestion(suggestion_id=row.pk, into_id=answers["into"].pk, by=request.user)

        return self._decide_all(request, queryset, _MERGE, "Merged.", merge)

    @action(description="Reject with a note", permissions=["review"])
    def reject_all(
        self, request: HttpRequest, queryset: "QuerySet[TagSuggestion]"
    ) -> TemplateResponse | None:
        def reject(row: TagSuggestion, answers: dict[str, Any]) -> None:
            reject_suggestion(suggestion_id=row.pk, by=request.user, note=answers["note"])

        return self._decide_all(request, queryset, _REJECT, "Rejected.", reject)

    @deed(
        description="Approve",
        permissions=["review"],
        title="Make it a tag",
        text="It is put on the problems that wait for it.",
        button="Approve",
        form_class=ApproveForm,
        icon="check",
        variant=ActionVariant.PRIMARY,
    )
    def approve(self, request: HttpRequest, form: ApproveForm, object_id: str) -> HttpResponse:
        answers = form.cleaned_data
        parent = answers["parent"]
        return self.act(
            request,
            object_id,
            "Approved.",
            lambda row: approve_suggestion(
                suggestion_id=row.pk,
                by=request.user,
                name=answers["name"],
                tag_type=answers["tag_type"],
                parent_id=parent.pk if parent else None,
            ),
        )

    @deed(
        description="Merge",
        permissions=["review"],
        title="Merge it into a tag",
        text="The tag is put on the problems that wait for it.",
        button="Merge",
        form_class=MergeForm,
        icon="merge",
    )
    def merge(self, request: HttpRequest, form: MergeForm, object_id: str) -> HttpResponse:
        into_id = form.cleaned_data["into"].pk
        return self.act(
            request,
            object_id,
            "Merged.",
            lambda row: merge_suggestion(suggestion_id=row.pk, into_id=into_id, by=request.user),
        )

    @deed(
        description="Reject",
        permissions=["review"],
        title="Reject it for good",
        text="It never comes back.",
        button="Reject",
        form_class=RejectForm,
        icon="block",
        variant=ActionVariant.DANGER,
    )
    def reject(self, request: HttpRequest, form: RejectForm, object_id: str) -> HttpResponse:
        note = form.cleaned_data["note"]
        return self.act(
            request,
            object_id,
            "Rejected.",
            lambda row: reject_suggestion(suggestion_id=row.pk, by=request.user, note=note),
        )

    def _decide_all(
        self,
        request: HttpRequest,
        rows: "QuerySet[TagSuggestion]",
        question: Question,
        said: str,
        decide: Callable[[TagSuggestion, dict[str, Any]], None],
    ) -> TemplateResponse | None:
        answer = question.ask(self, request, rows)
        if isinstance(answer, TemplateResponse):
            return answer
        self.act_on_each(request, rows, said, lambda row: decide(row, answer.cleaned_data))
        return None


def _link(asked: Asked) -> SafeString:
    url = reverse(asked.admin_url, args=[asked.row_id])
    return format_html('<a class="text-link" href="{}">{}</a>', url, asked.title)
