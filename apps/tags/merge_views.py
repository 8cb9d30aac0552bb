"""Merges of tags over HTTP: what was merged, and taking it back."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.endpoints import ResourceEndpoint
from apps.core.permissions import needs
from apps.core.serializers import NoInput
from apps.tags import examples, services
from apps.tags.curation import TagMergeSerializer
from apps.tags.models import TagMerge


class TagMerges(ResourceEndpoint):
    """What curators have merged."""

    queryset = TagMerge.objects.all()
    serializer_class = TagMergeSerializer
    permission_classes = (needs("tags.view_tagmerge"),)
    permissions = {"undo": needs("tags.change_tagmerge")}
    error_codes = {
        "undo": ("already_undone", "merge_touched", "conflict", "tag_cycle", "tag_too_deep")
    }

    @extend_schema(operation_id="tag_merges_list", examples=[examples.MERGE])
    def list(self, request: Request) -> Response:
        """Merges, the newest first; those undone have `undone_at`."""
        page = self.paginate_queryset(self.get_queryset().defer("record"))
        return self.get_paginated_response(TagMergeSerializer(page, many=True).data)

    @extend_schema(
        operation_id="tag_merges_undo",
        request=None,
        responses=TagMergeSerializer,
        examples=[examples.UNDONE_MERGE],
    )
    def undo(self, request: Request, pk: int) -> Response:
        """Bring the merged tag back with exactly what it had.

        Refused once anybody has changed the survivor or what was moved.
        """
        self.read_input(NoInput)
        merge = services.undo_merge(merge_id=pk, by=request.user)
        return Response(TagMergeSerializer(merge).data)
