"""Changing the address one signs in with."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import examples, services
from apps.accounts.authentication import signed_in_user
from apps.accounts.serializers import EmailChangeInput, LinkTokenInput, VerifiedAddressSerializer
from apps.accounts.views.registration import MAIL_ON_ITS_WAY
from apps.core.endpoints import Endpoint, OpenEndpoint
from apps.core.ratelimits import MAILS
from apps.core.serializers import DetailSerializer


class ChangeEmail(Endpoint):
    """Ask for another address.

    A link goes to the new one, a notice that can undo it to the old one.
    """

    limits = (MAILS,)

    @extend_schema(
        operation_id="accounts_change_email",
        request=EmailChangeInput,
        responses={202: DetailSerializer},
        examples=[examples.EMAIL_CHANGE, examples.MAIL_ON_ITS_WAY],
    )
    def post(self, request: Request) -> Response:
        services.request_email_change(
            user=signed_in_user(request), **self.read_input(EmailChangeInput)
        )
        return Response({"detail": MAIL_ON_ITS_WAY}, status=202)


class ConfirmEmail(OpenEndpoint):
    """Make the new address yours with the token mailed to it; ends every session."""

    error_codes = {"post": ("invalid_token", "address_taken")}

    @extend_schema(
        operation_id="accounts_confirm_email",
        request=LinkTokenInput,
        responses=VerifiedAddressSerializer,
        examples=[examples.LINK_TOKEN, examples.VERIFIED],
    )
    def post(self, request: Request) -> Response:
        user = services.confirm_email_change(**self.read_input(LinkTokenInput))
        return Response(VerifiedAddressSerializer(user).data)


class UndoEmail(OpenEndpoint):
    """Take an address change back with the token mailed to the old address; ends every session."""

    error_codes = {"post": ("invalid_token", "address_taken")}

    @extend_schema(
        operation_id="accounts_undo_email",
        request=LinkTokenInput,
        responses=VerifiedAddressSerializer,
        examples=[examples.LINK_TOKEN, examples.VERIFIED],
    )
    def post(self, request: Request) -> Response:
        user = services.undo_email_change(**self.read_input(LinkTokenInput))
        return Response(VerifiedAddressSerializer(user).data)
