"""Oneself: profile, export, erasure."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import examples, personal_data, services
from apps.accounts.authentication import signed_in_user
from apps.accounts.serializers import (
    EraseInput,
    ExportSerializer,
    ProfileInput,
    ProfileSerializer,
)
from apps.core.endpoints import Endpoint


class Me(Endpoint):
    """Who you are here."""

    @extend_schema(
        operation_id="accounts_me", responses=ProfileSerializer, examples=[examples.PROFILE]
    )
    def get(self, request: Request) -> Response:
        return Response(ProfileSerializer(signed_in_user(request)).data)

    @extend_schema(
        operation_id="accounts_me_update",
        request=ProfileInput,
        responses=ProfileSerializer,
        examples=[examples.RENAMING, examples.PROFILE],
    )
    def patch(self, request: Request) -> Response:
        """Change what you are called."""
        changes = self.read_input(ProfileInput, partial=True)
        user = services.rename_user(user=signed_in_user(request), **changes)
        return Response(ProfileSerializer(user).data)


class Export(Endpoint):
    """Everything held on you."""

    @extend_schema(
        operation_id="accounts_me_export", responses=ExportSerializer, examples=[examples.EXPORT]
    )
    def get(self, request: Request) -> Response:
        sections = personal_data.export(signed_in_user(request))
        return Response({"exported_at": timezone.now(), "sections": sections})


class Erase(Endpoint):
    """Erase everything that is held on you; anonymous counts remain. It cannot be undone."""

    error_codes = {"post": ("last_admin",)}

    @extend_schema(
        operation_id="accounts_me_erase",
        request=EraseInput,
        responses={204: None},
        examples=[examples.ERASURE],
    )
    def post(self, request: Request) -> Response:
        services.erase_user(user=signed_in_user(request), **self.read_input(EraseInput))
        return Response(status=204)
