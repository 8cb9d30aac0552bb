from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.core.models import Heartbeat, ScheduleDefault
from apps.core.services import record_heartbeat
from tests.staff import admin_browser, curator_browser

HEARTBEATS = reverse("admin:core_heartbeat_changelist")
DEFAULTS = reverse("admin:core_scheduledefault_changelist")

pytestmark = pytest.mark.django_db


def test_a_pulse_is_alive_then_late_then_silent():
    now = timezone.now()
    for name, seconds in (("beat", 10), ("planner", 100), ("sender", 400)):
        Heartbeat.objects.create(name=name, beat_at=now - timedelta(seconds=seconds))

    page = admin_browser().get(HEARTBEATS)

    order = [page.text.index(f">\n\n{pulse}\n<") for pulse in ("alive", "late", "silent")]
    assert order == sorted(order)
    assert "6 min ago" in page.text


def test_signs_of_life_and_defaults_are_for_admins():
    ScheduleDefault.objects.create(name="Send mail", fingerprint="0123456789abcdef")

    statuses = [curator_browser().get(url).status_code for url in (HEARTBEATS, DEFAULTS)]
    page = admin_browser().get(DEFAULTS)

    assert statuses == [403, 403]
    assert "0123456789ab" in page.text


def test_a_row_named_with_signs_that_urls_reserve_has_a_page():
    record_heartbeat("queue.emails/1?")

    page = admin_browser().get(HEARTBEATS)
    link = page.context["cl"].url_for_result(page.context["cl"].result_list[0])

    assert admin_browser().get(link).status_code == 200
