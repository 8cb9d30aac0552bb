"""Tags over HTTP."""

from collections.abc import Iterable
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.tags.models import Tag, TagType
from apps.tags.reading import Relatives
from apps.tags.selectors import resolve, tags_by_refs


class TagRefSerializer(serializers.Serializer[Tag]):
    """A tag as everything else shows it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    slug = serializers.CharField()

    def to_representation(self, tag: Tag) -> dict[str, Any]:
        # By hand: a page of problems shows dozens, and they cost more than all the rest of it.
        return {"id": tag.pk, "name": tag.name, "slug": tag.slug}


class TagSerializer(serializers.ModelSerializer[Tag]):
    """A tag. `problem_count` counts approved problems on it or below, each once."""

    # The context holds `relatives` (tags.reading.Relatives).

    parent = serializers.IntegerField(  # type: ignore[assignment]  # -- DRF's fields are no attributes
        source="parent_id", allow_null=True, read_only=True
    )
    children = serializers.SerializerMethodField()
    ancestors = serializers.SerializerMethodField()
    aliases = serializers.SerializerMethodField()

    class Meta:
        model = Tag
        fields = (
            "id",
            "name",
            "slug",
            "tag_type",
            "description",
            "parent",
            "children",
            "ancestors",
            "level",
            "is_featured",
            "aliases",
            "problem_count",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields

    @property
    def _relatives(self) -> Relatives:
        relatives: Relatives = self.context["relatives"]
        return relatives

    @extend_schema_field({"type": "array", "items": {"type": "integer"}})
    def get_children(self, tag: Tag) -> list[int]:
        return self._relatives.children.get(tag.pk, [])

    @extend_schema_field(TagRefSerializer(many=True))
    def get_ancestors(self, tag: Tag) -> list[dict[str, Any]]:
        return self._relatives.ancestors.get(tag.pk, [])

    def get_aliases(self, tag: Tag) -> list[str]:
        return self._relatives.aliases.get(tag.pk, [])


class TagNodeSerializer(serializers.Serializer[Any]):
    """A node of the tree with everything below it."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    slug = serializers.CharField()
    tag_type = serializers.ChoiceField(choices=TagType.choices)
    level = serializers.IntegerField()
    is_featured = serializers.BooleanField()
    problem_count = serializers.IntegerField()

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "children": TagNodeSerializer(many=True)}


_REF: dict[str, Any] = {
    "oneOf": [{"type": "integer", "minimum": 1}, {"type": "string", "minLength": 1}]
}


@extend_schema_field({**_REF, "examples": ["python", 12]})
class TagRefField(serializers.Field[Tag, Any, Any, Any]):
    """A tag written as an id or a slug, and where `takes_names` as any of its names."""

    default_error_messages = {
        "invalid": "An id or a slug is expected.",
        "does_not_exist": "There is no such tag.",
    }

    def __init__(self, *, takes_names: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.takes_names = takes_names

    def to_internal_value(self, data: Any) -> Tag:
        if not _is_ref(data):
            self.fail("invalid")
        tag = tags_by_refs([data]).get(data)
        if tag is None and self.takes_names and isinstance(data, str):
            tag = next(iter(resolve([data]).values()), None)
        if tag is None:
            self.fail("does_not_exist")
        return tag


@extend_schema_field({"type": "array", "items": _REF, "examples": [["python", 12]]})
class TagRefsField(serializers.Field[list[Tag], Any, Any, Any]):
    """Tags written as ids or slugs; read in at most two queries, whatever their number."""

    default_error_messages = {
        "not_a_list": "A list is expected.",
        "invalid": "An id or a slug is expected.",
        "does_not_exist": "There is no such tag.",
        "max_length": "At most {limit} tags are possible.",
    }

    def __init__(self, *, limit: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.limit = limit

    def to_internal_value(self, data: Any) -> list[Tag]:
        if not isinstance(data, list):
            self.fail("not_a_list")
        if len(data) > self.limit:
            self.fail("max_length", limit=self.limit)
        self._refuse(data, "invalid", lambda ref: not _is_ref(ref))
        found = tags_by_refs(data)
        self._refuse(data, "does_not_exist", lambda ref: ref not in found)
        return list({found[ref].pk: found[ref] for ref in data}.values())

    def _refuse(self, data: Iterable[Any], code: str, is_bad: Any) -> None:
        complaint = serializers.ErrorDetail(str(self.error_messages[code]), code)
        complaints: dict[Any, Any] = {
            index: [complaint] for index, ref in enumerate(data) if is_bad(ref)
        }
        if complaints:
            raise serializers.ValidationError(complaints)


def _is_ref(ref: Any) -> bool:
    return (isinstance(ref, int) and not isinstance(ref, bool)) or (
        isinstance(ref, str) and ref != ""
    )
