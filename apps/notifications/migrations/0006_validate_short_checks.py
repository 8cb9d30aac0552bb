"""Looks through the rows that were there before their checks were written anew."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("notifications", "0005_short_checks")]

    operations = [
        ValidateConstraint(model_name="delivery", name=name)
        for name in (
            "delivery_status_known",
            "delivery_leased_while_worked_on",
            "delivery_sent_at_when_sent",
            "delivery_armed_before_sent",
            "delivery_kind_known",
            "delivery_reason_code_known",
        )
    ]
