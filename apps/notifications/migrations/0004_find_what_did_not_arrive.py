"""What never arrived is found, and the last days are told from the last year, at any size."""

import django.contrib.postgres.indexes
import django.contrib.postgres.operations
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("notifications", "0003_readings")]

    operations = [
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(
                    ("status__in", ("uncertain", "failed", "cancelled", "bounced", "complained"))
                ),
                fields=["due_at"],
                name="delivery_not_arrived",
            ),
        ),
        django.contrib.postgres.operations.AddIndexConcurrently(
            model_name="delivery",
            index=django.contrib.postgres.indexes.BrinIndex(
                autosummarize=True, fields=["due_at"], name="delivery_by_time"
            ),
        ),
    ]
