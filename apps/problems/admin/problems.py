"""The bank: written, reviewed and archived through services."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.decorators import action, display
from unfold.enums import ActionVariant

from apps.core.admin.base import deed
from apps.core.admin.confirming import Question
from apps.core.admin.editing import EditingAdmin
from apps.core.ages import dated_age
from apps.problems.admin.filters import UnderTagFilter, WaitingFilter
from apps.problems.admin.forms import (
    ApproveForm,
    ApproveManyForm,
    ArchiveForm,
    ArchiveManyForm,
    ProblemForm,
    RejectForm,
    RejectManyForm,
)
from apps.problems.content import CONTENT_FIELDS
from apps.problems.models import Problem, ProblemStatus, VettingTier
from apps.problems.services import (
    approve_problem,
    archive_problem,
    change_problem,
    create_problem,
    delete_problem,
    reject_problem,
    restore_problem,
    submit_problem,
)

STATUS_COLOURS = {
    "Draft": "info",
    "Pending": "warning",
    "Approved": "success",
    "Rejected": "danger",
    "Archived": "primary",
}
DIFFICULTY_COLOURS = {"Easy": "success", "Medium": "warning", "Hard": "danger"}
_VETTED: dict[str, str] = {
    VettingTier.TIER1_MANUAL: "by hand",
    VettingTier.TIER2_AI: "by a model",
    VettingTier.TIER3_NEEDS_REVIEW: "not yet",
}
# From which states each step leads on; the services have the last word.
_STEPS = {
    "submit": {ProblemStatus.DRAFT, ProblemStatus.REJECTED},
    "approve": {ProblemStatus.DRAFT, ProblemStatus.PENDING},
    "reject": {ProblemStatus.DRAFT, ProblemStatus.PENDING},
    "archive": {ProblemStatus.APPROVED},
    "restore": {ProblemStatus.ARCHIVED},
}
_APPROVE = Question(
    title="Approve these problems?",
    text="Subscribers may get them from now on.",
    button="Approve",
    form_class=ApproveManyForm,
)
_REJECT = Question(title="Reject these problems?", button="Reject", form_class=RejectManyForm)
_ARCHIVE = Question(
    title="Archive these problems?",
    text="Nobody gets them any more; solutions of those that were sent still go.",
    button="Archive",
    form_class=ArchiveManyForm,
)
_RESTORE = Question(title="Bring these problems back?", button="Restore")
_SUBMIT = Question(title="Submit these problems for review?", button="Submit")


@admin.register(Problem)
class ProblemAdmin(EditingAdmin):
    form = ProblemForm
    list_display = [
        "title",
        "state",
        "how_hard",
        "minutes",
        "tag_names",
        "vetted",
        "version",
        "changed",
    ]
    list_filter = [
        "status",
        "difficulty",
        "vetting_tier",
        UnderTagFilter,
        WaitingFilter,
        "is_held",
    ]
    list_disable_select_all = False
    search_fields = ["title", "slug", "=uuid"]
    search_help_text = "Title, slug or UUID"
    ordering = ["-id"]
    actions = ["approve_all", "reject_all", "archive_all", "restore_all", "submit_all"]
    actions_detail = ["approve", "reject", "archive", "restore", "submit"]
    readonly_fields = [
        "state",
        "slug",
        "version",
        "uuid",
        "author",
        "is_held",
        "waits_for",
        "turned_down",
        "review_note",
        "reviewed_by",
        "approved_at",
        "created_at",
        "updated_at",
    ]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "title",
                    ("difficulty", "estimated_minutes", "vetting_tier"),
                    "tag_list",
                    ("waits_for", "turned_down"),
                    "statement",
                    "hints",
                    "solution",
                ]
            },
        ),
        (
            "Source",
            {"fields": [("source_title", "source_author"), ("source_url", "license")]},
        ),
        (
            "Review",
            {
                "fields": [
                    ("state", "is_held"),
                    ("reviewed_by", "review_note"),
                    ("slug", "version"),
                    ("uuid", "author"),
                    ("approved_at", "created_at", "updated_at"),
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Problem]":
        rows: QuerySet[Problem] = super().get_queryset(request)
        return rows.select_related("author", "reviewed_by").prefetch_related("tags")

    def save_model(self, request: HttpRequest, obj: Problem, form: Any, change: bool) -> None:
        content = {name: form.cleaned_data[name] for name in CONTENT_FIELDS}
        content["vetting_tier"] = form.cleaned_data["vetting_tier"]
        # What it waits for is not on the form, and stays.
        waiting = obj.problem_metadata.get("suggested_tags", []) if change else []
        tags = [*form.chosen_tags(), *waiting]
        if change:
            saved = change_problem(problem_id=obj.pk, by=request.user, tags=tags, **content)
        else:
            saved = create_problem(author=request.user, tags=tags, **content)
        self.saved_as(obj, saved)

    def delete_model(self, request: HttpRequest, obj: Problem) -> None:
        delete_problem(problem_id=obj.pk)

    def has_review_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "change")

    def makes_sense(self, action_name: str, row: Problem) -> bool:
        return row.status in _STEPS[action_name]

    @display(description="Status", label=STATUS_COLOURS)
    def state(self, problem: Problem) -> str:
        return problem.get_status_display()

    @display(description="Difficulty", label=DIFFICULTY_COLOURS)
    def how_hard(self, problem: Problem) -> str:
        return problem.get_difficulty_display()

    @display(description="Minutes", empty_value="–")
    def minutes(self, problem: Problem) -> int | None:
        return problem.estimated_minutes

    @display(description="Vetted")
    def vetted(self, problem: Problem) -> str:
        return _VETTED[problem.vetting_tier]

    @display(description="Tags")
    def tag_names(self, problem: Problem) -> str:
        names = [tag.name for tag in problem.tags.all()]
        waiting = [f"{name}?" for name in problem.problem_metadata.get("suggested_tags", [])]
        return ", ".join(names + waiting) or "–"

    @display(description="Changed")
    def changed(self, problem: Problem) -> Any:
        return dated_age(problem.updated_at)

    @display(description="Waits for the names")
    def waits_for(self, problem: Problem) -> str:
        return ", ".join(problem.problem_metadata.get("suggested_tags", [])) or "–"

    @display(description="Turned down")
    def turned_down(self, problem: Problem) -> str:
        rejected = problem.problem_metadata.get("rejected_tags", [])
        return ", ".join(f"{one['name']} ({one['note'] or 'no note'})" for one in rejected) or "–"

    @action(description="Approve", permissions=["review"])
    def approve_all(
        self, request: HttpRequest, queryset: "QuerySet[Problem]"
    ) -> TemplateResponse | None:
        return self._step_all(
            request,
            queryset,
            _APPROVE,
            "Approved.",
            lambda row, answers: approve_problem(problem_id=row.pk, by=request.user, **answers),
        )

    @action(description="Reject with a note", permissions=["review"])
    def reject_all(
        self, request: HttpRequest, queryset: "QuerySet[Problem]"
    ) -> TemplateResponse | None:
        return self._step_all(
            request,
            queryset,
            _REJECT,
            "Rejected.",
            lambda row, answers: reject_problem(problem_id=row.pk, by=request.user, **answers),
        )

    @action(description="Archive", permissions=["review"])
    def archive_all(
        self, request: HttpRequest, queryset: "QuerySet[Problem]"
    ) -> TemplateResponse | None:
        return self._step_all(
            request,
            queryset,
            _ARCHIVE,
            "Archived.",
            lambda row, answers: archive_problem(problem_id=row.pk, by=request.user, **answers),
        )

    @action(description="Restore", permissions=["review"])
    def restore_all(
        self, request: HttpRequest, queryset: "QuerySet[Problem]"
    ) -> TemplateResponse | None:
        return self._step_all(
            request,
            queryset,
            _RESTORE,
            "Restored.",
            lambda row, answers: restore_problem(problem_id=row.pk, by=request.user),
        )

    @action(description="Submit for review", permissions=["review"])
    def submit_all(
        self, request: HttpRequest, queryset: "QuerySet[Problem]"
    ) -> TemplateResponse | None:
        return self._step_all(
            request,
            queryset,
            _SUBMIT,
            "Submitted.",
            lambda row, answers: submit_problem(problem_id=row.pk, by=request.user),
        )

    @deed(
        description="Approve",
        permissions=["review"],
        title="Approve this problem?",
        text="Subscribers may get it from now on.",
        button="Approve",
        form_class=ApproveForm,
        icon="check",
        variant=ActionVariant.PRIMARY,
    )
    def approve(self, request: HttpRequest, form: ApproveForm, object_id: str) -> HttpResponse:
        answers = form.cleaned_data
        return self.act(
            request,
            object_id,
            "Approved.",
            lambda row: approve_problem(
                problem_id=row.pk,
                by=request.user,
                vetting_tier=answers["vetting_tier"],
                override_reason=answers["override_reason"],
            ),
        )

    @deed(
        description="Reject",
        permissions=["review"],
        title="Reject this problem?",
        text="The author sees the note.",
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
            lambda row: reject_problem(problem_id=row.pk, by=request.user, note=note),
        )

    @deed(
        description="Archive",
        permissions=["review"],
        title="Archive this problem?",
        text="Nobody gets it any more; solutions of those that were sent still go.",
        button="Archive",
        form_class=ArchiveForm,
        icon="archive",
    )
    def archive(self, request: HttpRequest, form: ArchiveForm, object_id: str) -> HttpResponse:
        reason = form.cleaned_data["reason"]
        return self.act(
            request,
            object_id,
            "Archived.",
            lambda row: archive_problem(problem_id=row.pk, by=request.user, reason=reason),
        )

    @deed(
        description="Restore",
        permissions=["review"],
        title="Bring this problem back?",
        text="Subscribers may get it again.",
        button="Restore",
        icon="unarchive",
    )
    def restore(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self.act(
            request,
            object_id,
            "Restored.",
            lambda row: restore_problem(problem_id=row.pk, by=request.user),
        )

    @deed(
        description="Submit",
        permissions=["review"],
        title="Submit this problem for review?",
        text="It joins those that wait.",
        button="Submit",
        icon="outbox",
    )
    def submit(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        return self.act(
            request,
            object_id,
            "Submitted.",
            lambda row: submit_problem(problem_id=row.pk, by=request.user),
        )

    def _step_all(
        self,
        request: HttpRequest,
        rows: "QuerySet[Problem]",
        question: Question,
        said: str,
        step: Callable[[Problem, dict[str, Any]], Any],
    ) -> TemplateResponse | None:
        answer = question.ask(self, request, rows)
        if isinstance(answer, TemplateResponse):
            return answer
        self.act_on_each(request, rows, said, lambda row: step(row, answer.cleaned_data))
        return None
