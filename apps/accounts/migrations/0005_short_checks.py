"""Checks in fewer words: PostgreSQL reads them anew for each statement that writes."""

from django.db import migrations, models

import apps.core.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_second_factor_of_sign_ins"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="attemptcounter",
            name="attemptcounter_purpose_known",
        ),
        migrations.AddConstraint(
            model_name="attemptcounter",
            constraint=models.CheckConstraint(
                condition=apps.core.constraints.IsOneOf("purpose", ["sign_in", "mail"]),
                name="attemptcounter_purpose_known",
            ),
        ),
    ]
