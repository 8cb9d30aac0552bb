"""The tag tree over HTTP."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from apps.core.caching import require_match
from apps.core.endpoints import ResourceEndpoint
from apps.core.errors import NotFoundError
from apps.core.kept_answers import kept_answer
from apps.core.permissions import needs
from apps.tags import examples, services
from apps.tags.curation import (
    IntoInput,
    MergePreviewSerializer,
    MoveInput,
    TagChangeInput,
    TagInput,
    TagMergeSerializer,
)
from apps.tags.filters import TagFilter, known_tag
from apps.tags.models import MAX_LEVEL, Tag
from apps.tags.reading import forest, relatives_of
from apps.tags.selectors import merge_preview, tag_by_ref
from apps.tags.serializers import TagNodeSerializer, TagSerializer
from apps.tags.tree import tree_lock

REF = OpenApiParameter("ref", str, OpenApiParameter.PATH, description="An id or a slug.")
_MERGE_ERRORS = ("tag_cycle", "tag_too_deep", "tag_name_taken", "too_many_aliases")


class Tags(ResourceEndpoint):
    """The curated tree of tags."""

    queryset = Tag.objects.in_tree_order()
    serializer_class = TagSerializer
    filterset_class = TagFilter
    permission_classes = (AllowAny,)
    lookup_url_kwarg = "ref"
    permissions = {
        "create": needs("tags.add_tag"),
        "partial_update": needs("tags.change_tag"),
        "destroy": needs("tags.delete_tag"),
        "move": needs("tags.change_tag"),
        "merge_preview": needs("tags.add_tagmerge"),
        "merge": needs("tags.add_tagmerge"),
    }
    query_parameters = {"tree": ("root", "depth"), "merge_preview": ("into",)}
    is_tagged = True
    error_codes = {
        "create": ("tag_name_taken", "tag_too_deep", "tree_busy"),
        "partial_update": ("tag_name_taken", "precondition_failed", "tree_busy"),
        "destroy": ("tag_in_use", "precondition_failed", "tree_busy"),
        "move": ("tag_cycle", "tag_too_deep", "tree_busy"),
        "merge_preview": _MERGE_ERRORS,
        "merge": (*_MERGE_ERRORS, "tree_busy"),
    }

    @extend_schema(operation_id="tags_list", examples=[examples.TAG])
    def list(self, request: Request) -> Response:
        """Tags in tree order: parents before children, siblings as the curators put them."""
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
    def tree(self, request: Request) -> Response:
        """The forest, in a fixed number of queries however large."""
        return kept_answer(request, ("tags",), lambda: _forest_asked_for(request))

    @extend_schema(
        operation_id="tags_create",
        request=TagInput,
        responses={201: TagSerializer},
        examples=[examples.NEW_TAG, examples.CREATED_TAG],
    )
    def create(self, request: Request) -> Response:
        """Add a tag, as the last child of its parent.

        A suggestion that waits for one of its names is decided by that.
        """
        tag = services.create_tag(by=request.user, **self.read_input(TagInput))
        there = reverse("api:tag-detail", [tag.slug], request=request)
        return Response(represent_now(tag.pk), status=201, headers={"Location": there})

    @extend_schema(
        operation_id="tags_update",
        parameters=[REF],
        request=TagChangeInput,
        responses=TagSerializer,
        examples=[examples.TAG_CHANGE, examples.TAG],
    )
    def partial_update(self, request: Request, ref: str) -> Response:
        """Rename, retype, describe or feature a tag, or give it other aliases.

        The slug stays; `aliases` replaces all of them.
        """
        changes = self.read_input(TagChangeInput, partial=True)
        with tree_lock():
            tag_id = _matching(request, ref).pk
            services.change_tag(tag_id=tag_id, by=request.user, **changes)
            return Response(represent_now(tag_id))

    @extend_schema(operation_id="tags_destroy", parameters=[REF], responses={204: None})
    def destroy(self, request: Request, ref: str) -> Response:
        """Delete a tag that nothing needs; merge it into another one otherwise."""
        with tree_lock():
            services.delete_tag(tag_id=_matching(request, ref).pk)
        return Response(status=204)

    @extend_schema(
        operation_id="tags_move",
        parameters=[REF],
        request=MoveInput,
        responses=TagSerializer,
        examples=[examples.MOVE, examples.TAG],
    )
    def move(self, request: Request, ref: str) -> Response:
        """Put a tag, with all below it, under a parent or beside one of its children."""
        wish = self.read_input(MoveInput)
        tag = services.move_tag(tag_id=_present(ref).pk, **wish)
        return Response(represent_now(tag.pk))

    @extend_schema(
        operation_id="tags_merge_preview",
        parameters=[
            REF,
            OpenApiParameter("into", str, required=True, description="An id or a slug."),
        ],
        responses=MergePreviewSerializer,
        filters=False,
        examples=[examples.MERGE_PREVIEW],
    )
    def merge_preview(self, request: Request, ref: str) -> Response:
        """What would follow a tag that is merged; refused as the merge itself would be."""
        into = known_tag(_required(request, "into"), parameter="into")
        preview = merge_preview(tag_id=_present(ref).pk, into_id=into.pk)
        return Response(MergePreviewSerializer(preview).data)

    @extend_schema(
        operation_id="tags_merge",
        parameters=[REF],
        request=IntoInput,
        responses=TagMergeSerializer,
        examples=[examples.INTO, examples.MERGE],
    )
    def merge(self, request: Request, ref: str) -> Response:
        """Let another tag have all that points at this one, its children and its names.

        Its name becomes an alias, its slug leads to the survivor. The answer is what undo needs.
        """
        wish = self.read_input(IntoInput)
        merge = services.merge_tag(tag_id=_present(ref).pk, by=request.user, **wish)
        return Response(TagMergeSerializer(merge).data)


def _forest_asked_for(request: Request) -> list[dict[str, Any]]:
    root = request.query_params.get("root")
    return forest(
        root=known_tag(root, parameter="root") if root is not None else None,
        depth=_depth(request.query_params.get("depth")),
    )


def represent(tags: Any, *, many: bool = False) -> Any:
    """The full representation of a tag, or of many."""
    relatives = relatives_of(tags if many else [tags])
    return TagSerializer(tags, many=many, context={"relatives": relatives}).data


def represent_now(tag_id: int) -> Any:
    """The full representation as it stands in the database, counts included."""
    return represent(tag_by_ref(tag_id))


def _present(ref: str) -> Tag:
    """The tag that has this id or slug now: an old slug shall not change or delete its heir."""
    tag = tag_by_ref(ref)
    if ref not in (str(tag.pk), tag.slug):
        raise NotFoundError("There is no such tag.")
    return tag


def _matching(request: Request, ref: str) -> Tag:
    """The same, unless If-Match names another state of it."""
    tag = _present(ref)
    require_match(request, represent(tag))
    return tag


def _required(request: Request, name: str) -> str:
    if name not in request.query_params:
        raise ValidationError({name: [ErrorDetail("This is needed.", "required")]})
    return request.query_params[name]


def _depth(text: str | None) -> int | None:
    if text is None:
        return None
    if text.isascii() and text.isdigit() and int(text[:9]) >= 1:
        return min(int(text[:9]), MAX_LEVEL + 1)
    raise ValidationError({"depth": [ErrorDetail("A whole number from 1 is expected.", "invalid")]})
