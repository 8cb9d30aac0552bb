"""Friendly words for what the database or the mail system would refuse."""

from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from apps.core.clock import is_zone


def validate_timezone(name: str) -> None:
    """Accept exactly the IANA names that the platform can compute with."""
    if not is_zone(name):
        raise ValidationError(
            "This is not an IANA time zone name such as Europe/Berlin.", code="unknown_timezone"
        )


_validate_address = EmailValidator(message="This is not an e-mail address.", allowlist=())


def validate_mail_address(address: str) -> None:
    """Accept one address with a domain name; no domain literal such as [127.0.0.1], no host without
    a dot.
    """
    _validate_address(address)
    if "[" in address:
        raise ValidationError("This is not an e-mail address.", code="invalid")
