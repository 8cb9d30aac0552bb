"""How fast we send, in one row; and which database sending was allowed for."""

import django.utils.timezone
from django.db import migrations, models


def make_row(apps, schema_editor):
    apps.get_model("mail", "SendingPace").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("mail", "0002_sending_switch_row")]

    operations = [
        migrations.AddField(
            model_name="sendingswitch",
            name="database_identity",
            field=models.CharField(blank=True, editable=False, max_length=60),
        ),
        migrations.CreateModel(
            name="SendingPace",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False),
                ),
                ("next_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("day", models.DateField(default=django.utils.timezone.localdate)),
                ("day_count", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name_plural": "sending pace",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="sendingpace_single_row"
                    )
                ],
            },
        ),
        migrations.RunPython(make_row, migrations.RunPython.noop),
    ]
