"""Serializer fields that take exactly one JSON type each;

DRF's own also take what looks like it.
"""

from datetime import datetime, time
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.core.errors import InvalidInputError
from apps.core.plain_text import one_line
from apps.core.validators import validate_timezone


class TextField(serializers.CharField):
    """A string, of any number of lines."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class LineField(TextField):
    """A string of one line without characters that hide or reorder others."""

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)
        self.limit = max_length

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        try:
            return one_line(text, field=self.field_name or "text", limit=self.limit)
        except InvalidInputError as error:
            raise serializers.ValidationError(error.detail, error.code) from None


class FlagField(serializers.BooleanField):
    """true or false, not "yes", 1 or "on"."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class WholeNumberField(serializers.IntegerField):
    """A JSON number without a fraction, not a string of digits."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


class TimezoneField(TextField):
    """An IANA zone name, spelled exactly."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=64, trim_whitespace=False, **kwargs)
        self.validators.append(validate_timezone)


@extend_schema_field(
    {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "examples": ["08:00"]}
)
class LocalTimeField(serializers.Field[time, str, str, Any]):
    """A local time to the minute, `HH:MM`."""

    default_error_messages = {"invalid": "A time such as 08:00 is expected."}

    def to_internal_value(self, data: Any) -> time:
        # strptime takes 8:0; the contract has two digits each.
        if not isinstance(data, str) or len(data) != 5 or not data.isascii():
            self.fail("invalid")
        try:
            return datetime.strptime(data, "%H:%M").time()  # noqa: DTZ007 -- a wall-clock time
        except ValueError:
            self.fail("invalid")

    def to_representation(self, value: time) -> str:
        return f"{value:%H:%M}"
