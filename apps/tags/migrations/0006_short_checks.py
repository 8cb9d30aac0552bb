"""Checks in fewer words: PostgreSQL reads them anew for each statement that writes."""

from django.conf import settings
from django.db import migrations, models

import apps.core.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("tags", "0005_revised"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="tag",
            name="tag_tag_type_known",
        ),
        migrations.RemoveConstraint(
            model_name="tagname",
            name="tagname_kind_known",
        ),
        migrations.RemoveConstraint(
            model_name="tagsuggestion",
            name="tagsuggestion_status_known",
        ),
        migrations.RemoveConstraint(
            model_name="tagsuggestion",
            name="tagsuggestion_source_known",
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.CheckConstraint(
                condition=apps.core.constraints.IsOneOf(
                    "tag_type",
                    ["language", "skill_level", "topic", "framework", "tool", "domain", "concept"],
                ),
                name="tag_tag_type_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="tagname",
            constraint=models.CheckConstraint(
                condition=apps.core.constraints.IsOneOf("kind", ["primary", "alias", "redirect"]),
                name="tagname_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="tagsuggestion",
            constraint=models.CheckConstraint(
                condition=apps.core.constraints.IsOneOf(
                    "status", ["pending", "approved", "merged", "rejected"]
                ),
                name="tagsuggestion_status_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="tagsuggestion",
            constraint=models.CheckConstraint(
                condition=apps.core.constraints.IsOneOf(
                    "source", ["user", "author", "import", "pipeline"]
                ),
                name="tagsuggestion_source_known",
            ),
        ),
    ]
