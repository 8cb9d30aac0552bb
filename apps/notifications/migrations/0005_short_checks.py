"""Checks in fewer words: PostgreSQL reads them anew for each statement that writes.

Each is held to all rows while the table is locked, seconds for a million of them.
"""

import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

import apps.core.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0004_find_what_did_not_arrive"),
        ("problems", "0006_short_checks"),
        ("tags", "0006_short_checks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="consentevent",
            name="consentevent_action_known",
        ),
        migrations.RemoveConstraint(
            model_name="delivery",
            name="delivery_status_known",
        ),
        migrations.RemoveConstraint(
            model_name="delivery",
            name="delivery_leased_while_worked_on",
        ),
        migrations.RemoveConstraint(
            model_name="delivery",
            name="delivery_sent_at_when_sent",
        ),
        migrations.RemoveConstraint(
            model_name="delivery",
            name="delivery_armed_before_sent",
        ),
        migrations.RemoveConstraint(
            model_name="delivery",
            name="delivery_kind_known",
        ),
        migrations.RemoveConstraint(
            model_name="delivery",
            name="delivery_reason_code_known",
        ),
        migrations.RemoveConstraint(
            model_name="subscription",
            name="subscription_status_known",
        ),
        migrations.AddConstraint(
            model_name="consentevent",
            constraint=models.CheckConstraint(
                condition=apps.core.constraints.IsOneOf("action", ["subscribed", "unsubscribed"]),
                name="consentevent_action_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
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
                name="delivery_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
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
                name="delivery_leased_while_worked_on",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.Exact(
                        django.db.models.lookups.IsNull(models.F("sent_at"), False),
                        apps.core.constraints.IsOneOf(
                            "status", ("sent", "delivered", "bounced", "complained")
                        ),
                    )
                ),
                name="delivery_sent_at_when_sent",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    apps.core.constraints.IsOneOf(
                        "status", ("planned", "claimed", "failed", "cancelled")
                    ),
                    models.Q(("attempts__gte", 1), models.Q(("message_id", ""), _negated=True)),
                    _connector="OR",
                ),
                name="delivery_armed_before_sent",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=apps.core.constraints.IsOneOf("kind", ["challenge", "solution"]),
                name="delivery_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=apps.core.constraints.IsOneOf(
                    "reason_code", ["interest", "parent", "any"]
                ),
                name="delivery_reason_code_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="subscription",
            constraint=models.CheckConstraint(
                condition=apps.core.constraints.IsOneOf(
                    "status", ["active", "paused", "unsubscribed"]
                ),
                name="subscription_status_known",
            ),
        ),
    ]
