import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Role
from apps.core.models import Alert
from apps.core.services import acknowledge_alert, raise_alert, resolve_alert
from tests.staff import admin_browser, browser, curator_browser, person, queries_of

LIST = reverse("admin:core_alert_changelist")

pytestmark = pytest.mark.django_db


def acknowledge_url(alert: Alert) -> str:
    return reverse("admin:core_alert_acknowledge", args=[alert.pk])


def kinds(response) -> list[str]:
    return [alert.kind for alert in response.context["cl"].result_list]


def test_the_list_tells_open_from_acknowledged_and_resolved():
    raise_alert("supply_low", detail={"starved_subscriptions": 3})
    acknowledge_alert(alert_id=raise_alert("mail_poison").pk, by=None)
    raise_alert("sending_off")
    resolve_alert("sending_off")

    page = curator_browser().get(LIST)

    assert kinds(page) == ["sending_off", "mail_poison", "supply_low"]
    assert "starved_subscriptions: 3" in page.text
    for state in ("open", "acknowledged", "resolved"):
        assert f">\n\n{state}\n<" in page.text


@pytest.mark.parametrize(
    ("state", "expected"),
    [("open", ["supply_low"]), ("seen", ["mail_poison"]), ("resolved", ["sending_off"])],
)
def test_the_state_filter_shows_one_state(state, expected):
    raise_alert("supply_low")
    acknowledge_alert(alert_id=raise_alert("mail_poison").pk, by=None)
    raise_alert("sending_off")
    resolve_alert("sending_off")

    page = curator_browser().get(LIST, {"state": state})

    assert kinds(page) == expected


def test_a_curator_acknowledges_an_alert_and_the_row_remembers_who():
    alert = raise_alert("supply_low")
    curator = person(Role.CURATOR)

    answer = browser(curator).post(acknowledge_url(alert), {"_form_submitted": "on"})

    alert.refresh_from_db()
    assert answer.headers["Location"] == reverse("admin:core_alert_change", args=[alert.pk])
    assert alert.acknowledged_by == curator
    assert LogEntry.objects.get().get_change_message() == "Acknowledged."


def test_from_a_dialog_the_browser_is_led_on_by_a_header():
    alert = raise_alert("supply_low")

    answer = curator_browser().post(
        acknowledge_url(alert), {"_form_submitted": "on"}, headers={"HX-Request": "true"}
    )

    assert answer.headers["HX-Redirect"] == reverse("admin:core_alert_change", args=[alert.pk])


def test_a_get_shows_the_dialog_or_leads_to_the_row_and_changes_nothing():
    alert = raise_alert("supply_low")
    curator = curator_browser()

    dialog = curator.get(acknowledge_url(alert), headers={"HX-Request": "true"})
    page = curator.get(acknowledge_url(alert))

    alert.refresh_from_db()
    assert "Acknowledge this alert?" in dialog.text
    assert page.headers["Location"] == reverse("admin:core_alert_change", args=[alert.pk])
    assert alert.acknowledged_at is None


def test_several_are_acknowledged_at_once():
    alerts = [raise_alert("supply_low"), raise_alert("mail_poison")]

    answer = curator_browser().post(
        LIST,
        {"action": "acknowledge_all", "_selected_action": [alert.pk for alert in alerts]},
        follow=True,
    )

    assert Alert.objects.filter(acknowledged_at=None).count() == 0
    assert "Acknowledged. (2)" in answer.text


def test_without_the_token_of_the_form_nothing_is_done():
    alert = raise_alert("supply_low")
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person(Role.CURATOR))

    answer = strict.post(acknowledge_url(alert), {"_form_submitted": "on"})

    alert.refresh_from_db()
    assert answer.status_code == 403
    assert alert.acknowledged_at is None


def test_no_choice_of_a_filter_is_counted():
    raise_alert("supply_low")

    page = curator_browser().get(LIST, {"_facets": "True"})

    assert "Show counts" not in page.text
    assert "(1)" not in page.text


@pytest.mark.parametrize("row", ["0", "x", "99999999999999999999"])
def test_an_alert_that_is_not_there_is_said_to_be_gone(row):
    url = reverse("admin:core_alert_acknowledge", args=[row])

    answer = curator_browser().post(url, {"_form_submitted": "on"}, follow=True)

    assert answer.redirect_chain == [(LIST, 302)]
    assert "This row is not there any more." in answer.text


def test_nobody_edits_adds_or_deletes_an_alert():
    alert = raise_alert("supply_low")
    admin = admin_browser()

    edited = admin.post(reverse("admin:core_alert_change", args=[alert.pk]), {"kind": "x"})
    added = admin.get(reverse("admin:core_alert_add"))
    deleted = admin.post(reverse("admin:core_alert_delete", args=[alert.pk]), {"post": "yes"})

    assert [edited.status_code, added.status_code, deleted.status_code] == [403, 403, 403]
    assert Alert.objects.get().kind == "supply_low"


def test_the_list_takes_as_many_queries_for_three_rows_as_for_one():
    curator = curator_browser()
    raise_alert("kind 1")
    for_one = queries_of(curator, LIST)
    for number in (2, 3):
        acknowledge_alert(alert_id=raise_alert(f"kind {number}").pk, by=person(Role.CURATOR))

    for_three = queries_of(curator, LIST)

    assert len(kinds(curator.get(LIST))) == 3
    assert for_three == for_one
