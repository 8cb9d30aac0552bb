"""How somebody looks through their deliveries."""

from typing import Any

import django_filters

from apps.core.filters import AnyOfFilter
from apps.notifications.models import Delivery, DeliveryKind, Outcome


class DayFilter(django_filters.DateFilter):
    """A calendar day, `YYYY-MM-DD`, and nothing that only looks like one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, input_formats=["%Y-%m-%d"], **kwargs)


class DeliveryFilter(django_filters.FilterSet):
    kind = AnyOfFilter(choices=DeliveryKind.choices)
    outcome = AnyOfFilter("reading__outcome", choices=Outcome.choices)
    local_date_after = DayFilter("local_date", "gte", label="From this day on.")
    local_date_before = DayFilter("local_date", "lte", label="Up to this day.")

    class Meta:
        model = Delivery
        fields: tuple[str, ...] = ()
