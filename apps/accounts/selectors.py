"""Reads of accounts in other shapes."""

from typing import Any

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
            user.token_families.values("started_at", "rotated_at", "expires_at", "ended_at")
        ),
        "email_changes": list(
            user.email_changes.values(
                "old_email", "new_email", "requested_at", "confirmed_at", "undone_at"
            )
        ),
        "mails": list(
            user.outbound_mails.values("purpose", "recipient", "status", "created_at", "sent_at")
        ),
    }
