"""How views describe themselves to OpenAPI: the errors, headers and security that every operation
shares.
"""

from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularAutoSchema

_LISTED = "What each `code` means:\n\n"


class AutoSchema(SpectacularAutoSchema):
    """Adds to what the serializers say: problem details, headers, and who may call."""

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is not None:
            # An empty list is left out by the library; here it says that no token is read.
            operation.setdefault("security", [{}])
        return operation
