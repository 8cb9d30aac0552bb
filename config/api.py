"""The constants of the HTTP contract: constants of config.settings."""

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.accounts.authentication.AccessTokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PAGINATION_CLASS": "apps.core.pagination.PagePagination",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["apps.core.renderers.OrjsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.core.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "apps.core.schema.AutoSchema",
    "EXCEPTION_HANDLER": "apps.core.problem_details.problem_response",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "URL_FORMAT_OVERRIDE": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
# Name: (how many, in how many seconds). Per user, else per client address; the sign-in and mail
# limits are strict.
RATE_LIMITS = {
    "read": (120, 60),
    "write": (30, 60),
    "sign_in": (10, 60),
    "mail": (5, 60),
    "one_click": (10, 60),
}
# The same, per address that somebody signs in to or has mail sent to; counted in the database.
ACCOUNT_LIMITS = {"sign_in": (5, 60), "mail": (5, 60)}
API_DESCRIPTION = """One engineering problem a day: tags, problems, your subscription, deliveries.

**Signing in.** `POST /api/accounts/token/` gives an access token for 10 minutes, sent as
`Authorization: Bearer <access>`, and a refresh token that works once.

**Bodies** are JSON objects in UTF-8 of at most 1 MiB. Fields, parameters and orderings that do not
exist are refused with 400; PATCH changes only what it names. Instants are RFC 3339 in UTC, days
`YYYY-MM-DD`, local times `HH:MM`, zones IANA names, weekdays 1 (Monday) to 7. A `{ref}` is an id or
a slug.

**Errors** are `application/problem+json` (RFC 9457) under every address and method, unknown ones
included; tell them apart by `code`.

**Limits** are counted per person, or per client address for whoever is not signed in; the
`RateLimit-*` headers tell how much is left. Every answer carries `X-Request-ID`.

**Caching.** What anybody may read can be kept for a minute and has an `ETag`; what belongs to
somebody is never to be kept.

Within `/api/` changes only add. What will go carries `Deprecation` and `Sunset` for 90 days.
"""
SPECTACULAR_SETTINGS = {
    "TITLE": "Daily Challenge API",
    "DESCRIPTION": API_DESCRIPTION,
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"persistAuthorization": True},
    "SCHEMA_PATH_PREFIX": "/api",
    "ENUM_NAME_OVERRIDES": {
        "ProblemStatus": "apps.problems.models.ProblemStatus",
        "Difficulty": "apps.problems.models.Difficulty",
        "VettingTier": "apps.problems.models.VettingTier",
        "TagType": "apps.tags.models.TagType",
        "SuggestionStatus": "apps.tags.models.SuggestionStatus",
        "SuggestionSource": "apps.tags.models.SuggestionSource",
        "MovePosition": "apps.tags.curation.MovePosition",
        "SubscriptionStatus": "apps.notifications.models.SubscriptionStatus",
        "DeliveryKind": "apps.notifications.models.DeliveryKind",
        "DeliveryStatus": "apps.notifications.serializers.DeliveryStatus",
        "Outcome": "apps.notifications.models.Outcome",
        "DifficultyFelt": "apps.notifications.models.DifficultyFelt",
        "ReasonCode": "apps.notifications.models.ReasonCode",
        "TodayState": "apps.notifications.today.TodayState",
        "Role": "apps.accounts.models.Role",
        "HealthState": "apps.core.serializers.HealthState",
    },
}
CORS_URLS_REGEX = r"^/api/.*$"
CORS_ALLOW_HEADERS = (
    "accept",
    "authorization",
    "content-type",
    "if-match",
    "if-none-match",
    "x-request-id",
)
CORS_EXPOSE_HEADERS = [
    "ETag",
    "Location",
    "Retry-After",
    "X-Request-ID",
    "RateLimit-Limit",
    "RateLimit-Remaining",
    "RateLimit-Reset",
]
