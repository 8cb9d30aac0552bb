"""The stable words that errors of the API carry, and what each means; the schema lists them all.

An app that raises words of its own registers them in `AppConfig.ready`; a test finds those that are
not.
"""

from collections.abc import Mapping

_codes: dict[str, str] = {
    "validation_failed": "Fields or parameters are not acceptable; `errors` names each.",
    "malformed_request": "The body or the address cannot be read at all.",
    "invalid": "The value is not acceptable.",
    "not_authenticated": "Sign in first.",
    "authentication_failed": "The access token is not valid or has expired.",
    "permission_denied": "Signed in, but not allowed.",
    "csrf_failed": "A form of the site was posted without its token.",
    "not_found": "Absent, or not yours to know of.",
    "method_not_allowed": "The address exists, the method does not; see `Allow`.",
    "not_acceptable": "The answer is not available in a format that `Accept` names.",
    "conflict": "The request does not fit the present state.",
    "precondition_failed": "`If-Match` names an older representation; read it again.",
    "payload_too_large": "The body is larger than 1 MiB.",
    "unsupported_media_type": "The body is not plain `application/json`.",
    "rate_limited": "Too many requests; try again after `Retry-After` seconds.",
    "internal_error": "Our fault; `request_id` finds it in our logs.",
    "unavailable": "Something we need is away; try again after `Retry-After` seconds.",
    "not_ready": "This process cannot serve yet; `detail` says why.",
}


def register(codes: Mapping[str, str]) -> None:
    """Add an app's own words with their meanings."""
    _codes.update(codes)


def all_codes() -> Mapping[str, str]:
    """Every word with its meaning, in alphabetical order."""
    return dict(sorted(_codes.items()))
