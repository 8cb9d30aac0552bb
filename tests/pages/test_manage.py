"""/manage/{token}/: pause, hour, zone, days and interests, without signing in."""

from datetime import UTC, date, datetime, time
from http import HTTPStatus

import pytest

from apps.notifications import links
from apps.notifications.models import Subscription
from tests.factories import SubscriptionFactory, TagFactory
from tests.looks import Mail

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 23, 30, tzinfo=UTC)


@pytest.fixture
def subscription(time_machine):
    time_machine.move_to(NOW, tick=False)
    return SubscriptionFactory(
        timezone="Europe/Berlin",
        next_delivery_at=datetime(2026, 3, 4, 7, tzinfo=UTC),
        activated_at=NOW,
    )


def _path(subscription) -> str:
    return f"/manage/{links.make_manage_token(subscription.pk, subscription.user.email)}/"


def _form(**changes):
    wishes = {
        "action": "save",
        "delivery_time": "09:15",
        "timezone": "Asia/Kathmandu",
        "weekdays": ["1", "3"],
        "difficulties": ["easy", "hard"],
    }
    return wishes | changes


def _state(subscription) -> dict:
    fields = ("status", "paused_until", "delivery_time", "timezone", "weekdays", "difficulties")
    return Subscription.objects.values(*fields, "send_solutions").get(pk=subscription.pk)


def test_the_page_shows_what_is_chosen(client, subscription):
    subscription.tags.set([TagFactory(name="Python")])

    response = client.get(_path(subscription))

    html = response.content.decode()
    words = Mail(html).words()
    assert response.status_code == HTTPStatus.OK
    assert "The next challenge comes on Wednesday 4 March, 08:00 (Europe/Berlin)." in words
    assert 'name="delivery_time" type="time" step="60" required value="08:00"' in html
    assert 'value="Europe/Berlin"></p>' in html
    assert html.count('name="weekdays"') == html.count('name="difficulties"') + 4 == 7
    assert html.count(" checked") == 7 + 3 + 1 + 1
    assert "Python Python Everything under Python" in words
    assert subscription.user.email not in html


def test_wishes_are_saved(client, subscription):
    tags = [TagFactory(), TagFactory()]
    path = _path(subscription)

    response = client.post(path, _form(tags=[str(tag.pk) for tag in tags]))

    assert (response.status_code, response["Location"]) == (HTTPStatus.SEE_OTHER, f"{path}?saved=1")
    assert _state(subscription) == {
        "status": "active",
        "paused_until": None,
        "delivery_time": time(9, 15),
        "timezone": "Asia/Kathmandu",
        "weekdays": [1, 3],
        "difficulties": ["easy", "hard"],
        "send_solutions": False,
    }
    assert set(subscription.tags.all()) == set(tags)
    assert "Saved." in Mail(client.get(response["Location"]).content.decode()).words()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"delivery_time": "25:00"}, "Give hour and minute, as in 08:00."),
        ({"delivery_time": "8.5"}, "Give hour and minute, as in 08:00."),
        ({"timezone": "GMT+5"}, "This is not an IANA time zone name such as Europe/Berlin."),
        ({"timezone": "../../etc/passwd"}, "This is not an IANA time zone name"),
        ({"timezone": "Europe/Berlin\n\x00"}, "Null characters are not allowed."),
        ({"weekdays": []}, "Choose at least one day."),
        ({"weekdays": ["8"]}, "Select a valid choice."),
        ({"difficulties": []}, "Choose at least one."),
        ({"tags": ["0"]}, "Select a valid choice."),
        ({"tags": ["x' OR 1=1"]}, "is not a valid value."),
    ],
)
def test_a_wish_out_of_range_is_refused_beside_its_field(client, subscription, changes, words):
    before = _state(subscription)

    response = client.post(_path(subscription), _form(**changes))

    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert words in Mail(response.content.decode()).words()
    assert _state(subscription) == before


def test_at_most_ten_interests(client, subscription):
    tags = [str(TagFactory().pk) for _ in range(11)]

    response = client.post(_path(subscription), _form(tags=tags))

    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert "Choose at most 10 interests." in Mail(response.content.decode()).words()


@pytest.mark.parametrize(
    ("length", "until"),
    [("week", date(2026, 3, 11)), ("month", date(2026, 4, 3)), ("open", None), ("x", None)],
)
def test_a_pause_counts_from_the_readers_own_day(client, subscription, length, until):
    client.post(_path(subscription), {"action": "pause", "length": length})

    state = _state(subscription)
    assert (state["status"], state["paused_until"]) == ("paused", until)


def test_a_paused_one_says_until_when_and_can_be_resumed(client, subscription):
    path = _path(subscription)
    client.post(path, {"action": "pause", "length": "week"})

    paused = Mail(client.get(path).content.decode()).words()
    client.post(path, {"action": "resume"})

    assert "Mail begins again on Wednesday 11 March. Resume now" in paused
    assert _state(subscription)["status"] == "active"


def test_once_unsubscribed_there_is_nothing_to_change(client, subscription):
    path = _path(subscription)
    Subscription.objects.update(status="unsubscribed", next_delivery_at=None)

    words = Mail(client.get(path).content.decode()).words()
    response = client.post(path, {"action": "resume"})

    assert "You have unsubscribed, so no mail comes." in words
    assert response.status_code == HTTPStatus.CONFLICT
    assert _state(subscription)["status"] == "unsubscribed"


@pytest.mark.parametrize("body", [{}, {"action": "erase"}])
def test_an_unknown_action_is_refused(client, subscription, body):
    before = _state(subscription)

    assert client.post(_path(subscription), body).status_code == HTTPStatus.BAD_REQUEST
    assert _state(subscription) == before


def test_a_look_changes_nothing_and_sets_no_cookie(client, subscription):
    before = _state(subscription)

    response = client.get(f"{_path(subscription)}?action=pause&saved=1")

    assert response.cookies == {}
    assert _state(subscription) == before


def test_the_link_ends_when_the_address_changes(client, subscription):
    path = _path(subscription)
    subscription.user.email = "new@example.org"
    subscription.user.save()

    response = client.post(path, {"action": "pause", "length": "week"})

    assert response.status_code == HTTPStatus.BAD_REQUEST
    assert _state(subscription)["status"] == "active"
    assert client.get(_path(subscription)).status_code == HTTPStatus.OK


def test_the_whole_tree_costs_as_many_queries_as_a_twig(
    client, subscription, django_assert_num_queries
):
    for _ in range(2):
        with django_assert_num_queries(3):
            client.get(_path(subscription))
        root = TagFactory()
        TagFactory(parent=root)
