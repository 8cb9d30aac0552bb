"""How it went: marked on a page that the buttons of a mail lead to."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.core.tokens import TokenPurpose
from apps.notifications import links
from apps.notifications.models import Delivery, Outcome, Reading
from apps.notifications.services.readings import record_feedback
from apps.pages.forms import DIFFICULTIES_FELT, OUTCOMES, RATINGS, FeedbackForm
from apps.pages.token_pages import nothing_left, see_other, token_page


@token_page
def feedback(request: HttpRequest, token: str) -> HttpResponse:
    """GET offers the answer that the mail's button stands for; POST records what is chosen."""
    challenge = links.challenge_of(TokenPurpose.FEEDBACK, token)
    if challenge is None:
        return nothing_left(request)
    reading = Reading.objects.filter(pk=challenge.pk).first()
    if request.method == "POST":
        return _record(request, challenge, reading)
    chosen = {
        "outcome": _asked_for(request) or (reading.outcome if reading else ""),
        "difficulty_felt": reading.difficulty_felt if reading else "",
        "rating": reading.rating if reading else None,
    }
    return _show(request, challenge, chosen)


def _record(request: HttpRequest, challenge: Delivery, reading: Reading | None) -> HttpResponse:
    form = FeedbackForm(request.POST)
    if not form.is_valid():
        return _show(request, challenge, request.POST.dict(), form=form)
    answers = form.cleaned_data
    # The page never shows an earlier comment (mails get forwarded), so an empty box keeps it.
    answers["comment"] = answers["comment"] or (reading.comment if reading else "")
    record_feedback(challenge=challenge, **answers)
    return see_other(f"{request.path}?saved=1")


def _show(
    request: HttpRequest,
    challenge: Delivery,
    chosen: dict[str, Any],
    form: FeedbackForm | None = None,
) -> HttpResponse:
    context = {
        "problem": challenge.problem,
        "chosen": {name: str(value or "") for name, value in chosen.items()},
        "outcomes": OUTCOMES,
        "difficulties_felt": DIFFICULTIES_FELT,
        "ratings": RATINGS,
        "errors": form.errors if form else {},
        "is_saved": "saved" in request.GET,
    }
    return render(request, "pages/feedback.html", context, status=400 if form else 200)


def _asked_for(request: HttpRequest) -> str:
    outcome = request.GET.get("outcome", "")
    return outcome if outcome in Outcome.values else ""
