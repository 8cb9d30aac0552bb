"""The one row that says when the bank last grew."""

from django.db import migrations
from django.utils import timezone


def make_row(apps, schema_editor):
    apps.get_model("problems", "BankState").objects.get_or_create(
        pk=1, defaults={"widened_at": timezone.now()}
    )


class Migration(migrations.Migration):
    dependencies = [("problems", "0001_problems_and_ranking")]

    operations = [migrations.RunPython(make_row, migrations.RunPython.noop)]
