"""Signing in and out."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import examples, services, sessions
from apps.accounts.authentication import signed_in_user
from apps.accounts.serializers import RefreshInput, SignInInput, TokenPairSerializer
from apps.core.endpoints import Endpoint, OpenEndpoint
from apps.core.ratelimits import SIGN_INS


class SignIn(OpenEndpoint):
    """Exchange an address and its password for tokens. Every failure reads the same.

    Staff who have set up a second factor send its code as `otp`; without it the right pair gets
    `otp_required`. Where the platform demands one of staff, a sign-in without gives the rights of
    a subscriber. Ten failures close the door for 15 minutes.
    """

    limits = (SIGN_INS,)
    error_codes = {"post": ("sign_in_failed", "otp_required")}

    @extend_schema(
        operation_id="accounts_sign_in",
        request=SignInInput,
        responses=TokenPairSerializer,
        examples=[examples.SIGN_IN, examples.SIGN_IN_WITH_CODE, examples.TOKEN_PAIR],
    )
    def post(self, request: Request) -> Response:
        pair = services.sign_in(**self.read_input(SignInInput), request=request._request)
        return Response(TokenPairSerializer(pair).data)


class Refresh(OpenEndpoint):
    """Exchange a refresh token for a new pair; each works once.

    Two tabs that send the same token at once: one gets 200, the other 409 `refresh_superseded` and
    should use the tokens that the first one stored. Any other reuse ends the whole sign-in.
    """

    error_codes = {"post": ("authentication_failed", "refresh_superseded")}

    @extend_schema(
        operation_id="accounts_refresh",
        request=RefreshInput,
        responses=TokenPairSerializer,
        examples=[examples.REFRESH, examples.TOKEN_PAIR],
    )
    def post(self, request: Request) -> Response:
        pair = sessions.renew(**self.read_input(RefreshInput))
        return Response(TokenPairSerializer(pair).data)


class Revoke(OpenEndpoint):
    """Sign out here: ends the sign-in that this refresh token belongs to.

    A dead token is fine too.
    """

    @extend_schema(
        operation_id="accounts_revoke",
        request=RefreshInput,
        responses={204: None},
        examples=[examples.REFRESH],
    )
    def post(self, request: Request) -> Response:
        sessions.end(**self.read_input(RefreshInput))
        return Response(status=204)


class RevokeAll(Endpoint):
    """Sign out everywhere."""

    @extend_schema(operation_id="accounts_revoke_all", request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        self.read_input()
        sessions.end_all(user=signed_in_user(request))
        return Response(status=204)
