"""The contract as a whole: the committed schema, the public routes, and the words of errors."""

import ast
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from drf_spectacular.generators import SchemaGenerator

from apps.core.endpoints import Endpoint
from apps.core.error_codes import all_codes
from tests.routes import calls, routes

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "docs" / "openapi.yaml"

# Whoever adds a line here lets everybody make this call without signing in.
PUBLIC = {
    "GET docs",
    "GET health-live",
    "GET health-ready",
    "GET health-status",
    "GET problem-detail",
    "GET problem-list",
    "GET schema",
    "GET tag-detail",
    "GET tag-list",
    "GET tag-tree",
    "GET time-zones",
    "POST email-confirm",
    "POST email-undo",
    "POST password-forgot",
    "POST password-reset",
    "POST register",
    "POST resend-verification",
    "POST token",
    "POST token-refresh",
    "POST token-revoke",
    "POST verify-email",
}
_RAISED = {
    "ConflictError",
    "NotFoundError",
    "InvalidInputError",
    "AuthenticationError",
    "ForbiddenError",
    "RateLimitedError",
}


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


@pytest.fixture(scope="module")
def operations(schema):
    return [
        operation
        for path in schema["paths"].values()
        for method, operation in path.items()
        if method in ("get", "post", "put", "patch", "delete")
    ]


def test_the_committed_schema_is_what_the_views_say():
    written = StringIO()

    call_command("spectacular", "--validate", "--fail-on-warn", stdout=written)

    assert COMMITTED.read_text() == written.getvalue(), (
        "Run: python manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml"
    )


def test_every_public_call_is_named_above():
    assert {call for call, view in calls() if view.is_public()} == PUBLIC


def test_every_route_is_an_endpoint_of_ours():
    strangers = {
        name for name, pattern in routes() if not issubclass(pattern.callback.cls, Endpoint)
    }

    assert strangers == set()


def test_every_route_has_a_name_of_its_own():
    names = [name for name, _ in routes()]

    assert len(names) == len(set(names))
    assert None not in names


def test_every_operation_says_who_may_call_and_how_it_fails(operations):
    for operation in operations:
        assert operation["security"], operation["operationId"]
        assert operation["summary"], operation["operationId"]
        assert {"400", "406", "500", "503"} <= operation["responses"].keys()


def test_operation_ids_are_unique(operations):
    ids = [operation["operationId"] for operation in operations]

    assert len(ids) == len(set(ids))


def test_every_success_with_a_body_and_every_body_has_an_example(operations):
    without = set()
    for operation in operations:
        described = [operation.get("requestBody", {})] + [
            response for status, response in operation["responses"].items() if status[0] == "2"
        ]
        for each in described:
            for content in each.get("content", {}).values():
                if not content.get("examples"):
                    without.add(operation["operationId"])

    assert without == set()


def test_every_enum_has_a_name_that_we_chose(schema):
    named = {name for name, each in schema["components"]["schemas"].items() if "enum" in each}

    assert named - settings.SPECTACULAR_SETTINGS["ENUM_NAME_OVERRIDES"].keys() == {"ErrorCode"}
    assert {"ProblemStatus", "DeliveryStatus", "SubscriptionStatus", "TagType"} <= named


def raised_codes(source):
    """The words of errors raised without a field; those with one are words of fields."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in _RAISED:
            continue
        given = {keyword.arg: keyword.value for keyword in node.keywords}
        if "field" not in given and isinstance(given.get("code"), ast.Constant):
            yield given["code"].value


def declared_codes(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ClassDef) and node.name.endswith("Error"):
            for line in node.body:
                if isinstance(line, ast.Assign) and getattr(line.targets[0], "id", "") == "code":
                    yield line.value.value


def test_every_word_of_an_error_is_in_the_schema():
    sources = [path.read_text() for path in (ROOT / "apps").rglob("*.py")]
    words = {
        code for source in sources for code in (*raised_codes(source), *declared_codes(source))
    }

    assert words - all_codes().keys() == set()
    assert {"last_admin", "not_subscribed", "tag_name_taken"} <= words
