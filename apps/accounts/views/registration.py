"""Sign-up: anybody may call, and every answer is the same whether or not the address is known."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import examples, services
from apps.accounts.serializers import (
    AddressInput,
    LinkTokenInput,
    RegistrationInput,
    VerifiedAddressSerializer,
)
from apps.core.endpoints import OpenEndpoint
from apps.core.ratelimits import MAILS
from apps.core.serializers import DetailSerializer

MAIL_ON_ITS_WAY = "Look into your mailbox: a mail that says how to go on is on its way."


class Register(OpenEndpoint):
    """Register an address.

    The mail that follows says how to go on; the answer never says whether it is known.
    """

    limits = (MAILS,)

    @extend_schema(
        operation_id="accounts_register",
        request=RegistrationInput,
        responses={202: DetailSerializer},
        examples=[examples.REGISTRATION, examples.MAIL_ON_ITS_WAY],
    )
    def post(self, request: Request) -> Response:
        services.register_user(**self.read_input(RegistrationInput))
        return Response({"detail": MAIL_ON_ITS_WAY}, status=202)


class VerifyEmail(OpenEndpoint):
    """Prove that the address is yours, with the token of the link that was mailed to it."""

    error_codes = {"post": ("invalid_token",)}

    @extend_schema(
        operation_id="accounts_verify_email",
        request=LinkTokenInput,
        responses=VerifiedAddressSerializer,
        examples=[examples.LINK_TOKEN, examples.VERIFIED],
    )
    def post(self, request: Request) -> Response:
        user = services.verify_email(**self.read_input(LinkTokenInput))
        return Response(VerifiedAddressSerializer(user).data)


class ResendVerification(OpenEndpoint):
    """Ask for a new verification link."""

    limits = (MAILS,)

    @extend_schema(
        operation_id="accounts_resend_verification",
        request=AddressInput,
        responses={202: DetailSerializer},
        examples=[examples.ADDRESS, examples.MAIL_ON_ITS_WAY],
    )
    def post(self, request: Request) -> Response:
        services.resend_verification(**self.read_input(AddressInput))
        return Response({"detail": MAIL_ON_ITS_WAY}, status=202)
