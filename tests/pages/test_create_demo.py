import json
import stat
from datetime import UTC, datetime, time
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.models import Role, User
from apps.notifications.models import ConsentEvent, Subscription
from apps.pages.demo import make_demo
from tests.factories import TagFactory

NOW = datetime(2026, 3, 1, 10, 5, 42, tzinfo=UTC)
ADDRESSES = ["admin@example.org", "curator@example.org", "demo@example.org"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path):
    settings.DEMO = True
    settings.DATA_DIR = tmp_path / "data"
    return settings.DATA_DIR


def passwords(data_dir):
    return json.loads((data_dir / "demo-accounts.json").read_text())


def test_three_verified_accounts_with_their_roles_and_a_random_password_each(data_dir):
    done = make_demo(now=NOW)

    assert done == [
        "admin@example.org: made",
        "curator@example.org: made",
        "demo@example.org: made",
        "demo@example.org: subscribed, every day at 10:05 UTC",
    ]
    users = {user.email: user for user in User.objects.all()}
    assert {email: user.role for email, user in users.items()} == {
        "admin@example.org": Role.ADMIN,
        "curator@example.org": Role.CURATOR,
        "demo@example.org": Role.SUBSCRIBER,
    }
    assert all(user.is_email_verified for user in users.values())
    assert all(users[email].check_password(word) for email, word in passwords(data_dir).items())
    assert len(set(passwords(data_dir).values())) == 3


def test_the_passwords_are_for_nobody_elses_eyes(data_dir):
    make_demo(now=NOW)

    assert stat.S_IMODE((data_dir / "demo-accounts.json").stat().st_mode) == 0o600
    assert [path.name for path in data_dir.iterdir()] == ["demo-accounts.json"]


def test_the_subscriber_is_due_at_once_with_interests_and_consent():
    python = TagFactory(name="Python")

    make_demo(now=NOW)

    subscription = Subscription.objects.get()
    assert subscription.user.email == "demo@example.org"
    assert subscription.delivery_time == time(10, 5)
    assert subscription.timezone == "UTC"
    assert subscription.next_delivery_at == datetime(2026, 3, 1, 10, 5, tzinfo=UTC)
    assert list(subscription.tags.all()) == [python]
    assert list(ConsentEvent.objects.values_list("action", "door")) == [("subscribed", "demo")]


def test_a_second_time_changes_nothing(data_dir):
    make_demo(now=NOW)
    before = list(User.objects.values()), list(Subscription.objects.values())
    kept = passwords(data_dir)

    assert make_demo() == []

    assert (list(User.objects.values()), list(Subscription.objects.values())) == before
    assert passwords(data_dir) == kept


def test_a_lost_data_folder_gives_new_passwords_that_work(data_dir):
    make_demo(now=NOW)
    (data_dir / "demo-accounts.json").unlink()

    done = make_demo()

    assert done == [f"{email}: given a new password" for email in ADDRESSES]
    for email, word in passwords(data_dir).items():
        assert User.objects.get(email=email).check_password(word)


def test_the_command_says_what_it_made():
    out = StringIO()

    call_command("create_demo", stdout=out)
    call_command("create_demo", stdout=out)

    assert out.getvalue().splitlines()[0] == "admin@example.org: made"
    assert out.getvalue().splitlines()[-1] == "All there."


def test_without_demo_it_refuses_and_makes_nobody(settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="only"):
        call_command("create_demo")

    assert not User.objects.exists()
