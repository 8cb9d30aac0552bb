"""Friendly words for what the database or the mail system would refuse."""

from django.core.exceptions import ValidationError

from apps.core.clock import is_zone


def validate_timezone(name: str) -> None:
    """Accept exactly the IANA names that the platform can compute with."""
    if not is_zone(name):
        raise ValidationError(
            "This is not an IANA time zone name such as Europe/Berlin.", code="unknown_timezone"
        )
