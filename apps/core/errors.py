"""Domain errors: what services raise. How they look over HTTP is core.problem_details."""


class DomainError(Exception):
    """A rule said no. `code` is a stable snake_case word, the message is for people."""

    code = "conflict"

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.code


class ConflictError(DomainError):
    """The request does not fit the present state (409)."""


class NotFoundError(DomainError):
    """Absent, or not the caller's to know of (404)."""

    code = "not_found"


class InvalidInputError(DomainError):
    """A value that no service accepts (400). `field` names it, when there is one."""

    code = "invalid"

    def __init__(self, detail: str, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.field = field


class AuthenticationError(DomainError):
    """Whoever asks has not shown who they are (401)."""

    code = "authentication_failed"


class ForbiddenError(DomainError):
    """Known, but not allowed (403)."""

    code = "permission_denied"


class RateLimitedError(DomainError):
    """Too often (429); `retry_after_s` seconds from now it may be tried again."""

    code = "rate_limited"

    def __init__(self, detail: str, *, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class TransientError(Exception):
    """Something outside failed in a way that may pass; a task that raises it is retried with
    backoff.
    """
