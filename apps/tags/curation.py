"""What curators and those who suggest names send and are sent. Tags as such are in serializers."""

from typing import Any

from django.db import models
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.core.fields import FlagField, LineField
from apps.core.serializers import InputSerializer
from apps.tags.models import SuggestionSource, SuggestionStatus, TagMerge, TagSuggestion, TagType
from apps.tags.names import ALIASES_AT_MOST, NAME_LENGTH
from apps.tags.selectors import MergePreview
from apps.tags.serializers import TagRefField, TagRefSerializer

DESCRIPTION_LENGTH = 300
NOTE_LENGTH = 500


class MovePosition(models.TextChoices):
    """Where a tag goes among its new siblings."""

    FIRST_CHILD = "first-child"
    LAST_CHILD = "last-child"
    LEFT = "left"
    RIGHT = "right"


class RefsToIds(InputSerializer):
    """Tags in the form that services take: `parent` becomes `parent_id`."""

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        refs = [name for name in attrs if isinstance(self.fields[name], TagRefField)]
        for name in refs:
            tag = attrs.pop(name)
            attrs[f"{name}_id"] = None if tag is None else tag.pk
        return attrs


class TagChangeInput(RefsToIds):
    """What of a tag may be changed; its place is changed by moving it."""

    name = LineField(max_length=NAME_LENGTH)
    tag_type = serializers.ChoiceField(choices=TagType.choices)
    description = LineField(max_length=DESCRIPTION_LENGTH, allow_blank=True, required=False)
    is_featured = FlagField(required=False)
    aliases = serializers.ListField(
        child=LineField(max_length=NAME_LENGTH), max_length=ALIASES_AT_MOST, required=False
    )


class TagInput(TagChangeInput):
    parent = TagRefField(  # type: ignore[assignment]  # -- DRF's fields are no attributes
        required=False, allow_null=True, help_text="Without it: a root."
    )


class MoveInput(RefsToIds):
    parent = TagRefField(  # type: ignore[assignment]  # -- DRF's fields are no attributes
        allow_null=True, help_text="`null`: among the roots."
    )
    position = serializers.ChoiceField(choices=MovePosition.choices, required=False)
    target = TagRefField(
        required=False, help_text="With `left` and `right`: beside which child of the parent."
    )


class IntoInput(RefsToIds):
    into = TagRefField(takes_names=True)


class SuggestionInput(RefsToIds):
    name = LineField(max_length=NAME_LENGTH)
    tag_type = serializers.ChoiceField(choices=TagType.choices, required=False)
    suggested_parent = TagRefField(takes_names=True, required=False, allow_null=True)
    reason = LineField(max_length=NOTE_LENGTH, allow_blank=True, required=False)


class ApprovalInput(RefsToIds):
    """What is left out is taken from the suggestion."""

    name = LineField(max_length=NAME_LENGTH, required=False)
    tag_type = serializers.ChoiceField(choices=TagType.choices, required=False)
    parent = TagRefField(  # type: ignore[assignment]  # -- DRF's fields are no attributes
        takes_names=True, required=False, allow_null=True, help_text="`null`: among the roots."
    )


class RejectionInput(InputSerializer):
    note = LineField(max_length=NOTE_LENGTH, help_text="Shown to whoever asks for it again.")


class MergePreviewSerializer(serializers.Serializer[MergePreview]):
    """How much would follow a tag that is merged."""

    tag = TagRefSerializer()
    into = TagRefSerializer()
    problems = serializers.SerializerMethodField()
    subscribers = serializers.SerializerMethodField()
    suggestions = serializers.SerializerMethodField()
    children = serializers.IntegerField(source="children_count")
    names = serializers.IntegerField(source="names_count")

    def get_problems(self, preview: MergePreview) -> int:
        return preview.uses.get("problems", 0)

    def get_subscribers(self, preview: MergePreview) -> int:
        return preview.uses.get("subscribers", 0)

    def get_suggestions(self, preview: MergePreview) -> int:
        return preview.uses.get("decided suggestions", 0)


class TagMergeSerializer(serializers.ModelSerializer[TagMerge]):
    """A merge. Both tags are named as they were then."""

    merged = serializers.SerializerMethodField()
    into = serializers.SerializerMethodField()
    merged_by = serializers.IntegerField(source="merged_by_id", allow_null=True)
    undone_by = serializers.IntegerField(source="undone_by_id", allow_null=True)

    class Meta:
        model = TagMerge
        fields = ("id", "merged", "into", "merged_by", "merged_at", "undone_by", "undone_at")
        read_only_fields = fields

    @extend_schema_field(TagRefSerializer)
    def get_merged(self, merge: TagMerge) -> dict[str, Any]:
        return {"id": merge.merged_tag_id, "name": merge.merged_name, "slug": merge.merged_slug}

    @extend_schema_field(TagRefSerializer)
    def get_into(self, merge: TagMerge) -> dict[str, Any]:
        return {"id": merge.into_tag_id, "name": merge.into_name, "slug": merge.into_slug}


class TagSuggestionSerializer(serializers.ModelSerializer[TagSuggestion]):
    """A suggested name. `problem_ids` are the problems that asked for it, as far as they are yours
    to know of.
    """

    # The context holds `problem_ids`, by suggestion.
    tag_type = serializers.ChoiceField(choices=TagType.choices, allow_null=True)
    source = serializers.ChoiceField(choices=SuggestionSource.choices)  # type: ignore[assignment]  # -- a field, not Field.source
    status = serializers.ChoiceField(choices=SuggestionStatus.choices)
    problem_ids = serializers.SerializerMethodField()
    suggested_parent = TagRefSerializer(allow_null=True)
    resolved_tag = TagRefSerializer(allow_null=True)
    reviewed_by = serializers.IntegerField(source="reviewed_by_id", allow_null=True)

    class Meta:
        model = TagSuggestion
        fields = (
            "id",
            "name",
            "normalized_name",
            "tag_type",
            "source",
            "status",
            "problem_ids",
            "suggested_parent",
            "resolved_tag",
            "reviewed_by",
            "reviewed_at",
            "note",
            "created_at",
        )
        read_only_fields = fields

    @extend_schema_field({"type": "array", "items": {"type": "integer"}})
    def get_problem_ids(self, suggestion: TagSuggestion) -> list[int]:
        known: dict[int, list[int]] = self.context["problem_ids"]
        return known[suggestion.pk]

    def to_representation(self, instance: TagSuggestion) -> dict[str, Any]:
        shown = super().to_representation(instance)
        return {**shown, "tag_type": shown["tag_type"] or None}
