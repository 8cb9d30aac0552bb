"""The steps of a problem through review, from its page and for several at once."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from unfold.decorators import action
from unfold.enums import ActionVariant

from apps.core.admin.base import deed
from apps.core.admin.confirming import Question
from apps.core.admin.editing import EditingAdmin
from apps.problems.admin.forms import (
    ApproveForm,
    ApproveManyForm,
    ArchiveForm,
    ArchiveManyForm,
    RejectForm,
    RejectManyForm,
)
from apps.problems.models import Problem, ProblemStatus
from apps.problems.previews import warnings_for
from apps.problems.services import (
    approve_problem,
    archive_problem,
    reject_problem,
    restore_problem,
    submit_problem,
)

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


class ReviewingAdmin(EditingAdmin):
    """Submits, approves, rejects, archives and restores through services."""

    actions = ["approve_all", "reject_all", "archive_all", "restore_all", "submit_all"]
    actions_detail = ["approve", "reject", "archive", "restore", "submit"]

    def has_review_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "change")

    def makes_sense(self, action_name: str, row: Problem) -> bool:
        return row.status in _STEPS[action_name]

    @action(description="Approve", permissions=["review"])
    def approve_all(
        self, request: HttpRequest, queryset: "QuerySet[Problem]"
    ) -> TemplateResponse | None:
        return self._step_all(
            request,
            queryset,
            _APPROVE,
            "Approved.",
            lambda row, answers: self._approve(request, row, **answers),
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
            lambda row: self._approve(
                request,
                row,
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

    def _approve(self, request: HttpRequest, row: Problem, **answers: Any) -> None:
        approved = approve_problem(problem_id=row.pk, by=request.user, **answers)
        for warning in warnings_for(approved):
            self.message_user(request, f"{approved}: {warning}", messages.WARNING)

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
