"""The account mails that wait in the outbox, and the tokens their links carry."""

from typing import Any

from apps.mail import purposes
from apps.mail.models import OutboundMail


def waiting() -> list[tuple[str, str]]:
    """Purpose and recipient of every queued mail, oldest first."""
    return list(OutboundMail.objects.order_by("id").values_list("purpose", "recipient"))


def context_of(purpose: str) -> dict[str, Any] | None:
    """What the newest mail of a purpose would say now."""
    row = OutboundMail.objects.filter(purpose=purpose).latest("id")
    context = purposes.context_of(row)
    return None if context is None else dict(context)


def token_of(purpose: str) -> str:
    """The token in the link of the newest mail of a purpose."""
    context = context_of(purpose)
    assert context is not None
    return context["link"].partition("#")[2]
