"""The tree in a real browser: rows are dragged with the mouse."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from tests.staff import admin_browser
from tests.tags.outlines import outline, plant

_FIRST_THIRD, _MIDDLE = 0.1, 0.5


def session_of(client: Client) -> str:
    return client.cookies[django_settings.SESSION_COOKIE_NAME].value


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_rows_are_dragged_before_into_and_not_under_themselves(live_server, settings):
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.WHITENOISE_USE_FINDERS = True
    plant({"Languages": {"Python": {}, "Go": {}}, "Tools": {}})
    moves = [
        ["Go", "Python", _FIRST_THIRD],
        ["Python", "Tools", _MIDDLE],
        ["Tools", "Python", _MIDDLE],
    ]

    done = subprocess.run(
        [
            sys.executable,
            str(Path(__file__).with_name("drag.py")),
            shutil.which("chromium"),
            f"{live_server.url}{reverse('admin:tags_tag_changelist')}",
            session_of(admin_browser()),
            json.dumps(moves),
        ],
        capture_output=True,
        text=True,
        timeout=500,
    )

    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert "Moved “Go”." in said[0]
    assert "Moved “Python”." in said[1]
    assert "“Tools” cannot be put under itself or something below it." in said[2]
    assert outline() == {"Languages": {"Go": {}}, "Tools": {"Python": {}}}
