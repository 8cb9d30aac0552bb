"""Looks through the rows that were there before their checks were written anew."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("mail", "0005_short_checks")]

    operations = [
        ValidateConstraint(model_name="outboundmail", name=name)
        for name in (
            "outboundmail_status_known",
            "outboundmail_leased_while_worked_on",
            "outboundmail_sent_at_when_sent",
            "outboundmail_armed_before_sent",
        )
    ]
