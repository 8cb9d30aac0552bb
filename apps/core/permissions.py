"""What a view may demand of whoever calls: permissions of models, never names of roles."""

from typing import Any

from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class Needs(BasePermission):
    """Signed in, and holding every permission named; use it through `needs`."""

    names: tuple[str, ...] = ()

    def has_permission(self, request: Request, view: Any) -> bool:
        return bool(
            request.user and request.user.is_authenticated and request.user.has_perms(self.names)
        )


def needs(*names: str) -> type[Needs]:
    """A permission class that demands these, such as `needs("tags.change_tag")`."""
    return type("Needs", (Needs,), {"names": names})
