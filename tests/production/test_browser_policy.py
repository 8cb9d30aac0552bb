import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.contrib import admin
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.urls import reverse

from tests.factories import DeliveryFactory, TagFactory, UserFactory


def paths() -> list[str]:
    """The API's documents, the admin's first page, and the list of every model of ours in it."""
    ours = [m._meta for m in admin.site._registry if m.__module__.startswith("apps.")]
    lists = [reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist") for meta in ours]
    return ["/api/docs/", "/admin/", "/admin/django_celery_beat/periodictask/", *sorted(lists)]


def signed_in(user) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_no_page_needs_more_than_its_policy_allows(live_server, settings):
    settings.SESSION_COOKIE_SECURE = False
    settings.WHITENOISE_USE_FINDERS = True
    user = UserFactory(is_staff=True, is_superuser=True)
    TagFactory()
    DeliveryFactory()

    done = subprocess.run(
        [
            sys.executable,
            str(Path(__file__).with_name("visit.py")),
            shutil.which("chromium"),
            live_server.url,
            signed_in(user),
            *paths(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {path: [] for path in paths()}
