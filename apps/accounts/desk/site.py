"""The admin site: Django's and Unfold's, behind a door that asks for a second factor."""

from typing import Any

from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from unfold.sites import UnfoldAdminSite

from apps.accounts import lockout
from apps.accounts.desk import second_factor
from apps.accounts.desk.forms import PasswordForm, SignInForm
from apps.core.errors import RateLimitedError


class DeskSite(UnfoldAdminSite):
    """Staff only, and none who still owe a code."""

    login_form = SignInForm

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(super().has_permission(request)) and not second_factor.is_owed(request)

    def extra_urls(self) -> list[URLPattern]:
        return [
            path("second-factor/", second_factor.ask, name="second_factor"),
            path("second-factor/set-up/", second_factor.set_up, name="second_factor_set_up"),
            path("second-factor/settings/", second_factor.manage, name="second_factor_manage"),
        ]

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method == "GET" and second_factor.is_owed(request):
            return second_factor.lead_to(request)
        try:
            response: HttpResponse = super().login(request, extra_context)
        except RateLimitedError as error:
            return lockout.closed_page(request, error)
        return response

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponseBase:
        view = PasswordChangeView.as_view(
            form_class=PasswordForm,
            success_url=reverse(f"{self.name}:password_change_done"),
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        try:
            return view(request)
        except RateLimitedError as error:
            return lockout.closed_page(request, error)
