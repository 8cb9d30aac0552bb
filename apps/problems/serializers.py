"""Problems over HTTP."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.core.markdown import render_html
from apps.problems.access import OUTCOMES
from apps.problems.models import Difficulty, Problem, ProblemStatus, VettingTier
from apps.problems.reading import Reader
from apps.problems.search import highlighted
from apps.tags.serializers import TagRefSerializer


class SourceSerializer(serializers.Serializer[Any]):
    """Where a problem came from."""

    title = serializers.CharField()
    url = serializers.CharField()
    author = serializers.CharField()
    license = serializers.CharField()


class MineSerializer(serializers.Serializer[Any]):
    """The delivery that brought a problem to the caller, and what they made of it."""

    delivery_id = serializers.IntegerField()
    local_date = serializers.DateField()
    outcome = serializers.ChoiceField(choices=OUTCOMES, allow_null=True)


class ProblemBriefSerializer(serializers.Serializer[Problem]):
    """A problem as everything else shows it."""

    id = serializers.IntegerField()
    slug = serializers.CharField()
    title = serializers.CharField()
    difficulty = serializers.ChoiceField(choices=Difficulty.choices, allow_null=True)
    estimated_minutes = serializers.IntegerField(allow_null=True)
    tags = TagRefSerializer(many=True)

    def to_representation(self, problem: Problem) -> dict[str, Any]:
        return {**super().to_representation(problem), "difficulty": problem.difficulty or None}


class ProblemSerializer(serializers.ModelSerializer[Problem]):
    """A problem, as far as the reader may see it.

    Statement, hints and solution are Markdown; with `?render=html` sanitised HTML comes besides.
    """

    # The context holds `reader` (problems.reading.Reader), and `render_html` where asked for.

    difficulty = serializers.ChoiceField(choices=Difficulty.choices, allow_null=True)
    tags = TagRefSerializer(many=True)
    status = serializers.SerializerMethodField(help_text="For curators and the author; else null.")
    vetting_tier = serializers.SerializerMethodField(
        help_text="For curators and the author; else null."
    )
    source = serializers.SerializerMethodField()  # type: ignore[assignment]  # -- no attribute
    hints = serializers.SerializerMethodField(help_text="Those shown to the reader so far.")
    solution = serializers.SerializerMethodField(help_text="Null until it is the reader's.")
    solution_available_at = serializers.SerializerMethodField(
        help_text="When the solution becomes the reader's; null before its challenge was sent."
    )
    problem_metadata = serializers.SerializerMethodField(
        help_text="For curators and the author; else null."
    )
    mine = serializers.SerializerMethodField()
    snippet = serializers.CharField(
        required=False,
        help_text="With `search`: an HTML-escaped passage, what was found in <mark> elements.",
    )
    statement_html = serializers.CharField(required=False, help_text="With `render=html`.")
    hints_html = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="With `render=html`."
    )
    solution_html = serializers.CharField(
        required=False, allow_null=True, help_text="With `render=html`."
    )

    class Meta:
        model = Problem
        fields = (
            "id",
            "slug",
            "title",
            "statement",
            "difficulty",
            "estimated_minutes",
            "tags",
            "status",
            "vetting_tier",
            "version",
            "source",
            "hints",
            "solution",
            "solution_available_at",
            "problem_metadata",
            "mine",
            "approved_at",
            "created_at",
            "updated_at",
            "snippet",
            "statement_html",
            "hints_html",
            "solution_html",
        )
        read_only_fields = fields

    @property
    def _reader(self) -> Reader:
        reader: Reader = self.context["reader"]
        return reader

    def to_representation(self, problem: Problem) -> dict[str, Any]:
        shown = super().to_representation(problem)
        shown["difficulty"] = problem.difficulty or None
        # Declared for the schema; it is there only when asked for.
        shown.pop("solution_html", None)
        if hasattr(problem, "snippet"):
            shown["snippet"] = highlighted(problem.snippet)
        if self.context.get("render_html"):
            shown |= _rendered(shown)
        return shown

    @extend_schema_field(serializers.ChoiceField(choices=ProblemStatus.choices, allow_null=True))
    def get_status(self, problem: Problem) -> str | None:
        return problem.status if self._reader.is_editor_of(problem) else None

    @extend_schema_field(serializers.ChoiceField(choices=VettingTier.choices, allow_null=True))
    def get_vetting_tier(self, problem: Problem) -> str | None:
        return problem.vetting_tier if self._reader.is_editor_of(problem) else None

    @extend_schema_field(SourceSerializer(allow_null=True))
    def get_source(self, problem: Problem) -> dict[str, str] | None:
        source = {
            "title": problem.source_title,
            "url": problem.source_url,
            "author": problem.source_author,
            "license": problem.license,
        }
        return source if any(source.values()) else None

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_hints(self, problem: Problem) -> list[str]:
        return self._reader.hints_of(problem)

    def get_solution(self, problem: Problem) -> str | None:
        return self._reader.solution_of(problem)

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_solution_available_at(self, problem: Problem) -> Any:
        return self._reader.solution_available_at(problem)

    @extend_schema_field({"type": ["object", "null"], "additionalProperties": {}})
    def get_problem_metadata(self, problem: Problem) -> Any:
        return problem.problem_metadata if self._reader.is_editor_of(problem) else None

    @extend_schema_field(MineSerializer(allow_null=True))
    def get_mine(self, problem: Problem) -> dict[str, Any] | None:
        return self._reader.mine(problem)


def _rendered(shown: dict[str, Any]) -> dict[str, Any]:
    solution = shown["solution"]
    return {
        "statement_html": render_html(shown["statement"]),
        "hints_html": [render_html(hint) for hint in shown["hints"]],
        "solution_html": None if solution is None else render_html(solution),
    }
