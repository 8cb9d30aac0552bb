"""What the account mails say: for each purpose the facts and fresh links its templates need."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from django.utils import timezone

from apps.accounts import links
from apps.accounts.models import EmailChange, User
from apps.core.tokens import LIFETIMES, TokenPurpose
from apps.mail.models import OutboundMail
from apps.mail.services import queue_mail

Context = Mapping[str, Any] | None

# A notice is worth sending for a day; later it would only puzzle.
_NOTICE_LIFETIME = timedelta(days=1)


def queue_for(user: User, purpose: str, *, lifetime: timedelta = _NOTICE_LIFETIME) -> None:
    """Queue a mail to a person's own address."""
    queue_mail(
        purpose=purpose, user=user, recipient=user.email, expires_at=timezone.now() + lifetime
    )


def queue_change_mails(change: EmailChange) -> None:
    """The link to the new address, the notice with its undo link to the old."""
    lifetimes = {
        "email_change": (change.new_email, LIFETIMES[TokenPurpose.EMAIL_CHANGE]),
        "email_change_notice": (change.old_email, LIFETIMES[TokenPurpose.EMAIL_UNDO]),
    }
    for purpose, (recipient, lifetime) in lifetimes.items():
        assert lifetime is not None
        queue_mail(
            purpose=purpose,
            user=change.user,
            recipient=recipient,
            context={"change_id": change.pk},
            expires_at=change.requested_at + lifetime,
        )


def _verify_email(row: OutboundMail) -> Context:
    user = _addressee(row)
    if user is None or user.is_email_verified:
        return None
    return {"link": links.verify_link(user), "expires_text": "3 days"}


def _reset_password(row: OutboundMail) -> Context:
    user = _addressee(row)
    if user is None or not user.is_email_verified:
        return None
    return {"link": links.reset_link(user), "expires_text": "1 hour"}


def _password_changed(row: OutboundMail) -> Context:
    if _addressee(row) is None:
        return None
    return {"changed_at": row.created_at, "link": links.ask_for_reset_link()}


def _email_change(row: OutboundMail) -> Context:
    change = _pending_change(row)
    if change is None or change.confirmed_at is not None:
        return None
    return {"link": links.change_link(change), "expires_text": "1 day"}


def _email_change_notice(row: OutboundMail) -> Context:
    change = _pending_change(row)
    if change is None:
        return None
    return {
        "new_address": masked(change.new_email),
        "link": links.undo_link(change),
        "expires_text": "7 days",
    }


# The reset link of address_registered is the same, with another sentence around it.
BUILDERS: Mapping[str, Callable[[OutboundMail], Context]] = {
    "verify_email": _verify_email,
    "reset_password": _reset_password,
    "address_registered": _reset_password,
    "password_changed": _password_changed,
    "email_change": _email_change,
    "email_change_notice": _email_change_notice,
}


def masked(address: str) -> str:
    """An address that its owner recognises and nobody else learns: a…@example.org."""
    name, _, domain = address.rpartition("@")
    return f"{name[:1]}…@{domain}"


def _addressee(row: OutboundMail) -> User | None:
    """The person, unless gone, deactivated, or of another address by now."""
    return User.objects.filter(pk=row.user_id or 0, is_active=True, email=row.recipient).first()


def _pending_change(row: OutboundMail) -> EmailChange | None:
    return (
        EmailChange.objects.select_related("user")
        .filter(pk=row.context["change_id"], undone_at__isnull=True, user__is_active=True)
        .first()
    )
