"""Checks in fewer words: PostgreSQL reads them anew for each statement that writes."""

from django.conf import settings
from django.db import migrations, models

import apps.core.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("problems", "0005_revised"),
        ("tags", "0006_short_checks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="problem",
            name="problem_status_known",
        ),
        migrations.RemoveConstraint(
            model_name="problem",
            name="problem_vetting_tier_known",
        ),
        migrations.AddConstraint(
            model_name="problem",
            constraint=models.CheckConstraint(
                condition=apps.core.constraints.IsOneOf(
                    "status", ["draft", "pending", "approved", "rejected", "archived"]
                ),
                name="problem_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="problem",
            constraint=models.CheckConstraint(
                condition=apps.core.constraints.IsOneOf(
                    "vetting_tier", ["tier1_manual", "tier2_ai", "tier3_needs_review"]
                ),
                name="problem_vetting_tier_known",
            ),
        ),
    ]
