"""Why somebody got this very problem, in words."""

from apps.notifications.models import ReasonCode

_WORDS = {
    ReasonCode.INTEREST: "because you follow {path}",
    ReasonCode.PARENT: "from {path}, next to what you follow",
    ReasonCode.ANY: "from the whole bank",
}


def reason_text(code: str, path: str) -> str:
    """The reason of a delivery as the end of a sentence; `path` as in Delivery.reason_path."""
    known = ReasonCode(code) if path else ReasonCode.ANY
    return _WORDS[known].format(path=path)
