import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from apps.core.models import ScheduleDefault
from apps.core.periodic_tasks import Cron, Every, period_of
from apps.core.schedules import fingerprint, sync_schedules
from config.schedules import DEFAULT_SCHEDULES
from tests.staff import admin_browser, curator_browser, queries_of

LIST = reverse("admin:django_celery_beat_periodictask_changelist")

pytestmark = pytest.mark.django_db


@pytest.fixture
def ours() -> PeriodicTask:
    sync_schedules(DEFAULT_SCHEDULES[:1])
    return PeriodicTask.objects.get()


@pytest.fixture
def theirs() -> PeriodicTask:
    interval = IntervalSchedule.objects.create(every=1, period="hours")
    return PeriodicTask.objects.create(
        name="Somebody's own", task="default.check_tree", interval=interval, queue="default"
    )


def page_of(task: PeriodicTask) -> str:
    return reverse("admin:django_celery_beat_periodictask_change", args=[task.pk])


def run_url(task: PeriodicTask) -> str:
    return reverse("admin:django_celery_beat_periodictask_run_it_now", args=[task.pk])


def asked(**changes):
    return {
        "enabled": "on",
        "rhythm": "interval",
        "every": "30",
        "unit": "seconds",
        "cron": "",
        "zone": "UTC",
    } | changes


def test_the_list_says_when_each_runs_and_whether_that_is_still_our_default(ours, theirs):
    ours.enabled = False
    ours.save()

    page = curator_browser().get(LIST)

    assert [row.name for row in page.context["cl"].result_list] == [ours.name, theirs.name]
    for words in ("every 30 s", "every 1 h", "edited", "added here"):
        assert words in page.text


def test_a_curator_changes_the_period_of_one_of_ours_and_the_next_deploy_keeps_it(ours):
    answer = curator_browser().post(page_of(ours), asked(every="2", unit="hours"), follow=True)

    sync_schedules(DEFAULT_SCHEDULES[:1])
    ours.refresh_from_db()
    assert answer.redirect_chain == [(LIST, 302)]
    assert period_of(ours) == Every(2, "hours")
    assert ours.expire_seconds == 6000
    assert fingerprint(ours) != ScheduleDefault.objects.get().fingerprint
    assert LogEntry.objects.count() == 1


def test_a_curator_sets_a_cron_line_and_switches_off_in_one_go(ours):
    curator_browser().post(
        page_of(ours), {"rhythm": "cron", "cron": "30 4 * * 1-5", "zone": "Europe/Berlin"}
    )

    ours.refresh_from_db()
    assert period_of(ours) == Cron("30 4 * * 1-5", "Europe/Berlin")
    assert not ours.enabled


def test_saving_without_a_change_leaves_the_row_as_we_delivered_it(ours):
    curator_browser().post(page_of(ours), asked())

    ours.refresh_from_db()
    assert fingerprint(ours) == ScheduleDefault.objects.get().fingerprint


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"every": ""}, "Choose between 5 seconds and 366 days."),
        ({"every": "1"}, "Choose between 5 seconds and 366 days."),
        ({"every": "99999999999999999999"}, "less than or equal to 10000000"),
        ({"unit": "fortnights"}, "Select a valid choice"),
        ({"rhythm": "cron", "cron": "0 4 * *"}, "A cron line has five parts"),
        ({"rhythm": "cron", "cron": "99 * * * *"}, "This cron line names no time."),
        ({"rhythm": "cron", "cron": "0 4 * * *", "zone": "Mars"}, "Select a valid choice"),
    ],
)
def test_a_period_that_means_nothing_is_refused_beside_its_field(ours, changes, complaint):
    page = curator_browser().post(page_of(ours), asked(**changes))

    ours.refresh_from_db()
    assert complaint in page.text
    assert period_of(ours) == Every(30, "seconds")


def test_what_a_task_does_cannot_be_changed_from_outside_even_by_an_admin(ours):
    admin_browser().post(
        page_of(ours),
        asked(name="x", task="os.system", args='["rm"]', kwargs='{"a": 1}', queue="emails"),
    )

    ours.refresh_from_db()
    expected = DEFAULT_SCHEDULES[0]
    assert (ours.name, ours.task, ours.args, ours.kwargs, ours.queue) == (
        expected.name,
        expected.task,
        "[]",
        "{}",
        expected.queue,
    )


def test_a_curator_only_looks_at_a_task_that_is_not_ours(theirs, published):
    curator = curator_browser()

    seen = curator.get(page_of(theirs))
    changed = curator.post(page_of(theirs), asked())
    run = curator.post(run_url(theirs), {"_form_submitted": "on"})
    in_bulk = curator.post(
        LIST, {"action": "switch_off", "_selected_action": [theirs.pk]}, follow=True
    )

    theirs.refresh_from_db()
    assert [seen.status_code, changed.status_code, run.status_code] == [200, 403, 403]
    assert 'name="every"' not in seen.text
    assert "Only an admin may do this" in in_bulk.text
    assert theirs.enabled
    assert published == []


def test_an_admin_changes_a_task_that_is_not_ours(theirs):
    admin_browser().post(page_of(theirs), asked(every="3", unit="days"))

    theirs.refresh_from_db()
    assert period_of(theirs) == Every(3, "days")


def test_run_now_publishes_the_task_once_by_name(
    ours, published, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        answer = curator_browser().post(run_url(ours), {"_form_submitted": "on"}, follow=True)

    assert published == [("default.plan_deliveries", (), {})]
    assert "Published; a worker will take it." in answer.text


def test_several_are_switched_off_and_on_and_run_at_once(
    ours, theirs, published, django_capture_on_commit_callbacks
):
    admin = admin_browser()
    chosen = {"_selected_action": [ours.pk, theirs.pk]}

    admin.post(LIST, {"action": "switch_off", **chosen})
    off = list(PeriodicTask.objects.values_list("enabled", flat=True))
    admin.post(LIST, {"action": "switch_on", **chosen})
    on = list(PeriodicTask.objects.values_list("enabled", flat=True))
    with django_capture_on_commit_callbacks(execute=True):
        admin.post(LIST, {"action": "run_all_now", **chosen})

    assert (off, on) == ([False, False], [True, True])
    assert {message[0] for message in published} == {
        "default.plan_deliveries",
        "default.check_tree",
    }


def test_nobody_adds_a_task_and_only_an_admin_deletes_one(ours):
    add = reverse("admin:django_celery_beat_periodictask_add")
    delete = reverse("admin:django_celery_beat_periodictask_delete", args=[ours.pk])

    statuses = [
        curator_browser().get(add).status_code,
        admin_browser().get(add).status_code,
        curator_browser().post(delete, {"post": "yes"}).status_code,
        admin_browser().post(delete, {"post": "yes"}).status_code,
    ]

    assert statuses == [403, 403, 403, 302]
    assert sync_schedules(DEFAULT_SCHEDULES[:1]) == {ours.name: "kept deleted"}


def test_the_list_takes_as_many_queries_for_three_rows_as_for_one(ours):
    curator = curator_browser()
    for_one = queries_of(curator, LIST)
    sync_schedules(DEFAULT_SCHEDULES[:3])

    for_three = queries_of(curator, LIST)

    assert PeriodicTask.objects.count() == 3
    assert for_three == for_one


@pytest.mark.parametrize("model", ["interval", "crontab", "solar", "clocked"])
def test_rows_that_tasks_share_are_only_looked_at(ours, model):
    url = reverse(f"admin:django_celery_beat_{model}schedule_changelist")
    add = reverse(f"admin:django_celery_beat_{model}schedule_add")

    statuses = [
        curator_browser().get(url).status_code,
        admin_browser().get(url).status_code,
        admin_browser().get(add).status_code,
    ]

    assert statuses == [403, 200, 403]
