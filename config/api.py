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
SPECTACULAR_SETTINGS = {
    "TITLE": "Daily Challenge API",
    "DESCRIPTION": "One engineering problem a day: tags, problems, your subscription, deliveries.",
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
        "SubscriptionStatus": "apps.notifications.models.SubscriptionStatus",
        "DeliveryKind": "apps.notifications.models.DeliveryKind",
        "DeliveryStatus": "apps.notifications.serializers.DeliveryStatus",
        "Outcome": "apps.notifications.models.Outcome",
        "DifficultyFelt": "apps.notifications.models.DifficultyFelt",
        "ReasonCode": "apps.notifications.models.ReasonCode",
        "TodayState": "apps.notifications.today.TodayState",
        "Mine": "apps.problems.access.Mine",
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
