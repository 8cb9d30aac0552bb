"""A challenge in the browser: statement, hints one at a time, the solution once it is theirs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from apps.core.markdown import render_html
from apps.core.tokens import TokenPurpose
from apps.notifications import links
from apps.notifications.mails import facts_of
from apps.notifications.models import Delivery
from apps.notifications.problem_access import DeliveryAccess
from apps.notifications.selectors import solution_instant
from apps.notifications.services.readings import show_next_hint
from apps.pages.local_times import in_words
from apps.pages.token_pages import nothing_left, see_other, token_page
from apps.problems.models import Problem


@token_page
def read(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows what is theirs by now; POST shows one hint more."""
    challenge = links.challenge_of(TokenPurpose.READ, token)
    if challenge is None:
        return nothing_left(request)
    if request.method == "POST":
        show_next_hint(challenge=challenge)
        return see_other(f"{request.path}#hints")
    return render(request, "pages/read.html", _reading_context(challenge))


@require_safe
@cache_control(public=True, max_age=60)
def problem(request: HttpRequest, slug: str) -> HttpResponse:
    """An approved problem's statement, for everybody; never its hints or solution."""
    found = get_object_or_404(Problem.objects.approved(), slug=slug)
    return render(request, "pages/problem.html", _problem_context(found))


def _problem_context(problem: Problem) -> dict[str, Any]:
    return {
        "problem": problem,
        "facts": facts_of(problem),
        "statement": render_html(problem.statement),
    }


def _reading_context(challenge: Delivery) -> dict[str, Any]:
    problem = challenge.problem
    reader = challenge.subscription.user
    access = DeliveryAccess().access(reader, [problem.pk]).get(problem.pk)
    shown = problem.hints[: access.hints_shown if access else 0]
    is_theirs = access is not None and access.is_solution_theirs
    return {
        **_problem_context(problem),
        "hints": [render_html(hint, top_heading=4) for hint in shown],
        "hint_count": len(problem.hints),
        "next_hint": len(shown) + 1 if len(shown) < len(problem.hints) else None,
        "solution": render_html(problem.solution, top_heading=3) if is_theirs else "",
        "solution_at": in_words(
            solution_instant(challenge.subscription, challenge.due_at),
            challenge.subscription.timezone,
        ),
        "timezone": challenge.subscription.timezone,
    }
