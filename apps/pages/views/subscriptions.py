"""Change, pause and end a subscription from the links of a mail."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from apps.core.clock import utc_to_local_date, zone_names
from apps.core.ratelimits import Limit, use
from apps.notifications import links, services
from apps.notifications.models import MAX_INTERESTS, Subscription, SubscriptionStatus
from apps.pages.forms import WEEKDAYS, WishesForm
from apps.pages.local_times import in_words
from apps.pages.selectors import interest_tree
from apps.pages.token_pages import nothing_left, see_other, token_page
from apps.problems.models import Difficulty

ONE_CLICK = Limit("one_click")
_DOOR = "mail"
_PAUSES = {"week": timedelta(days=7), "month": timedelta(days=30)}


@token_page
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a button. POST ends the subscription, at once and for any number of times.

    Mail programs send the POST themselves (RFC 8058): no cookie, no redirect, and a fixed body.
    """
    subscription = links.subscription_of_unsubscribe_token(token)
    if request.method != "POST":
        return _show_unsubscribe(request, subscription)
    if request.POST.get("List-Unsubscribe") != "One-Click":
        raise BadRequest("The body must be List-Unsubscribe=One-Click.")
    usage = use(ONE_CLICK, request, f"token {token}")
    if usage.is_exceeded:
        response = render(request, "pages/too_often.html", status=429)
        response["Retry-After"] = str(usage.reset_s)
        return response
    if subscription is not None:
        subscription = services.unsubscribe(user=subscription.user, door=_DOOR)
    return _show_unsubscribe(request, subscription)


def _show_unsubscribe(request: HttpRequest, subscription: Subscription | None) -> HttpResponse:
    is_over = subscription is None or subscription.status == SubscriptionStatus.UNSUBSCRIBED
    return render(request, "pages/unsubscribe.html", {"is_over": is_over})


@token_page
def manage(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the wishes; POST saves them, pauses or resumes."""
    subscription = links.subscription_of_manage_token(token)
    if subscription is None:
        return nothing_left(request)
    if request.method != "POST":
        return _show_manage(request, subscription)
    match request.POST.get("action"):
        case "save":
            return _save(request, subscription)
        case "pause":
            services.pause_subscription(user=subscription.user, until=_until(request, subscription))
        case "resume":
            services.resume_subscription(user=subscription.user)
        case _:
            raise BadRequest("The action must be save, pause or resume.")
    return see_other(f"{request.path}?saved=1")


def _save(request: HttpRequest, subscription: Subscription) -> HttpResponse:
    form = WishesForm(request.POST)
    if not form.is_valid():
        return _show_manage(request, subscription, form)
    services.change_subscription(user=subscription.user, **form.wishes())
    return see_other(f"{request.path}?saved=1")


def _until(request: HttpRequest, subscription: Subscription) -> Any:
    """The first day with mail again; None until they resume."""
    length = _PAUSES.get(request.POST.get("length", ""))
    return utc_to_local_date(timezone.now(), subscription.timezone) + length if length else None


def _show_manage(
    request: HttpRequest, subscription: Subscription, form: WishesForm | None = None
) -> HttpResponse:
    chosen = _posted(request) if form else _present(subscription)
    context = {
        "subscription": subscription,
        "chosen": chosen,
        "errors": form.errors if form else {},
        "weekdays": WEEKDAYS,
        "difficulties": Difficulty.choices,
        "interests": interest_tree(set(chosen["tags"])),
        "interests_at_most": MAX_INTERESTS,
        "zones": sorted(zone_names()),
        "next_at": _next_at(subscription),
        "is_saved": "saved" in request.GET,
    }
    return render(request, "pages/manage.html", context, status=400 if form else 200)


def _present(subscription: Subscription) -> dict[str, Any]:
    return {
        "delivery_time": f"{subscription.delivery_time:%H:%M}",
        "timezone": subscription.timezone,
        "weekdays": [str(day) for day in subscription.weekdays],
        "difficulties": subscription.difficulties,
        "tags": [str(pk) for pk in subscription.interests.values_list("tag_id", flat=True)],
        "send_solutions": subscription.send_solutions,
    }


def _posted(request: HttpRequest) -> dict[str, Any]:
    posted = request.POST
    return {
        "delivery_time": posted.get("delivery_time", ""),
        "timezone": posted.get("timezone", ""),
        "weekdays": posted.getlist("weekdays"),
        "difficulties": posted.getlist("difficulties"),
        "tags": posted.getlist("tags"),
        "send_solutions": "send_solutions" in posted,
    }


def _next_at(subscription: Subscription) -> str:
    instant = subscription.next_delivery_at
    return in_words(instant, subscription.timezone) if instant else ""
