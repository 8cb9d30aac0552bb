"""Lets curators merge tags and take that back. Nobody edits or deletes the record of it."""

from django.db import migrations

from apps.core.group_permissions import grant, revoke

GROUP = "Curators"
PERMISSIONS = {"tags.tagmerge": ("view", "add", "change")}


def let(apps, schema_editor):
    grant(apps, GROUP, PERMISSIONS)


def let_no_more(apps, schema_editor):
    revoke(apps, GROUP, PERMISSIONS)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_curators_group"),
        ("tags", "0002_merges"),
    ]

    operations = [migrations.RunPython(let, let_no_more)]
