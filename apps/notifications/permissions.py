"""What the subscription demands beyond signing in."""

from typing import Any

from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from apps.accounts.models import User


class IsVerified(IsAuthenticated):
    """Signed in, with an address that is proved to be theirs."""

    message = "Verify your e-mail address first."
    code = "not_verified"

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.user, User) and request.user.is_email_verified
