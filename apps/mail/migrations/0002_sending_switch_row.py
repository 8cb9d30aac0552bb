"""The one row of the stop button; there is never another."""

from django.db import migrations


def make_row(apps, schema_editor):
    apps.get_model("mail", "SendingSwitch").objects.get_or_create(pk=1, defaults={"is_on": True})


class Migration(migrations.Migration):
    dependencies = [("mail", "0001_outbox_suppression_switch")]

    operations = [migrations.RunPython(make_row, migrations.RunPython.noop)]
