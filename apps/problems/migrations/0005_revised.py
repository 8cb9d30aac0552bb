"""Every write to a problem or its tags is a new state of the problems, so that kept answers are made
anew.
"""

from django.db import migrations

from apps.core.revisions import revises


class Migration(migrations.Migration):
    dependencies = [("core", "0003_revisions"), ("problems", "0004_search_words")]

    operations = [
        revises("problems_problem", "problems"),
        revises("problems_problemtag", "problems"),
    ]
