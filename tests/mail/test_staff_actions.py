import pytest

from apps.core.errors import ConflictError
from apps.mail.staff_actions import cancel
from tests.factories import DeliveryFactory, OutboundMailFactory, SentDeliveryFactory

NOON = "2026-11-23T12:00Z"
LEASE = {
    "lease_until": NOON,
    "lease_owner": "00000000-0000-0000-0000-000000000001",
}

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("lease", [{"status": "planned"}, {"status": "claimed", **LEASE}])
@pytest.mark.parametrize("make", [DeliveryFactory, OutboundMailFactory])
def test_a_mail_that_is_not_armed_yet_is_cancelled_whatever_its_outbox(make, lease):
    row, other = make(**lease), make(**lease)

    cancel(row=row, by=None)

    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.status, row.last_code, row.lease_owner) == ("cancelled", "cancelled_by_staff", None)
    assert other.status == lease["status"]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"status": "failed", "sent_at": None},
        {"status": "sending", "sent_at": None, **LEASE},
        {"status": "cancelled", "sent_at": None},
    ],
)
@pytest.mark.parametrize("make", [SentDeliveryFactory, OutboundMailFactory])
def test_a_mail_that_is_under_way_or_over_is_left_as_it_is(make, fields):
    sent = {"status": "sent", "attempts": 1, "message_id": "<1@x>", "sent_at": NOON}
    row = make(**sent | fields)
    before = type(row).objects.filter(pk=row.pk).values().get()

    with pytest.raises(ConflictError) as refused:
        cancel(row=row, by=None)

    assert refused.value.code == "not_cancellable"
    assert type(row).objects.filter(pk=row.pk).values().get() == before
