"""The tag tree over HTTP."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from apps.core.endpoints import ResourceEndpoint
from apps.tags import examples
from apps.tags.filters import TagFilter, known_tag
from apps.tags.models import MAX_LEVEL, Tag
from apps.tags.reading import forest, relatives_of
from apps.tags.selectors import tag_by_ref
from apps.tags.serializers import TagNodeSerializer, TagSerializer

REF = OpenApiParameter("ref", str, OpenApiParameter.PATH, description="An id or a slug.")


class Tags(ResourceEndpoint):
    """The curated tree of tags."""

    queryset = Tag.objects.in_tree_order()
    serializer_class = TagSerializer
    filterset_class = TagFilter
    permission_classes = (AllowAny,)
    lookup_url_kwarg = "ref"
    query_parameters = {"tree": ("root", "depth")}
    is_tagged = True

    @extend_schema(operation_id="tags_list", examples=[examples.TAG])
    def list(self, request: Request) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(represent(page or [], many=True))

    @extend_schema(
        operation_id="tags_retrieve",
        parameters=[REF],
        responses={200: TagSerializer, 301: None},
        examples=[examples.TAG],
    )
    def retrieve(self, request: Request, ref: str) -> Response:
        """A tag. The slug of a tag that was merged away leads to the survivor."""
        tag = tag_by_ref(ref)
        if ref not in (str(tag.pk), tag.slug):
            there = reverse("api:tag-detail", [tag.slug], request=request)
            return Response(status=301, headers={"Location": there})
        return Response(represent(tag))

    @extend_schema(
        operation_id="tags_tree",
        parameters=[
            OpenApiParameter(
                "root", str, description="An id or a slug: only what is at it and below."
            ),
            OpenApiParameter("depth", int, description="How many levels, from 1; all without it."),
        ],
        responses=TagNodeSerializer(many=True),
        filters=False,
        examples=[examples.TREE],
    )
    @action(detail=False, pagination_class=None)
    def tree(self, request: Request) -> Response:
        """The forest, in one query however large."""
        root = request.query_params.get("root")
        nodes = forest(
            root=known_tag(root, parameter="root") if root else None,
            depth=_depth(request.query_params.get("depth")),
        )
        return Response(nodes)


def represent(tags: Any, *, many: bool = False) -> Any:
    """The full representation of a tag, or of many."""
    relatives = relatives_of(tags if many else [tags])
    return TagSerializer(tags, many=many, context={"relatives": relatives}).data


def _depth(text: str | None) -> int | None:
    if text is None:
        return None
    if text.isascii() and text.isdigit() and int(text[:9]) >= 1:
        return min(int(text[:9]), MAX_LEVEL + 1)
    raise ValidationError({"depth": [ErrorDetail("A whole number from 1 is expected.", "invalid")]})
