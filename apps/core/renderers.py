"""How answers are written."""

from collections.abc import Mapping
from typing import Any

import orjson
from rest_framework.renderers import BaseRenderer


class OrjsonRenderer(BaseRenderer):
    """JSON in UTF-8, by orjson; instants in UTC end in Z."""

    media_type = "application/json"
    format = "json"
    # JSON has no charset parameter. Source: RFC 8259, section 11.
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else to_json(data)


def to_json(data: Any) -> bytes:
    """The bytes of an answer; also what ETags are computed from."""
    return orjson.dumps(data, option=orjson.OPT_UTC_Z)
