"""Who is answered what: every call under /api/, by anonymous, owner, other, curator and admin.

The owner is the one whose rows the calls name. Whoever adds a route adds its rows here; a test
fails until it is done.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.matrix.world import PASSWORD, World

ROLES = ("anonymous", "owner", "other", "curator", "admin")
Body = Mapping[str, Any] | Callable[[World], Mapping[str, Any]]


@dataclass(frozen=True)
class Row:
    """One call as it is made, and the status that each role gets, in the order of ROLES.

    `path` fills the address in; a name of a row of the world stands for its id.
    """

    statuses: tuple[int, ...]
    body: Body | None = None
    query: str = ""
    path: Mapping[str, str] = field(default_factory=dict)

    def status_for(self, role: str) -> int:
        return self.statuses[ROLES.index(role)]


def row(statuses: str, body: Body | None = None, query: str = "", **path: str) -> Row:
    found = tuple(map(int, statuses.split()))
    assert len(found) == len(ROLES)
    return Row(found, body, query, path)


def for_anybody(status: int, body: Body | None = None, **path: str) -> Row:
    return row(f"{status} " * len(ROLES), body, **path)


_NEW_ADDRESS = {"email": "new@example.org"}
_NOTE = {"note": "Use Python."}
_OWN_PASSWORD = {"current_password": PASSWORD}

# A call, or a call and what is special about the row it names.
TABLE: dict[str, Row] = {
    # What anybody may do
    "GET docs": for_anybody(200),
    "GET health-live": for_anybody(200),
    "GET health-ready": for_anybody(200),
    "GET health-status": for_anybody(200),
    "GET schema": for_anybody(200),
    "GET time-zones": for_anybody(200),
    "POST email-confirm": for_anybody(200, lambda world: {"token": world.change_token}),
    "POST email-undo": for_anybody(200, lambda world: {"token": world.undo_token}),
    "POST password-forgot": for_anybody(202, _NEW_ADDRESS),
    "POST password-reset": for_anybody(
        204, lambda world: {"token": world.reset_token, "password": "another horse battery"}
    ),
    "POST register": for_anybody(202, {**_NEW_ADDRESS, "password": "another horse battery"}),
    "POST resend-verification": for_anybody(202, _NEW_ADDRESS),
    "POST token": for_anybody(
        200, lambda world: {"email": world.owner.email, "password": PASSWORD}
    ),
    "POST token-refresh": for_anybody(200, lambda world: {"refresh": world.refresh}),
    "POST token-revoke": for_anybody(204, lambda world: {"refresh": world.refresh}),
    "POST verify-email": for_anybody(200, lambda world: {"token": world.verify_token}),
    # Oneself
    "GET me": row("401 200 200 200 200"),
    "GET me-export": row("401 200 200 200 200"),
    "PATCH me": row("401 200 200 200 200", {"display_name": "Somebody"}),
    "POST email-change": row(
        "401 202 202 202 202", {**_OWN_PASSWORD, "new_email": "new@example.org"}
    ),
    "POST me-erase": row("401 204 204 204 409", _OWN_PASSWORD),
    "POST password-change": row(
        "401 204 204 204 204", {**_OWN_PASSWORD, "new_password": "another horse battery"}
    ),
    "POST token-revoke-all": row("401 204 204 204 204"),
    # People
    "GET user-detail": row("401 403 403 403 200", pk="owner"),
    "GET user-list": row("401 403 403 403 200"),
    "PATCH user-detail": row("401 403 403 403 200", {"role": "curator"}, pk="owner"),
    # Tags
    "DELETE tag-detail": row("401 403 403 204 204", ref="unused"),
    "GET tag-detail": for_anybody(200, ref="python"),
    "GET tag-detail merged": for_anybody(301, ref="merged-away"),
    "GET tag-list": for_anybody(200),
    "GET tag-merge-list": row("401 403 403 200 200"),
    "GET tag-merge-preview": row("401 403 403 200 200", query="into=python", ref="unused"),
    "GET tag-tree": for_anybody(200),
    "PATCH tag-detail": row("401 403 403 200 200", {"is_featured": True}, ref="python"),
    "POST tag-list": row("401 403 403 201 201", {"name": "Rust", "tag_type": "language"}),
    "POST tag-merge": row("401 403 403 200 200", {"into": "python"}, ref="unused"),
    "POST tag-merge-undo": row("401 403 403 200 200", pk="merge"),
    "POST tag-move": row("401 403 403 200 200", {"parent": "python"}, ref="unused"),
    # Suggested names
    "GET tag-suggestion-detail": row("401 200 404 200 200", pk="suggestion"),
    "GET tag-suggestion-list": row("401 200 200 200 200"),
    "POST tag-suggestion-approve": row(
        "401 403 403 200 200", {"tag_type": "tool"}, pk="suggestion"
    ),
    "POST tag-suggestion-list": row("401 201 201 201 201", {"name": "Zig"}),
    "POST tag-suggestion-merge": row("401 403 403 200 200", {"into": "python"}, pk="suggestion"),
    "POST tag-suggestion-reject": row("401 403 403 200 200", _NOTE, pk="suggestion"),
    # Problems
    "GET problem-detail": for_anybody(200, ref="approved"),
    "GET problem-detail draft": row("404 200 404 200 200", ref="zq-unpublished-draft"),
    "GET problem-list": for_anybody(200),
    # The daily challenge: everybody has one of their own, and only the owner has subscribed
    "GET delivery-detail": row("401 200 404 404 404", pk="delivery"),
    "GET delivery-list": row("401 200 200 200 200"),
    "GET delivery-today": row("401 200 200 200 200"),
    "GET subscription": row("401 200 404 404 404"),
    "PATCH subscription": row("401 200 404 404 404", {"weekdays": [1]}),
    "POST subscription": row("401 409 201 201 201", {"consent": True}),
    "POST subscription-pause": row("401 200 404 404 404"),
    "POST subscription-resume": row("401 200 404 404 404"),
    "POST subscription-unsubscribe": row("401 200 404 404 404"),
}
