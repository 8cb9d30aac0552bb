"""What django-axes asks us: whose sign-in failed, and how a door looks that is closed for a while.

Counting failures and closing doors is its work. The limits are in config.identity.
"""

from datetime import timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.signals import user_login_failed
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from apps.accounts.models import User
from apps.core.client_address import address_to_store
from apps.core.errors import RateLimitedError
from apps.core.retention import delete_in_batches
from apps.core.text import normalize

RECORDS = (AccessAttempt, AccessFailureLog, AccessLog)
_KEPT = timedelta(days=30)
# Of the column; an address normalised can be longer than it was typed.
_LONGEST_USERNAME = 255


class Handler(AxesDatabaseHandler):
    """Axes' own, but that the tenth failure is still told as one, and a success forgives one's own.

    Failures at a place under other names stay: an account of one's own must not open the door to
    go on guessing at others'.
    """

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        was_closed = getattr(request, "axes_locked_out", False)
        super().user_login_failed(sender, credentials, request, **kwargs)
        if request is not None:
            request.axes_locked_out = was_closed

    def user_logged_in(self, sender: Any, request: Any, user: User, **kwargs: Any) -> None:
        super().user_logged_in(sender, request, user, **kwargs)
        forget_failures(request, user.email)


def username_of(request: Any, credentials: dict[str, Any] | None) -> str:
    """Axes' AXES_USERNAME_CALLABLE: the address, from whichever door it comes."""
    found = credentials or {}
    typed = found.get("username") or found.get("email") or ""
    return normalize(str(typed))[:_LONGEST_USERNAME]


def report_failure(request: HttpRequest, email: str) -> None:
    """Count a sign-in that failed after the password, at the second factor."""
    user_login_failed.send(sender=__name__, credentials={"username": email}, request=request)


def forget_failures(request: HttpRequest, email: str) -> None:
    """After a success: forget the failures under this address at this place."""
    AccessAttempt.objects.filter(username=email, ip_address=address_to_store(request)).delete()


def open_door(*, ip_address: str) -> int:
    """Forget every failure at a place, so that whoever is there may try again; how many rows."""
    deleted: int = AccessAttempt.objects.filter(ip_address=ip_address).delete()[0]
    return deleted


def check_open(request: HttpRequest, email: str) -> None:
    """RateLimitedError while the door is closed to this address at this place."""
    if not AxesProxyHandler.is_allowed(request, {"username": email}):
        raise closed(request)


def was_refused(request: HttpRequest) -> bool:
    """Whether axes has just turned a sign-in of this request away."""
    return bool(getattr(request, "axes_locked_out", False))


def closed(request: HttpRequest) -> RateLimitedError:
    """What to raise where somebody is locked out."""
    return RateLimitedError(
        "Too many sign-ins have failed here. Wait a quarter of an hour, then try again.",
        retry_after_s=_seconds_left(request),
    )


def answer(request: HttpRequest, response: HttpResponse, credentials: Any = None) -> HttpResponse:
    """Axes' AXES_LOCKOUT_CALLABLE: what the API says already, or the page of a closed door."""
    if response.status_code == 429:
        return response
    return closed_page(request, closed(request))


def closed_page(request: HttpRequest, error: RateLimitedError) -> HttpResponse:
    """The closed door of the admin."""
    minutes = max(1, round(error.retry_after_s / 60))
    context = {
        **admin.site.each_context(request),
        "title": "Wait a while",
        "detail": error.detail,
        "wait": "a minute" if minutes == 1 else f"{minutes} minutes",
    }
    page = render(request, "admin/desk/closed.html", context, status=429)
    page["Retry-After"] = str(error.retry_after_s)
    page["Cache-Control"] = "no-store"
    return page


def records_of(email: str) -> dict[str, list[dict[str, Any]]]:
    """What is held on an address, for its export."""
    shown = ("attempt_time", "ip_address", "user_agent", "path_info")
    return {
        model._meta.model_name or "": list(model.objects.filter(username=email).values(*shown))
        for model in RECORDS
    }


def forget(email: str) -> None:
    """Delete what is held on an address."""
    for model in RECORDS:
        model.objects.filter(username=email).delete()


def prune_records() -> int:
    """Delete what is older than 30 days, in batches; how many there were."""
    limit = timezone.now() - _KEPT
    old = (model.objects.filter(attempt_time__lt=limit) for model in RECORDS)
    return sum(delete_in_batches(rows) for rows in old)


def _seconds_left(request: HttpRequest) -> int:
    """Until the newest failure at this place is old enough for every door to be open again."""
    here = AccessAttempt.objects.filter(ip_address=address_to_store(request))
    newest = here.aggregate(newest=Max("attempt_time"))["newest"] or timezone.now()
    left = newest + settings.AXES_COOLOFF_TIME - timezone.now()
    return max(1, int(left.total_seconds()) + 1)
