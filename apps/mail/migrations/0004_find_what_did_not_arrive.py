"""What never arrived is found, and the last days are told from the last year, at any size."""

import django.contrib.postgres.indexes
import django.contrib.postgres.operations
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("mail", "0003_pace_and_identity")]

    operations = [
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="outboundmail",
            index=models.Index(
                condition=models.Q(
                    ("status__in", ("uncertain", "failed", "cancelled", "bounced", "complained"))
                ),
                fields=["due_at"],
                name="outboundmail_not_arrived",
            ),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="outboundmail",
            index=django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True, fields=["due_at"], name="outboundmail_by_time"
            ),
        ),
    ]
