"""P14: after unsubscribing, pausing or erasure has answered, nothing more leaves."""

import random
import time

from apps.notifications.models import Delivery
from apps.notifications.services import pause_subscription, unsubscribe
from tests.faults.crowd import planned_challenges
from tests.waiting import until


def test_nothing_is_armed_after_the_answer(begin, show):
    campaign = begin()
    planned_challenges(500)
    campaign.mail.behave({"at": "data", "do": "wait", "seconds": 0.01})
    campaign.tick_every_second()
    campaign.beat()
    campaign.worker(), campaign.worker()
    until(lambda: campaign.mail.taken_count() >= 20, within_s=90)

    answered = {}
    slowest = 0.0
    for _ in range(100):
        # Every other one is caught in the very moment of sending.
        under_way = Delivery.objects.filter(status=random.choice(["claimed", "sending"]))
        delivery = under_way.exclude(subscription__user__email__in=answered).order_by("?").first()
        if delivery is None:
            continue
        user = delivery.subscription.user
        began = time.monotonic()
        if random.random() < 0.5:
            unsubscribe(user=user, door="link")
        else:
            pause_subscription(user=user)
        slowest = max(slowest, time.monotonic() - began)
        answered[user.email] = time.time()
    until(lambda: not Delivery.objects.challenges().open().exists(), within_s=90)

    arrived = {entry["to"]: entry["at"] for entry in campaign.mail.taken()}
    late = [email for email, at in answered.items() if arrived.get(email, 0) > at]
    stopped = [email for email in answered if email not in arrived]
    assert late == []
    assert 0 < len(stopped) < len(answered)
    left = Delivery.objects.filter(subscription__user__email__in=stopped)
    assert set(left.values_list("status", flat=True)) == {"cancelled"}
    assert slowest < 3
    show(
        f"P14  {len(answered)} people leave while mail is sent: {len(stopped)} in time, "
        f"0 mails after the answer, the slowest answer {slowest:.2f} s"
    )
