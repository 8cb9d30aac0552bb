"""Reads of accounts in other shapes."""

from typing import Any

from django_otp.plugins.otp_totp.models import TOTPDevice

from apps.accounts import lockout
from apps.accounts.models import User


def account_data(user: User) -> dict[str, Any]:
    """What accounts itself holds on a person, for the export."""
    return {
        "id": user.pk,
        "email": user.email,
        "display_name": user.display_name,
        "role": user.role,
        "email_verified_at": user.email_verified_at,
        "date_joined": user.date_joined,
        "initial_timezone": user.initial_timezone,
        "sign_ins": list(
            user.token_families.values(
                "started_at", "rotated_at", "expires_at", "ended_at", "has_second_factor"
            )
        ),
        "second_factor": list(
            TOTPDevice.objects.filter(user=user).values("created_at", "last_used_at", "confirmed")
        ),
        "doors": lockout.records_of(user.email),
        "email_changes": list(
            user.email_changes.values(
                "old_email", "new_email", "requested_at", "confirmed_at", "undone_at"
            )
        ),
        "mails": list(
            user.outbound_mails.values("purpose", "recipient", "status", "created_at", "sent_at")
        ),
    }
