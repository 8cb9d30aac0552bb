"""/unsubscribe/{token}/: one click, from a mail program or from the page (RFC 8058)."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from django.test import Client
from django.utils import timezone

from apps.notifications import links
from apps.notifications.models import ConsentEvent, Delivery, Subscription
from tests.factories import DeliveryFactory, SubscriptionFactory
from tests.looks import Mail

pytestmark = pytest.mark.django_db
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def subscription():
    return SubscriptionFactory()


@pytest.fixture
def client():
    """As a mail program posts: no cookie, and CSRF checks as strict as in production."""
    return Client(enforce_csrf_checks=True)


def _path(subscription) -> str:
    return f"/unsubscribe/{links.make_unsubscribe_token(subscription.pk)}/"


def _status(subscription) -> str:
    return Subscription.objects.get(pk=subscription.pk).status


@pytest.mark.parametrize("encoding", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_one_post_ends_it_at_once_without_cookie_or_redirect(client, subscription, encoding):
    planned = DeliveryFactory(subscription=subscription)
    if encoding == "multipart/form-data":
        response = client.post(_path(subscription), ONE_CLICK)
    else:
        response = client.post(
            _path(subscription), "List-Unsubscribe=One-Click", content_type=encoding
        )

    assert response.status_code == HTTPStatus.OK
    assert "You are unsubscribed" in Mail(response.content.decode()).words()
    assert response.cookies == {}
    assert _status(subscription) == "unsubscribed"
    assert Delivery.objects.get(pk=planned.pk).status == "cancelled"
    assert ConsentEvent.objects.values_list("action", "door").get() == ("unsubscribed", "mail")


def test_any_number_of_posts_end_it_once(client, subscription):
    for _ in range(3):
        assert client.post(_path(subscription), ONE_CLICK).status_code == HTTPStatus.OK

    assert ConsentEvent.objects.count() == 1


@pytest.mark.parametrize("method", ["get", "head"])
def test_a_scanner_that_follows_the_link_changes_nothing(client, subscription, method):
    response = getattr(client, method)(_path(subscription))

    assert response.status_code == HTTPStatus.OK
    assert response.cookies == {}
    assert _status(subscription) == "active"


def test_the_page_has_a_button_that_does_what_a_mail_program_does(client, subscription):
    html = client.get(_path(subscription)).content.decode()

    assert (
        '<form method="post"><input type="hidden" name="List-Unsubscribe" value="One-Click">'
        in html
    )
    assert subscription.user.email not in html


def test_a_three_year_old_link_works(client, subscription, time_machine):
    path = _path(subscription)
    time_machine.move_to(timezone.now() + timedelta(days=3 * 366))

    assert client.post(path, ONE_CLICK).status_code == HTTPStatus.OK

    assert _status(subscription) == "unsubscribed"


def test_for_a_subscription_that_is_gone_there_is_nothing_to_do(client, subscription):
    path = f"/unsubscribe/{links.make_unsubscribe_token(subscription.pk + 1000)}/"

    response = client.post(path, ONE_CLICK)

    assert response.status_code == HTTPStatus.OK
    assert "You are unsubscribed" in Mail(response.content.decode()).words()


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("", "application/x-www-form-urlencoded"),
        ("List-Unsubscribe=Two-Clicks", "application/x-www-form-urlencoded"),
        ('{"List-Unsubscribe": "One-Click"}', "application/json"),
        ("nonsense", "multipart/form-data; boundary=x"),
        ("nonsense", "multipart/form-data"),
        (b"\xff\xfe=\x00", "application/x-www-form-urlencoded"),
    ],
)
def test_another_body_is_refused_and_changes_nothing(client, subscription, body, content_type):
    response = client.post(_path(subscription), body, content_type=content_type)

    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert _status(subscription) == "active"


def test_an_altered_token_is_refused(client, subscription):
    path = _path(subscription)
    other = path[:-2] + ("A" if path[-2] != "A" else "B") + "/"

    response = client.post(other, ONE_CLICK)

    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert _status(subscription) == "active"


def test_a_token_of_another_purpose_is_refused(client, subscription):
    token = links.make_read_token(subscription.pk)

    assert client.post(f"/unsubscribe/{token}/", ONE_CLICK).status_code == HTTPStatus.BAD_REQUEST
    assert _status(subscription) == "active"


def test_somebody_elses_subscription_stays(client, subscription):
    other = SubscriptionFactory()

    client.post(_path(subscription), ONE_CLICK)

    assert _status(other) == "active"


def test_a_storm_on_one_link_is_slowed_and_says_for_how_long(client, subscription, settings):
    settings.RATE_LIMITS = settings.RATE_LIMITS | {"one_click": (2, 60)}
    path, other = _path(subscription), _path(SubscriptionFactory())

    answers = [client.post(path, ONE_CLICK) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[2]["Retry-After"]) <= 60
    assert client.post(other, ONE_CLICK).status_code == HTTPStatus.OK
