from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django_otp.plugins.otp_totp.models import TOTPDevice

from apps.accounts.models import Role
from apps.mail.models import SendingSwitch
from apps.mail.services import turn_sending_off
from tests.accounts.authenticator import code_of, enrol
from tests.factories import DeliveryFactory, OutboundMailFactory, SentDeliveryFactory
from tests.staff import admin_browser, browser, curator_browser, person, queries_of

QUEUE = reverse("admin:mail_sendingswitch_changelist")
STOP = reverse("admin:mail_sendingswitch_stop", args=[1])
START = reverse("admin:mail_sendingswitch_start", args=[1])
SUBMITTED = {"_form_submitted": "on"}

pytestmark = pytest.mark.django_db


def is_on() -> bool:
    return SendingSwitch.objects.get().is_on


def test_a_curator_stops_sending_and_says_why():
    curator = person(Role.CURATOR)

    answer = browser(curator).post(STOP, SUBMITTED | {"reason": "Wrong solutions"}, follow=True)

    switch = SendingSwitch.objects.get()
    assert (switch.is_on, switch.reason, switch.changed_by) == (False, "Wrong solutions", curator)
    assert answer.redirect_chain == [(QUEUE, 302)]
    assert "Sending is stopped." in answer.text


@pytest.mark.parametrize("reason", ["", "   ", "x" * 201])
def test_without_a_good_reason_nothing_is_stopped(reason):
    dialog = curator_browser().post(
        STOP, SUBMITTED | {"reason": reason}, headers={"HX-Request": "true"}
    )

    assert is_on()
    assert "HX-Redirect" not in dialog.headers
    assert dialog.context["form"].errors["reason"]


def test_only_an_admin_starts_again():
    turn_sending_off(reason="Wrong solutions")

    refused = curator_browser().post(START, SUBMITTED)
    still_off = is_on()
    admin_browser().post(START, SUBMITTED)

    assert (refused.status_code, still_off, is_on()) == (403, False, True)


def test_a_get_stops_and_starts_nothing():
    admin_browser().get(STOP)
    admin_browser().get(STOP, headers={"HX-Request": "true"})
    assert is_on()

    turn_sending_off(reason="Wrong solutions")
    admin_browser().get(START)
    assert not is_on()


def test_every_page_says_so_while_sending_is_stopped():
    turn_sending_off(reason="Wrong solutions <b>", by=person(Role.ADMIN, display_name="Ada"))
    pages = [
        reverse("admin:index"),
        QUEUE,
        reverse("admin:core_alert_changelist"),
        reverse("admin:notifications_delivery_changelist"),
        reverse("admin:notifications_delivery_change", args=[DeliveryFactory().pk]),
        reverse("admin:password_change"),
        reverse("admin:second_factor_set_up"),
        reverse("admin:second_factor_manage"),
        reverse("admin:app_list", args=["core"]),
    ]

    for role in (curator_browser(), admin_browser()):
        for url in pages:
            page = role.get(url).text
            assert "desk-alarm" in page, url
            assert "Wrong solutions &lt;b&gt;" in page
            assert "by Ada" in page


def test_the_page_of_recovery_codes_says_so_too():
    set_up, ada = reverse("admin:second_factor_set_up"), admin_browser()
    turn_sending_off(reason="Wrong solutions")
    ada.get(set_up)

    page = ada.post(set_up, {"code": code_of(TOTPDevice.objects.get())})

    assert "They are shown this one time." in page.text
    assert "desk-alarm" in page.text
    assert "Wrong solutions" in page.text


def test_whoever_owes_a_code_is_not_told(settings):
    settings.ADMIN_OTP_REQUIRED = True
    ada = person(Role.ADMIN)
    enrol(ada)
    turn_sending_off(reason="Secret")

    page = browser(ada).get(reverse("admin:index"), follow=True)

    assert page.redirect_chain[-1][0].startswith(reverse("admin:second_factor"))
    assert "Secret" not in page.text


def test_no_page_says_so_while_sending_is_on_and_none_to_strangers():
    assert "desk-alarm" not in admin_browser().get(reverse("admin:index")).text

    turn_sending_off(reason="Secret")
    login = browser().get(reverse("admin:login"))

    assert login.status_code == 200
    assert "Secret" not in login.text


def test_the_queue_offers_to_stop_while_on_and_to_start_while_off():
    assert STOP in curator_browser().get(QUEUE).text

    turn_sending_off(reason="Wrong solutions")

    curators, admins = curator_browser().get(QUEUE).text, admin_browser().get(QUEUE).text
    assert STOP not in curators
    assert START not in curators
    assert START in admins


def test_the_queue_shows_how_each_outbox_stands():
    now = timezone.now()
    DeliveryFactory(due_at=now - timedelta(minutes=7))
    DeliveryFactory(due_at=now + timedelta(hours=1))
    SentDeliveryFactory(status="failed", sent_at=None, due_at=now - timedelta(hours=2))
    SentDeliveryFactory(sent_at=now - timedelta(minutes=1))
    OutboundMailFactory(due_at=now)

    page = curator_browser().get(QUEUE)

    queues = {queue["standing"].title: queue for queue in page.context["queues"]}
    deliveries = queues["deliveries"]
    standing, throughput = deliveries["standing"], deliveries["throughput"]
    assert (standing.due, standing.planned, throughput.failed) == (1, 2, 1)
    assert (deliveries["oldest"], throughput.sent_last_hour) == ("7 min", 1)
    assert queues["outbound mails"]["standing"].due == 1
    assert queues["outbound mails"]["list_url"] == ""
    assert deliveries["list_url"] == reverse("admin:notifications_delivery_changelist")
    assert "<canvas" in page.text


def test_an_hour_without_a_mail_is_told_in_words_instead_of_an_empty_chart():
    page = curator_browser().get(QUEUE).text

    assert "No mail left in the last hour." in page
    assert "<canvas" not in page


def test_the_queue_takes_as_many_queries_for_three_mails_as_for_one():
    curator = curator_browser()
    DeliveryFactory()
    for_one = queries_of(curator, QUEUE)
    SentDeliveryFactory()
    OutboundMailFactory()

    assert queries_of(curator, QUEUE) == for_one


def test_the_queue_is_for_staff_alone():
    subscriber = browser(person(Role.SUBSCRIBER)).get(QUEUE)
    plain_staff = browser(person(Role.SUBSCRIBER, is_staff=True))

    assert subscriber.status_code == 302
    assert plain_staff.get(QUEUE).status_code in (302, 403)
