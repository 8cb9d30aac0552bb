"""Every write to a tag is a new state of the tags, so that kept answers are made anew."""

from django.db import migrations

from apps.core.revisions import revises


class Migration(migrations.Migration):
    dependencies = [("core", "0003_revisions"), ("tags", "0004_tag_history")]

    operations = [revises("tags_tag", "tags")]
