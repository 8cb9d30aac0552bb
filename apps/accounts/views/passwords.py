"""Passwords: forgotten, reset, changed."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import examples, services
from apps.accounts.authentication import signed_in_claims, signed_in_user
from apps.accounts.serializers import AddressInput, PasswordChangeInput, PasswordResetInput
from apps.accounts.views.registration import MAIL_ON_ITS_WAY
from apps.core.endpoints import Endpoint, OpenEndpoint
from apps.core.ratelimits import MAILS
from apps.core.serializers import DetailSerializer


class ForgotPassword(OpenEndpoint):
    """Ask for a reset link; the answer never says whether the address is known."""

    limits = (MAILS,)

    @extend_schema(
        operation_id="accounts_forgot_password",
        request=AddressInput,
        responses={202: DetailSerializer},
        examples=[examples.ADDRESS, examples.MAIL_ON_ITS_WAY],
    )
    def post(self, request: Request) -> Response:
        services.request_password_reset(**self.read_input(AddressInput))
        return Response({"detail": MAIL_ON_ITS_WAY}, status=202)


class ResetPassword(OpenEndpoint):
    """Choose a new password with the token of a reset link; ends every session."""

    limits = (MAILS,)
    error_codes = {"post": ("invalid_token",)}

    @extend_schema(
        operation_id="accounts_reset_password",
        request=PasswordResetInput,
        responses={204: None},
        examples=[examples.PASSWORD_RESET],
    )
    def post(self, request: Request) -> Response:
        services.reset_password(**self.read_input(PasswordResetInput))
        return Response(status=204)


class ChangePassword(Endpoint):
    """Change your password; ends every other session."""

    limits = (MAILS,)

    @extend_schema(
        operation_id="accounts_change_password",
        request=PasswordChangeInput,
        responses={204: None},
        examples=[examples.PASSWORD_CHANGE],
    )
    def post(self, request: Request) -> Response:
        services.change_password(
            user=signed_in_user(request),
            family_id=signed_in_claims(request).family_id,
            **self.read_input(PasswordChangeInput),
        )
        return Response(status=204)
