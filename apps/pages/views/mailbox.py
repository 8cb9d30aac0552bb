"""The demo's mailbox: what the mailbox transport kept, shown as a mail program would.

It holds other people's links, so it exists only where that transport is in use, under DEMO.
"""

import re
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import wraps
from typing import Any, cast

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from apps.mail.models import MailboxMessage
from apps.mail.skeleton import decoded_parts

View = Callable[..., HttpResponse]

SCHEMES = ("light", "dark")
_DARK_QUERY = re.compile(r"@media\s*\(prefers-color-scheme:\s*dark\)")
# django-csp types its decorators for views without arguments from their address.
_SHOWS_FRAMES = cast(Callable[[View], View], csp_update({"frame-src": [SELF]}))
_RUNS_NOTHING = cast(
    Callable[[View], View],
    csp_replace(
        {
            "default-src": [NONE],
            "script-src": [NONE],
            "connect-src": [NONE],
            "font-src": [NONE],
            "manifest-src": [NONE],
            "style-src": [UNSAFE_INLINE],
            "img-src": ["data:"],
            "form-action": [NONE],
            "base-uri": [NONE],
            "frame-ancestors": [SELF],
            "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
        }
    ),
)


def demo_only(view: View) -> View:
    """Absent, as if it had never been written, wherever mail really leaves."""

    @require_safe
    @never_cache
    @wraps(view)
    def wrapped(request: HttpRequest, **kwargs: Any) -> HttpResponse:
        if not (settings.DEMO and settings.MAIL_TRANSPORT["kind"] == "mailbox"):
            raise Http404
        return view(request, **kwargs)

    return wrapped


@demo_only
def mailbox(request: HttpRequest) -> HttpResponse:
    """All kept mails, the newest first."""
    messages = MailboxMessage.objects.defer("raw")[: settings.MAILBOX_KEEP]
    return render(request, "pages/mailbox.html", {"kept": list(messages)})


@demo_only
@_SHOWS_FRAMES
def message(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail: on a phone and on a desk side by side, light or dark, its text and its headers."""
    kept = get_object_or_404(MailboxMessage, pk=pk)
    mail = _parsed(kept)
    context = {
        "kept": kept,
        "headers": list(mail.items()),
        "text": decoded_parts(bytes(kept.raw))[0],
        "size": len(kept.raw),
        "scheme": _scheme(request),
        "schemes": SCHEMES,
    }
    return render(request, "pages/mailbox_message.html", context)


@demo_only
@xframe_options_sameorigin
@_RUNS_NOTHING
def frame(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML part alone, as in a mail program: no script, nothing loaded, links lead outside."""
    kept = get_object_or_404(MailboxMessage, pk=pk)
    html = _in_scheme(decoded_parts(bytes(kept.raw))[1], _scheme(request))
    return HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))


def _parsed(kept: MailboxMessage) -> EmailMessage:
    mail = message_from_bytes(bytes(kept.raw), policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def _scheme(request: HttpRequest) -> str:
    scheme = request.GET.get("scheme", "")
    return scheme if scheme in SCHEMES else SCHEMES[0]


def _in_scheme(html: str, scheme: str) -> str:
    """As a reader with this preference would see it, whatever this browser prefers."""
    return _DARK_QUERY.sub("@media all" if scheme == "dark" else "@media not all", html).replace(
        "color-scheme:light dark", f"color-scheme:{scheme}"
    )
