"""Suggested names over HTTP: asking for one, and deciding."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from apps.core.endpoints import ResourceEndpoint
from apps.core.permissions import needs
from apps.tags import examples, services
from apps.tags.askers import asked_for
from apps.tags.curation import (
    ApprovalInput,
    IntoInput,
    RejectionInput,
    SuggestionInput,
    TagSuggestionSerializer,
)
from apps.tags.filters import SuggestionFilter
from apps.tags.models import SuggestionSource, TagSuggestion
from apps.tags.querysets import TagSuggestionQuerySet

_DECIDES = needs("tags.change_tagsuggestion")
_DECIDING = ("already_decided", "tree_busy")


class TagSuggestions(ResourceEndpoint):
    """Names that are no tags yet."""

    queryset = TagSuggestion.objects.all()
    serializer_class = TagSuggestionSerializer
    filterset_class = SuggestionFilter
    permission_classes = (IsAuthenticated,)
    permissions = {"approve": _DECIDES, "merge": _DECIDES, "reject": _DECIDES}
    error_codes = {
        "create": ("tag_name_taken", "tag_rejected", "tree_busy"),
        "approve": (*_DECIDING, "tag_name_taken", "tag_too_deep"),
        "merge": (*_DECIDING, "tag_name_taken"),
        "reject": _DECIDING,
    }

    def get_queryset(self) -> TagSuggestionQuerySet:
        visible: TagSuggestionQuerySet = TagSuggestion.objects.visible_to(self.request.user)
        return visible.select_related("suggested_parent", "resolved_tag")

    @extend_schema(operation_id="tag_suggestions_list", examples=[examples.SUGGESTION])
    def list(self, request: Request) -> Response:
        """Suggested names, the oldest first: all of them for curators, else those you asked for."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(represent(request, page or [], many=True))

    @extend_schema(operation_id="tag_suggestions_retrieve", examples=[examples.SUGGESTION])
    def retrieve(self, request: Request, pk: int) -> Response:
        """A suggested name, and what became of it."""
        return Response(represent(request, self.get_object()))

    @extend_schema(
        operation_id="tag_suggestions_create",
        request=SuggestionInput,
        responses={201: TagSuggestionSerializer, 200: TagSuggestionSerializer},
        examples=[examples.NEW_SUGGESTION, examples.SUGGESTION, examples.CREATED_SUGGESTION],
    )
    def create(self, request: Request) -> Response:
        """Ask for a name; 200 when it waits already and you join those who asked."""
        wish = self.read_input(SuggestionInput)
        suggestion, is_new = services.suggest_tag(
            source=SuggestionSource.USER, by=request.user, **wish
        )
        there = reverse("api:tag-suggestion-detail", [suggestion.pk], request=request)
        headers = {"Location": there} if is_new else {}
        body = represent(request, suggestion)
        return Response(body, status=201 if is_new else 200, headers=headers)

    @extend_schema(
        operation_id="tag_suggestions_approve",
        request=ApprovalInput,
        responses=TagSuggestionSerializer,
        examples=[examples.APPROVAL, examples.APPROVED_SUGGESTION],
    )
    def approve(self, request: Request, pk: int) -> Response:
        """Make the name a tag, as typed or with another name, type or parent.

        The problems that asked for it get the tag.
        """
        services.approve_suggestion(
            suggestion_id=pk, by=request.user, **self.read_input(ApprovalInput)
        )
        return Response(represent(request, self.get_object()))

    @extend_schema(
        operation_id="tag_suggestions_merge",
        request=IntoInput,
        responses=TagSuggestionSerializer,
        examples=[examples.INTO, examples.APPROVED_SUGGESTION],
    )
    def merge(self, request: Request, pk: int) -> Response:
        """Make the name an alias of a tag, which the problems that asked for it get."""
        services.merge_suggestion(suggestion_id=pk, by=request.user, **self.read_input(IntoInput))
        return Response(represent(request, self.get_object()))

    @extend_schema(
        operation_id="tag_suggestions_reject",
        request=RejectionInput,
        responses=TagSuggestionSerializer,
        examples=[examples.REJECTION, examples.REJECTED_SUGGESTION],
    )
    def reject(self, request: Request, pk: int) -> Response:
        """Turn the name down for good, with a note for whoever asked or will ask."""
        wish = self.read_input(RejectionInput)
        services.reject_suggestion(suggestion_id=pk, by=request.user, **wish)
        return Response(represent(request, self.get_object()))


def represent(request: Request, suggestions: Any, *, many: bool = False) -> Any:
    """A suggestion, or many, as far as the caller may know of the problems behind them."""
    shown: Sequence[TagSuggestion] = suggestions if many else [suggestions]
    knows_all = request.user.has_perm("tags.view_tagsuggestion")
    problem_ids = {
        suggestion_id: [row.row_id for row in rows if knows_all or row.author_id == request.user.pk]
        for suggestion_id, rows in asked_for([each.pk for each in shown]).items()
    }
    context = {"problem_ids": problem_ids}
    return TagSuggestionSerializer(suggestions, many=many, context=context).data
