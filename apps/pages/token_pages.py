"""What all pages behind a token have in common: nobody is signed in, nothing is passed on."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from apps.core.errors import DomainError, InvalidInputError, NotFoundError

TokenView = Callable[[HttpRequest, str], HttpResponse]
_HEADERS = {
    # The address of the page is the key to it.
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow",
}


def token_page(view: TokenView) -> TokenView:
    """A page whose address holds a token. GET shows, POST acts; a bad token gets a way on.

    Exempt from CSRF protection, because no cookie gives a forged request any power here: it would
    have to know the token.
    """

    @csrf_exempt
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def wrapped(request: HttpRequest, token: str) -> HttpResponse:
        try:
            response = view(request, token)
        except NotFoundError:
            response = nothing_left(request)
        except DomainError as error:
            response = _refused(request, error)
        for name, value in _HEADERS.items():
            response[name] = value
        return response

    return wrapped


def nothing_left(request: HttpRequest) -> HttpResponse:
    """For a good token whose person or subscription is gone: nothing to do, and nothing wrong."""
    return render(request, "pages/nothing_left.html")


def see_other(url: str) -> HttpResponse:
    """After a POST that acted: show the result with a GET, so that a reload does not act again."""
    return HttpResponseRedirect(url, status=303)


def _refused(request: HttpRequest, error: DomainError) -> HttpResponse:
    if error.code == "invalid_token":
        return render(request, "pages/bad_link.html", status=400)
    status = 400 if isinstance(error, InvalidInputError) else 409
    return render(request, "pages/refused.html", {"detail": error.detail}, status=status)
