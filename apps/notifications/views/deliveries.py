"""What was or is being sent to the caller."""

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.authentication import signed_in_user
from apps.core.endpoints import ResourceEndpoint
from apps.core.pagination import NewestFirstCursor
from apps.notifications import examples
from apps.notifications.filters import DeliveryFilter
from apps.notifications.models import Delivery
from apps.notifications.permissions import IsVerified
from apps.notifications.querysets import DeliveryQuerySet
from apps.notifications.serializers import DeliverySerializer, TodaySerializer
from apps.notifications.today import today_of


class Deliveries(ResourceEndpoint):
    """Your own challenges and solutions, newest first."""

    queryset = Delivery.objects.all()
    serializer_class = DeliverySerializer
    filterset_class = DeliveryFilter
    pagination_class = NewestFirstCursor
    permission_classes = (IsVerified,)

    def get_queryset(self) -> DeliveryQuerySet:
        own: DeliveryQuerySet = Delivery.objects.of_user(signed_in_user(self.request))
        return own.visible().for_reading()

    @extend_schema(operation_id="deliveries_list", examples=[examples.DELIVERY])
    def list(self, request: Request) -> Response:
        """What was or is being sent to you, newest first; not what is only planned."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(DeliverySerializer(page, many=True).data)

    @extend_schema(operation_id="deliveries_retrieve", examples=[examples.DELIVERY])
    def retrieve(self, request: Request, pk: int) -> Response:
        """A challenge or a solution that was or is being sent to you."""
        return Response(DeliverySerializer(self.get_object()).data)

    @extend_schema(
        operation_id="deliveries_today",
        responses=TodaySerializer,
        filters=False,
        examples=[examples.TODAY],
    )
    def today(self, request: Request) -> Response:
        """What today holds, in the subscriber's zone."""
        today = today_of(signed_in_user(request), now=timezone.now())
        return Response(TodaySerializer(today).data)
