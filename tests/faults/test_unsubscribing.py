"""P14: after unsubscribing, pausing or erasure has answered, nothing more leaves."""

import random
import time

from apps.accounts.services import erase_user
from apps.notifications.models import Delivery
from apps.notifications.services import pause_subscription, unsubscribe
from tests.faults.campaign import PATIENCE_S
from tests.faults.crowd import planned_challenges
from tests.waiting import until

PASSWORD = "a horse in the rain"


def leave(user):
    """By one of the ways in which people leave."""
    way = random.choice(["unsubscribe", "pause", "erase"])
    if way == "unsubscribe":
        unsubscribe(user=user, door="link")
    elif way == "pause":
        pause_subscription(user=user)
    else:
        erase_user(user=user, current_password=PASSWORD)


def test_nothing_is_armed_after_the_answer(begin, show):
    campaign = begin()
    planned_challenges(500)
    campaign.mail.behave({"at": "data", "do": "wait", "seconds": 0.01})
    campaign.tick_every_second()
    campaign.beat()
    campaign.worker(), campaign.worker()
    until(lambda: campaign.mail.taken_count() >= 20, within_s=PATIENCE_S)

    answered, rows = {}, {}
    slowest = 0.0
    for _ in range(100):
        # Every other one is caught in the very moment of sending.
        under_way = Delivery.objects.filter(status=random.choice(["claimed", "sending"]))
        delivery = under_way.exclude(pk__in=rows.values()).order_by("?").first()
        if delivery is None:
            continue
        user = delivery.subscription.user
        email = user.email
        user.set_password(PASSWORD)
        user.save()
        began = time.monotonic()
        leave(user)
        slowest = max(slowest, time.monotonic() - began)
        answered[email], rows[email] = time.time(), delivery.pk
    until(lambda: not Delivery.objects.challenges().open().exists(), within_s=PATIENCE_S)

    arrived = {entry["to"]: entry["at"] for entry in campaign.mail.taken()}
    late = [email for email, at in answered.items() if arrived.get(email, 0) > at]
    stopped = [pk for email, pk in rows.items() if email not in arrived]
    assert late == []
    assert 0 < len(stopped) < len(answered)
    left = Delivery.objects.filter(pk__in=stopped)
    assert set(left.values_list("status", flat=True)) == {"cancelled"}
    assert slowest < 3
    show(
        f"P14  {len(answered)} people leave while mail is sent: {len(stopped)} in time, "
        f"0 mails after the answer, the slowest answer {slowest:.2f} s"
    )
