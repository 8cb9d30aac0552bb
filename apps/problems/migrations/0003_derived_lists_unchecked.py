"""The ranked lists are derived: checking their references row by row cost more than all else of an import."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("problems", "0002_bank_state_row")]

    operations = [
        migrations.AlterField(
            model_name="rankedproblem",
            name="problem",
            field=models.ForeignKey(
                db_constraint=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="ranked",
                to="problems.problem",
            ),
        ),
        migrations.AlterField(
            model_name="rankedproblem",
            name="tag",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tags.tag",
            ),
        ),
    ]
