"""P7: a mail whose making kills the worker fails alone, and costs nobody else theirs."""

import pytest

from apps.core.models import Alert
from apps.notifications.models import Delivery
from tests.factories import ProblemFactory
from tests.faults.campaign import PATIENCE_S, everything_is_settled, statuses
from tests.faults.crowd import planned_challenges
from tests.faults.poison.apps import TITLE
from tests.waiting import until


@pytest.mark.faults
def test_a_row_that_kills_its_worker_fails_after_three_claims_alone(begin, show):
    campaign = begin("tests.faults.poison", MAIL_LEASE_S=3)
    deliveries = planned_challenges(501)
    poison = deliveries[250]
    poison.problem = ProblemFactory(title=TITLE)
    poison.save()
    campaign.tick_every_second()
    campaign.beat()
    campaign.worker()

    until(everything_is_settled, within_s=PATIENCE_S)

    poison.refresh_from_db()
    assert (poison.status, poison.last_code) == ("failed", "poison")
    assert (poison.attempts, poison.solo_claims) == (0, 3)
    assert statuses() == {"sent": 500, "planned": 500, "failed": 1}
    assert campaign.mail.taken_count() == 500
    assert not Delivery.objects.filter(pk__in=[d.pk for d in deliveries], attempts__gt=1).exists()
    assert Alert.objects.get(kind="mail_poison").detail == {"rows": [poison.pk]}
    show("P7   a row that kills its worker among 500: 500 sent, it failed after 3 claims alone")
