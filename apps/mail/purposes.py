"""Which account mails exist: each purpose, its templates and who fills them in.

A purpose is registered by the app that knows its facts, in `AppConfig.ready`, together with a
function from the outbox row to the template's context. The function makes tokens and links afresh
each time; it returns None when there is nothing to say any more (the address is verified, the
person is gone), and the row is cancelled.

The templates are `templates/emails/<purpose>/{subject.txt,body.txt,body.html}`. What each expects
of its builder (plain text; links absolute; `expires_text` reads after "for", such as "3 days"):

    verify_email         link, expires_text
    welcome              display_name (may be empty), link (where the subscription is changed)
    reset_password       link, expires_text
    password_changed     changed_at (aware datetime), link (to ask for a reset; may be empty)
    address_registered   link (a reset link; may be empty), expires_text
    email_change         link, expires_text; goes to the new address
    email_change_notice  new_address (masked), link (takes it back), expires_text; to the old one

The layout adds `site_url`, `privacy_url` and `postal_address` itself.
"""

from collections.abc import Callable, Mapping
from typing import Any

from apps.mail.models import OutboundMail

ContextBuilder = Callable[[OutboundMail], Mapping[str, Any] | None]

_builders: dict[str, ContextBuilder] = {}


def register(purpose: str, context_builder: ContextBuilder) -> None:
    """Let mails of this purpose be composed."""
    _builders[purpose] = context_builder


def registered() -> frozenset[str]:
    """The names of all purposes."""
    return frozenset(_builders)


def context_of(row: OutboundMail) -> Mapping[str, Any] | None:
    """What the row's templates need, or None when there is nothing to say any more.

    LookupError for a purpose that no app has registered.
    """
    return _builders[row.purpose](row)
