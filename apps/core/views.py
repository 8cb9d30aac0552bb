"""What belongs to no product: health, time zones, the schema, and addresses where nothing is."""

import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core import examples
from apps.core.clock import utc_offset, zone_names
from apps.core.endpoints import Endpoint, OpenEndpoint
from apps.core.health import Check, check_all, overall, why_not_ready
from apps.core.http_errors import NotReady
from apps.core.serializers import HealthSerializer, LiveSerializer, TimeZoneSerializer

_NEVER_KEPT = {"Cache-Control": "no-store"}


class Live(OpenEndpoint):
    """The process answers; nothing else is touched."""

    limits = ()

    @extend_schema(operation_id="health_live", responses=LiveSerializer, examples=[examples.LIVE])
    def get(self, request: Request) -> Response:
        return Response({"status": "ok"}, headers=_NEVER_KEPT)


class Ready(OpenEndpoint):
    """This process can serve: the database answers and has every migration.

    Else 503 `not_ready`.
    """

    limits = ()
    error_codes = {"get": ("not_ready",)}

    @extend_schema(operation_id="health_ready", responses=LiveSerializer, examples=[examples.LIVE])
    def get(self, request: Request) -> Response:
        if reason := why_not_ready():
            raise NotReady(reason)
        return Response({"status": "ok"}, headers=_NEVER_KEPT)


class Monitor(AnonymousUser):
    """Whoever holds METRICS_TOKEN: nobody in particular, but one who may see details."""

    @property
    def is_authenticated(self) -> bool:  # type: ignore[override]  # -- Django's is a constant
        return True

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return perm == "core.view_heartbeat"


class MonitorAuthentication(BaseAuthentication):
    """Takes METRICS_TOKEN as a Bearer token; anything else is left to the next in line."""

    def authenticate(self, request: Request) -> tuple[Monitor, None] | None:
        sent = request.META.get("HTTP_AUTHORIZATION", "").encode("utf-8", "surrogateescape")
        wanted = f"Bearer {settings.METRICS_TOKEN}".encode()
        if settings.METRICS_TOKEN and secrets.compare_digest(sent, wanted):
            return Monitor(), None
        return None

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class MonitorScheme(OpenApiAuthenticationExtension):
    """How the schema describes it."""

    target_class = MonitorAuthentication
    name = "metricsToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "The METRICS_TOKEN of the installation.",
        }


class Status(Endpoint):
    """Every component and heartbeat; details for admins and holders of the metrics token."""

    permission_classes = (AllowAny,)
    limits = ()

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [MonitorAuthentication(), *super().get_authenticators()]

    @extend_schema(
        operation_id="health_status", responses=HealthSerializer, examples=[examples.HEALTH]
    )
    def get(self, request: Request) -> Response:
        checks = check_all()
        has_details = request.user.has_perm("core.view_heartbeat")
        body = {
            "status": overall(checks),
            "checks": [_shown(check, has_details=has_details) for check in checks],
        }
        return Response(body, headers=_NEVER_KEPT)


def _shown(check: Check, *, has_details: bool) -> dict[str, Any]:
    return {
        "name": check.name,
        "status": check.status,
        "detail": check.detail if has_details else None,
    }


class TimeZones(Endpoint):
    """The accepted zone names with their present offsets from UTC."""

    permission_classes = (AllowAny,)
    is_tagged = True

    @extend_schema(
        operation_id="time_zones_list",
        responses=TimeZoneSerializer(many=True),
        examples=[examples.TIME_ZONE],
    )
    def get(self, request: Request) -> Response:
        now = timezone.now()
        offsets = {name: utc_offset(now, name) for name in sorted(zone_names())}
        zones = [
            {"name": name, "utc_offset_minutes": int(offset.total_seconds() // 60)}
            for name, offset in offsets.items()
        ]
        return Response(zones)


class Schema(OpenEndpoint, SpectacularAPIView):
    """This contract, as OpenAPI."""


class Docs(OpenEndpoint, SpectacularSwaggerSplitView):
    """Swagger UI over the schema, served from here."""

    query_parameters = {"get": ("script",)}

    def may_be_empty(self, name: str) -> bool:
        # The page asks for its own script by `?script=`.
        return True


class UnknownPath(OpenEndpoint):
    """Whatever is under /api/ and is nothing."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        self.format_kwarg = None
        self._authenticate_and_count(request)
        raise NotFound
