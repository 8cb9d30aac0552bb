import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders

from tests.config.test_environment import PRODUCTION
from tests.production.shape import ROOT


def manage(*words: str, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], **PRODUCTION, **changes}
    environment |= {
        "DATABASE_URL": os.environ["DATABASE_URL"],
        "REDIS_URL": os.environ["REDIS_URL"],
    }
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )


def test_djangos_deployment_checks_find_nothing():
    done = manage("check", "--deploy", "--fail-level", "WARNING")

    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


def test_no_migration_is_missing():
    done = manage("makemigrations", "--check", "--dry-run")

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("path", "directives"),
    [
        (
            "/nowhere/",
            {
                "default-src": "'none'",
                "script-src": "'self'",
                "style-src": "'self'",
                "style-src-attr": "'unsafe-inline'",
                "img-src": "'self' data:",
                "font-src": "'self'",
                "connect-src": "'self'",
                "manifest-src": "'self'",
                "form-action": "'self'",
                "frame-ancestors": "'none'",
                "base-uri": "'none'",
            },
        ),
        (
            "/admin/login/",
            {
                "script-src": "'self' 'unsafe-eval'",
                "style-src": "'self' 'unsafe-inline'",
                "frame-ancestors": "'self'",
                "default-src": "'none'",
                "base-uri": "'none'",
            },
        ),
    ],
)
@pytest.mark.django_db
def test_pages_are_held_to_a_strict_policy_and_only_the_admin_to_a_looser_one(
    client, path, directives
):
    header = client.get(path).headers["Content-Security-Policy"]
    found = dict(part.strip().split(" ", 1) for part in header.split(";"))

    assert directives.items() <= found.items()


def test_swagger_ui_gets_by_on_nonces(client):
    answer = client.get("/api/docs/")
    policy = answer.headers["Content-Security-Policy"]

    assert "unsafe-eval" not in policy
    assert "script-src 'self'" in policy
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    assert nonce
    assert f'<style nonce="{nonce}">' in answer.content.decode()
    assert "<script>" not in answer.content.decode()
    assert "'unsafe-inline'" not in policy.replace("style-src-attr 'unsafe-inline'", "")


def test_browsers_are_told_to_keep_the_machine_to_itself(client, settings):
    settings.SECURE_SSL_REDIRECT = True

    answer = client.get("/nowhere/", secure=True)

    assert {name: answer.headers[name] for name in ANY_ANSWER} == ANY_ANSWER
    assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "geolocation=()" in answer.headers["Permissions-Policy"]


ANY_ANSWER = {
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains; preload",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def test_cookies_travel_by_tls_alone(settings):
    assert settings.SESSION_COOKIE_SECURE is settings.CSRF_COOKIE_SECURE is True
    assert settings.SESSION_COOKIE_HTTPONLY is True
    assert settings.SESSION_COOKIE_SAMESITE == settings.CSRF_COOKIE_SAMESITE == "Lax"


def test_static_files_are_hashed_in_production():
    done = manage(
        "shell", "--no-imports", "-c",
        "from django.conf import settings; print(settings.STORAGES['staticfiles']['BACKEND'])",
    )  # fmt: skip

    assert done.stdout.strip() == "whitenoise.storage.CompressedManifestStaticFilesStorage"


def test_no_static_file_that_a_template_of_ours_names_is_missing():
    named = {
        path
        for template in (ROOT / "templates").rglob("*.html")
        for path in _static_names(template.read_text())
    }

    assert [name for name in named if not _finds(name)] == []


def _static_names(text: str) -> list[str]:
    return re.findall(r"{% static ['\"]([^'\"]+)['\"]", text)


def _finds(name: str) -> Path | None:
    return finders.find(name)
