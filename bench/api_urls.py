"""The site's addresses, and the two plain views that the API is measured against."""

from django.urls import path
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.endpoints import Endpoint
from config.urls import urlpatterns as site

BODY = {"status": "ok"}


class Plain(Endpoint):
    """A few bytes of JSON; token check, limiter and headers as everywhere."""

    permission_classes = (IsAuthenticated,)

    def get(self, request: Request) -> Response:
        return Response(BODY)


class PlainPublic(Plain):
    """The same for anybody."""

    permission_classes = (AllowAny,)


urlpatterns = [
    path("api/plain/", Plain.as_view()),
    path("api/plain-public/", PlainPublic.as_view()),
    *site,
]
