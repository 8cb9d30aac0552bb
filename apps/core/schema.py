"""How views describe themselves to OpenAPI: the errors, headers and security that every operation
shares.
"""

from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema
from drf_spectacular.plumbing import ResolvedComponent, force_instance
from rest_framework.permissions import AllowAny, IsAuthenticated

from apps.core import schema_errors
from apps.core.error_codes import all_codes
from apps.core.schema_errors import USUAL, Described
from apps.core.serializers import InputSerializer

_RATE_HEADERS = {
    "RateLimit-Limit": ("integer", "How many calls the tightest limit that applied allows."),
    "RateLimit-Remaining": ("integer", "How many of them are left."),
    "RateLimit-Reset": ("integer", "Seconds until the limit is whole again."),
}
_HEADERS: dict[str, tuple[str, str]] = {
    "X-Request-ID": ("string", "The id of this request: the caller's own if sane, else ours."),
    "ETag": ("string", "The tag of this representation, for If-None-Match and If-Match."),
    "Location": ("string", "Where it is now."),
    "Retry-After": ("integer", "Seconds to wait."),
    "WWW-Authenticate": ("string", "Always `Bearer`."),
    **_RATE_HEADERS,
}
_HEADERS_OF_STATUS = {
    "201": ("Location",),
    "301": ("Location",),
    "401": ("WWW-Authenticate",),
    "429": ("Retry-After",),
    "503": ("Retry-After",),
}
_ALWAYS = (400, 406, 500, 503)


class AutoSchema(SpectacularAutoSchema):
    """Adds to what the serializers say: problem details, headers, and who may call."""

    def get_operation(self, *args: Any, **kwargs: Any) -> Described | None:
        operation: Described | None = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        # The library leaves an empty list out; this says that no token is needed or read.
        operation.setdefault("security", [{}])
        if preconditions := self._preconditions():
            operation.setdefault("parameters", []).extend(preconditions)
        return operation

    def get_summary(self) -> str | None:
        """The first paragraph of the docstring."""
        first = self._prose().partition("\n\n")[0]
        return " ".join(first.split()).rstrip(".") or None

    def get_description(self) -> str:  # type: ignore[override]  # -- as in drf-spectacular
        """What the docstring says beyond its first paragraph."""
        return self._prose().partition("\n\n")[2]

    def _prose(self) -> str:
        return str(super().get_description()).strip()

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        """RegistrationInput is shown as RegistrationRequest."""
        return str(super().get_serializer_name(serializer, direction)).removesuffix("Input")

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Described:
        schema: Described = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]  # -- half typed
        if isinstance(force_instance(serializer), InputSerializer):
            schema["additionalProperties"] = False
        return schema

    def _preconditions(self) -> list[Described]:
        if not self._is_tagged():
            return []
        if self.method == "GET":
            described = "Answer 304 if this tag is still the present one."
            return [_header_parameter("If-None-Match", described)]
        if 412 in self._codes():
            described = "Answer 412 unless this tag is the present one."
            return [_header_parameter("If-Match", described)]
        return []

    def _get_response_bodies(self, direction: Any = "response") -> Described:
        bodies: Described = super()._get_response_bodies(direction)
        if self.method == "GET" and self._is_tagged():
            bodies["304"] = {"description": "What `If-None-Match` names is still the present one."}
        for success, body in bodies.items():
            self._add_headers(success, body)
        own_codes = self._codes()
        for status in {*self._error_statuses(), *own_codes}:
            bodies[str(status)] = self._error_response(status, own_codes.get(status, ()))
        return dict(sorted(bodies.items()))

    def _error_statuses(self) -> set[int]:
        """The errors that follow from what kind of view this is."""
        statuses = set(_ALWAYS)
        if self.view.get_authenticators():
            statuses.add(401)
        if any(type(each) not in (AllowAny, IsAuthenticated) for each in self._permissions()):
            statuses.add(403)
        paginator = self._get_paginator()  # type: ignore[no-untyped-call]  # -- half typed
        if "{" in self.path or (paginator and self._is_list_view()):
            statuses.add(404)
        if self.method in ("POST", "PATCH", "PUT"):
            statuses |= {413, 415}
        if self._is_limited():
            statuses.add(429)
        return statuses

    def _codes(self) -> dict[int, list[str]]:
        """The words of this operation's own errors, by status."""
        declared = getattr(self.view, "error_codes", {})
        operation = getattr(self.view, "action", None) or self.method.lower()
        codes: dict[int, list[str]] = {}
        for entry in declared.get(operation, ()):
            code, *statuses = (entry,) if isinstance(entry, str) else entry
            for status in statuses or all_codes()[code].statuses:
                codes.setdefault(status, []).append(code)
        for permission in self._permissions():
            if code := getattr(permission, "code", None):
                codes.setdefault(403, []).append(code)
        return codes

    def _error_response(self, status: int, own: Any) -> Described:
        """By reference where an error is nothing particular, which it mostly is."""
        if set(own) <= set(USUAL.get(status, ())):
            return self._component(
                ResolvedComponent.RESPONSE,
                schema_errors.NAMES[status],
                self._described(status, USUAL[status]),
            )
        # A view without authenticators reads no token, so the usual words of 401 are not its own.
        usual = USUAL.get(status, ()) if status != 401 or self.view.get_authenticators() else ()
        return self._described(status, [*own, *(code for code in usual if code not in own)])

    def _described(self, status: int, codes: Any) -> Described:
        code = self._component(ResolvedComponent.SCHEMA, "ErrorCode", schema_errors.code_schema())
        shape = self._component(
            ResolvedComponent.SCHEMA, "ProblemDetails", schema_errors.problem_schema(code)
        )
        body = schema_errors.response(status, codes, shape)
        self._add_headers(str(status), body)
        return body

    def _component(self, kind: str, name: str, schema: Described) -> Described:
        component = ResolvedComponent(name=name, type=kind, schema=schema, object=name)
        self.registry.register_on_missing(component)
        return dict(component.ref)

    def _add_headers(self, status: str, body: Described) -> None:
        names = ["X-Request-ID", *_HEADERS_OF_STATUS.get(status, ())]
        if self._is_limited():
            names += _RATE_HEADERS
        if self._is_tagged() and status in ("200", "304"):
            names.append("ETag")
        headers = body.setdefault("headers", {})
        for name in names:
            kind, described = _HEADERS[name]
            schema = {"description": described, "schema": {"type": kind}}
            headers[name] = self._component(ResolvedComponent.HEADER, name, schema)

    def _permissions(self) -> list[Any]:
        return list(self.view.get_permissions())

    def _is_limited(self) -> bool:
        return getattr(self.view, "limits", None) != ()

    def _is_tagged(self) -> bool:
        return bool(getattr(self.view, "is_tagged", False))


def _header_parameter(name: str, described: str) -> Described:
    return {"name": name, "in": "header", "description": described, "schema": {"type": "string"}}
