"""People, as admins see and change them."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import examples, services
from apps.accounts.authentication import signed_in_user
from apps.accounts.filters import UserFilter
from apps.accounts.models import User
from apps.accounts.serializers import UserInput, UserSerializer
from apps.core.endpoints import ResourceEndpoint
from apps.core.permissions import needs


class People(ResourceEndpoint):
    """Everybody who has an account."""

    queryset = User.objects.all()
    serializer_class = UserSerializer
    filterset_class = UserFilter
    permission_classes = (needs("accounts.view_user"),)
    permissions = {"partial_update": needs("accounts.change_user")}
    error_codes = {"partial_update": ("last_admin",)}

    @extend_schema(operation_id="users_list", examples=[examples.USER])
    def list(self, request: Request) -> Response:
        """Everybody who has an account, the newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(UserSerializer(page, many=True).data)

    @extend_schema(operation_id="users_retrieve", examples=[examples.USER])
    def retrieve(self, request: Request, pk: int) -> Response:
        """Somebody who has an account."""
        return Response(UserSerializer(self.get_object()).data)

    @extend_schema(
        operation_id="users_update",
        request=UserInput,
        responses=UserSerializer,
        examples=[examples.USER_CHANGE, examples.USER],
    )
    def partial_update(self, request: Request, pk: int) -> Response:
        """Change somebody's role, or whether they may sign in."""
        changes = self.read_input(UserInput, partial=True)
        user = services.change_user(user_id=pk, by=signed_in_user(request), **changes)
        return Response(UserSerializer(user).data)
