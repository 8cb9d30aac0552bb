"""The bank: listed, written and deleted through services. Its review is steps.py."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.decorators import display

from apps.core.ages import dated_age
from apps.core.errors import InvalidInputError
from apps.mail.harmless import look_of
from apps.problems.admin.filters import UnderTagFilter, WaitingFilter
from apps.problems.admin.forms import VETTED, ProblemForm
from apps.problems.admin.steps import ReviewingAdmin
from apps.problems.content import CONTENT_FIELDS
from apps.problems.models import Problem
from apps.problems.previews import previews_of
from apps.problems.services import change_problem, create_problem, delete_problem

STATUS_COLOURS = {
    "Draft": "info",
    "Pending": "warning",
    "Approved": "success",
    "Rejected": "danger",
    "Archived": "primary",
}
DIFFICULTY_COLOURS = {"Easy": "success", "Medium": "warning", "Hard": "danger"}


@admin.register(Problem)
class ProblemAdmin(ReviewingAdmin):
    form = ProblemForm
    change_form_outer_after_template = "admin/problems/preview.html"
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

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        problem = context.get("original")
        if problem is not None:
            context |= _previews(problem)
        response: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return response

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
        return VETTED[problem.vetting_tier]

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


def _previews(problem: Problem) -> dict[str, Any]:
    try:
        previews = previews_of(problem)
    except InvalidInputError as error:
        # Rows from before there were limits.
        return {"previews": [], "preview_refusal": error.detail}
    shown = [
        {
            "kind": preview.kind,
            "is_cut": preview.is_cut,
            "size": len(preview.message.html.encode()),
            "look": look_of(preview.message),
        }
        for preview in previews
    ]
    return {"previews": shown}
