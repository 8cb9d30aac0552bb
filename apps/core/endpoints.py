"""The base of every API view: the order in which a request is checked, and the headers every answer
carries.
"""

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from rest_framework.exceptions import (
    APIException,
    ErrorDetail,
    MethodNotAllowed,
    ValidationError,
)
from rest_framework.permissions import SAFE_METHODS, AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView
from rest_framework.viewsets import GenericViewSet

from apps.core.caching import with_cache_headers, with_etag
from apps.core.input_guard import check_envelope
from apps.core.ratelimits import READS, WRITES, Limit, check_limits, limit_headers
from apps.core.renderers import OrjsonRenderer
from apps.core.serializers import NoInput


class Endpoint(APIView):
    """Envelope, format, who, how often, method, may they, parameters: in this order, then the
    handler.

    `limits` replaces the usual read and write limits. `query_parameters` names what an action (or
    method, in lower case) accepts in the query besides paging and filters. `is_tagged` gives reads
    an ETag.
    """

    limits: ClassVar[tuple[Limit, ...] | None] = None
    query_parameters: ClassVar[Mapping[str, Iterable[str]]] = {}
    is_tagged: ClassVar[bool] = False
    # Words beyond the usual ones that errors carry, by action, alone or with those of their
    # statuses that this view answers with; for the schema.
    error_codes: ClassVar[Mapping[str, Iterable[str | tuple[Any, ...]]]] = {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # Replaces DRF's order: there, limits come last and a refused token is never counted.
        check_envelope(request)
        self.format_kwarg = None
        negotiated = self.perform_content_negotiation(request)
        request.accepted_renderer, request.accepted_media_type = negotiated
        request.version, request.versioning_scheme = None, None
        self._authenticate_and_count(request)
        if request.method not in self.allowed_methods:
            raise MethodNotAllowed(request.method or "")
        self.check_permissions(request)
        self._check_parameters(request)

    def _authenticate_and_count(self, request: Request) -> None:
        limits = self.get_limits(request)
        try:
            self.perform_authentication(request)
        except APIException:
            check_limits(request, limits)
            raise
        check_limits(request, limits)

    def get_limits(self, request: Request) -> tuple[Limit, ...]:
        """What this call counts against."""
        if self.limits is not None:
            return self.limits
        return (READS,) if request.method in SAFE_METHODS else (WRITES,)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        # DRF would describe the view here, in its own shape; the schema does that. `Allow` says it
        # all.
        return Response(status=204)

    def known_parameters(self) -> set[str]:
        """The names that may stand in the query of this call."""
        return set(self.query_parameters.get(self._operation(), ()))

    def is_repeatable(self, name: str) -> bool:
        """Whether a known parameter may be given more than once."""
        return False

    def may_be_empty(self, name: str) -> bool:
        """Whether a known parameter may be given without a value."""
        return False

    def _operation(self) -> str:
        return str(getattr(self, "action", None) or (self.request.method or "").lower())

    def _check_parameters(self, request: Request) -> None:
        known = self.known_parameters()
        complaints: dict[str, list[ErrorDetail]] = {}
        for name, values in request.query_params.lists():
            if name not in known:
                complaints[name] = [ErrorDetail("There is no such parameter.", "unknown_parameter")]
            elif len(values) > 1 and not self.is_repeatable(name):
                complaints[name] = [ErrorDetail("Give this once.", "repeated_parameter")]
            elif "" in values and not self.may_be_empty(name):
                complaints[name] = [ErrorDetail("Give a value, or leave this out.", "blank")]
        if complaints:
            raise ValidationError(complaints)

    def read_input(
        self, serializer_class: type[BaseSerializer[Any]] = NoInput, **options: Any
    ) -> dict[str, Any]:
        """The validated body; without a serializer, that there is none."""
        serializer = serializer_class(
            data=self.request.data, context={"request": self.request, "view": self}, **options
        )
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def handle_exception(self, exc: Exception) -> Response:
        response = super().handle_exception(exc)
        # Errors are JSON, whatever this view's answers are.
        self.request.accepted_renderer = OrjsonRenderer()
        self.request.accepted_media_type = OrjsonRenderer.media_type
        return response

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        if not isinstance(response, Response):
            return response
        for name, value in limit_headers(request).items():
            response[name] = value
        with_cache_headers(request, response, is_public=self.is_public())
        return with_etag(request, response) if self.is_tagged else response

    def is_public(self) -> bool:
        """Whether anybody may call this without signing in."""
        return any(isinstance(permission, AllowAny) for permission in self.get_permissions())


class OpenEndpoint(Endpoint):
    """For what anybody may call and no token changes: one sent along, dead or alive, is not even
    read.
    """

    authentication_classes = ()
    permission_classes = (AllowAny,)


class ResourceEndpoint(Endpoint, GenericViewSet[Any]):
    """The base of viewsets.

    `permissions` maps an action to what it demands; others keep `permission_classes`.
    """

    permissions: ClassVar[Mapping[str, type[Any]]] = {}

    def get_permissions(self) -> list[Any]:
        found = self.permissions.get(self.action or "")
        return [found()] if found else list(super().get_permissions())

    def known_parameters(self) -> set[str]:
        known = super().known_parameters()
        if self.action == "list":
            known |= set(getattr(self.paginator, "parameter_names", ()))
            known |= self._filters().keys()
        return known

    def is_repeatable(self, name: str) -> bool:
        return bool(getattr(self._filters().get(name), "is_repeatable", False))

    def may_be_empty(self, name: str) -> bool:
        return bool(getattr(self._filters().get(name), "may_be_empty", False))

    def _filters(self) -> dict[str, Any]:
        filterset_class = getattr(self, "filterset_class", None)
        return dict(filterset_class.base_filters) if filterset_class else {}
