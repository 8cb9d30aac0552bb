"""The stable words that errors of the API carry, what each means and with which status it comes.

The schema lists them all. An app that raises words of its own registers them in `AppConfig.ready`;
a test finds those that are not.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """A word, in plain words; some come with more than one status."""

    meaning: str
    statuses: tuple[int, ...]


_codes: dict[str, ErrorCode] = {}


def register(code: str, meaning: str, *statuses: int) -> None:
    """Add a word."""
    _codes[code] = ErrorCode(meaning, statuses)


def all_codes() -> Mapping[str, ErrorCode]:
    """Every word, in alphabetical order."""
    return dict(sorted(_codes.items()))


register("validation_failed", "Some values are not acceptable; `errors` names each.", 400)
register("malformed_request", "The body or the address cannot be read at all.", 400)
register("invalid", "The value is not acceptable.", 400)
register("invalid_token", "The token of a link is used up, too old or not ours.", 400)
register("markdown_too_long", "A Markdown text is longer than we render.", 400)
register("markdown_too_complex", "A Markdown text has more in it than we render.", 400)
register("markdown_too_deep", "A Markdown text is nested deeper than we render.", 400)
register("not_authenticated", "Sign in first.", 401)
register("authentication_failed", "The token is not valid or has expired.", 401)
register("permission_denied", "Signed in, but not allowed.", 403)
register("csrf_failed", "A form of the site was posted without its token.", 403)
register("not_found", "Absent, or not yours to know of.", 404)
register("method_not_allowed", "The address exists, the method does not; see `Allow`.", 405)
register("not_acceptable", "The answer does not exist in a format that `Accept` names.", 406)
register("conflict", "The request does not fit the present state.", 409)
register("precondition_failed", "`If-Match` names an older representation.", 412)
register("payload_too_large", "The body is larger than 1 MiB.", 413)
register("unsupported_media_type", "The body is not plain `application/json`.", 415)
register("rate_limited", "Too many requests; wait as `Retry-After` says.", 429)
register("internal_error", "Our fault; `request_id` finds it in our logs.", 500)
register("unavailable", "Something we need is away; wait as `Retry-After` says.", 503)
register("not_ready", "This process cannot serve yet; `detail` says why.", 503)
