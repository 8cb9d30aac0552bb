"""The base of everything that reads a body: unknown fields are refused, and values keep their JSON
types.
"""

from collections.abc import Mapping
from typing import Any

from django.db import models
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError


class InputSerializer(serializers.Serializer[Any]):
    """Reads a body. A field it does not know, or only shows, is an error and not ignored."""

    default_error_messages = {"invalid": "A JSON object is expected."}

    def to_internal_value(self, data: Any) -> Any:
        unknown = self._unknown(data)
        try:
            value = super().to_internal_value(data)
        except ValidationError as error:
            if not unknown or not isinstance(error.detail, dict):
                raise
            raise ValidationError({**error.detail, **unknown}) from None
        if unknown:
            raise ValidationError(unknown)
        return value

    def _unknown(self, data: Any) -> dict[str, list[ErrorDetail]]:
        if not isinstance(data, Mapping):
            return {}
        known = {field.field_name for field in self._writable_fields}
        return {
            str(name): [ErrorDetail("There is no such field to write.", "unknown_field")]
            for name in data
            if name not in known
        }


class NoInput(InputSerializer):
    """For calls that take nothing: an empty body or `{}`."""


class DetailSerializer(serializers.Serializer[Any]):
    """A sentence for people, and nothing that tells one case from another."""

    detail = serializers.CharField()


class HealthState(models.TextChoices):
    """How the platform, or one part of it, is doing."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


class LiveSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=HealthState.choices, help_text="Always ok.")


class CheckSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    status = serializers.ChoiceField(choices=HealthState.choices)
    detail = serializers.DictField(child=serializers.JSONField(), allow_null=True)


class HealthSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=HealthState.choices)
    checks = CheckSerializer(many=True)


class TimeZoneSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    utc_offset_minutes = serializers.IntegerField()
