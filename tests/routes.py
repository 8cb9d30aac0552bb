"""Every route under /api/ and every call it answers, read from the URL configuration."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, get_resolver

METHODS = ("get", "post", "put", "patch", "delete")


def routes() -> Iterator[tuple[str, URLPattern]]:
    """Name and pattern of every route."""
    (api,) = [
        entry for entry in get_resolver().url_patterns if getattr(entry, "namespace", "") == "api"
    ]
    waiting = list(api.url_patterns)
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, URLPattern):
            yield str(entry.name), entry
        else:
            waiting.extend(entry.url_patterns)


def calls() -> Iterator[tuple[str, Any]]:
    """Every call that a route answers, such as `GET tag-list`, with its view."""
    for name, pattern in routes():
        view_class = pattern.callback.cls
        actions = getattr(pattern.callback, "actions", None) or {
            method: method for method in METHODS
        }
        for method, action in actions.items():
            if method != "head" and hasattr(view_class, action):
                view = view_class(**pattern.callback.initkwargs)
                view.action_map, view.action = actions, action
                yield f"{method.upper()} {name}", view
