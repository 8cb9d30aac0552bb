"""Checks in fewer words: PostgreSQL reads them anew for each statement that writes.

Each is held to all rows while the table is locked, seconds for a million of them.
"""

import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

import apps.core.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("mail", "0004_find_what_did_not_arrive"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="outboundmail",
            name="outboundmail_status_known",
        ),
        migrations.RemoveConstraint(
            model_name="outboundmail",
            name="outboundmail_leased_while_worked_on",
        ),
        migrations.RemoveConstraint(
            model_name="outboundmail",
            name="outboundmail_sent_at_when_sent",
        ),
        migrations.RemoveConstraint(
            model_name="outboundmail",
            name="outboundmail_armed_before_sent",
        ),
        migrations.RemoveConstraint(
            model_name="suppression",
            name="suppression_kind_known",
        ),
        migrations.AddConstraint(
            model_name="outboundmail",
            constraint=models.CheckConstraint(
                condition=apps.core.constraints.IsOneOf(
                    "status",
                    [
                        "planned",
                        "claimed",
                        "sending",
                        "sent",
                        "uncertain",
                        "failed",
                        "cancelled",
                        "delivered",
                        "bounced",
                        "complained",
                    ],
                ),
                name="outboundmail_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="outboundmail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.Exact(
                        django.db.models.lookups.IsNull(models.F("lease_until"), False),
                        apps.core.constraints.IsOneOf("status", ("claimed", "sending")),
                    ),
                    django.db.models.lookups.Exact(
                        django.db.models.lookups.IsNull(models.F("lease_until"), False),
                        django.db.models.lookups.IsNull(models.F("lease_owner"), False),
                    ),
                ),
                name="outboundmail_leased_while_worked_on",
            ),
        ),
        migrations.AddConstraint(
            model_name="outboundmail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.Exact(
                        django.db.models.lookups.IsNull(models.F("sent_at"), False),
                        apps.core.constraints.IsOneOf(
                            "status", ("sent", "delivered", "bounced", "complained")
                        ),
                    )
                ),
                name="outboundmail_sent_at_when_sent",
            ),
        ),
        migrations.AddConstraint(
            model_name="outboundmail",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    apps.core.constraints.IsOneOf(
                        "status", ("planned", "claimed", "failed", "cancelled")
                    ),
                    models.Q(("attempts__gte", 1), models.Q(("message_id", ""), _negated=True)),
                    _connector="OR",
                ),
                name="outboundmail_armed_before_sent",
            ),
        ),
        migrations.AddConstraint(
            model_name="suppression",
            constraint=models.CheckConstraint(
                condition=apps.core.constraints.IsOneOf("kind", ["bounce", "complaint", "manual"]),
                name="suppression_kind_known",
            ),
        ),
    ]
