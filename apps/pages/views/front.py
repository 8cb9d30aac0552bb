"""Pages without a token: the front page, privacy, and the doors that account mails lead to."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from apps.core.markdown import first_words
from apps.notifications.mails import facts_of
from apps.pages.selectors import bank_facts

_TEASER = 170


@require_safe
@cache_control(public=True, max_age=60)
def front(request: HttpRequest) -> HttpResponse:
    """What this is, and what the bank holds today."""
    facts = bank_facts()
    newest = [
        (problem, facts_of(problem), first_words(problem.statement, limit=_TEASER))
        for problem in facts.newest
    ]
    return render(request, "pages/front.html", {"facts": facts, "newest": newest})


@require_safe
@cache_control(public=True, max_age=3600)
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept of whom, and for how long."""
    return render(request, "pages/privacy.html")


@require_safe
def verify_email(request: HttpRequest) -> HttpResponse:
    """The token is in the fragment, which no server sees; a script of ours posts it to the API."""
    return _account_page(request, "pages/verify_email.html", "api:verify-email")


@require_safe
def confirm_email(request: HttpRequest) -> HttpResponse:
    """The new address of an account is confirmed here."""
    return _account_page(request, "pages/confirm_email.html", "api:email-confirm")


@require_safe
def undo_email_change(request: HttpRequest) -> HttpResponse:
    """A change of address is taken back here."""
    return _account_page(request, "pages/undo_email_change.html", "api:email-undo")


@require_safe
def reset_password(request: HttpRequest) -> HttpResponse:
    """With a token, a new password is chosen here; without one, a link is asked for."""
    return _account_page(request, "pages/reset_password.html", "api:password-reset")


def _account_page(request: HttpRequest, template: str, endpoint: str) -> HttpResponse:
    context = {"endpoint": reverse(endpoint), "forgot": reverse("api:password-forgot")}
    response = render(request, template, context)
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response
