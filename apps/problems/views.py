"""The bank over HTTP, as its readers see it."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Prefetch
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.models import User
from apps.core.endpoints import ResourceEndpoint
from apps.core.kept_answers import kept_answer
from apps.problems import examples
from apps.problems.filters import ProblemFilter
from apps.problems.models import Problem
from apps.problems.querysets import ProblemQuerySet
from apps.problems.reading import reader_of
from apps.problems.selectors import problem_by_ref
from apps.problems.serializers import ProblemSerializer
from apps.tags.models import Tag

REF = OpenApiParameter("ref", str, OpenApiParameter.PATH, description="An id or a slug.")
RENDER = OpenApiParameter(
    "render", str, enum=["html"], description="Sanitised HTML besides the Markdown."
)


class Problems(ResourceEndpoint):
    """The problems one may read: approved ones, one's own, and for curators all."""

    queryset = Problem.objects.all()
    serializer_class = ProblemSerializer
    filterset_class = ProblemFilter
    permission_classes = (AllowAny,)
    lookup_url_kwarg = "ref"
    query_parameters = {"list": ("render",), "retrieve": ("render",)}
    is_tagged = True

    def get_queryset(self) -> ProblemQuerySet:
        user = self.request.user if isinstance(self.request.user, User) else None
        problems: ProblemQuerySet = Problem.objects.visible_to(user)
        tags = Tag.objects.in_tree_order().only("id", "name", "slug")
        return problems.prefetch_related(Prefetch("tags", tags))

    @extend_schema(operation_id="problems_list", parameters=[RENDER], examples=[examples.PROBLEM])
    def list(self, request: Request) -> Response:
        """Problems you may read: approved ones, your own, and for curators all."""
        if isinstance(request.user, User):
            return Response(self._page_for(request))
        return kept_answer(request, ("problems", "tags"), lambda: self._page_for(request))

    @extend_schema(
        operation_id="problems_retrieve", parameters=[REF, RENDER], examples=[examples.PROBLEM]
    )
    def retrieve(self, request: Request, ref: str) -> Response:
        """A problem, with as much of hints and solution as is yours."""
        problem = problem_by_ref(self.get_queryset(), ref)
        return Response(represent(request, problem))

    def _page_for(self, request: Request) -> Any:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        return self.get_paginated_response(represent(request, page, many=True)).data


def represent(request: Request, problems: Any, *, many: bool = False) -> Any:
    """A problem, or many, as far as the caller may see them."""
    shown: Sequence[Problem] = problems if many else [problems]
    context = {"reader": reader_of(request.user, shown), "render_html": _wants_html(request)}
    return ProblemSerializer(problems, many=many, context=context).data


def _wants_html(request: Request) -> bool:
    wanted = request.query_params.get("render")
    if wanted not in (None, "html"):
        raise ValidationError({"render": [ErrorDetail("Only html is possible.", "invalid_choice")]})
    return wanted == "html"
