"""Keep the words of each problem, and an index over them: every search parsed every text."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("problems", "0003_derived_lists_unchecked")]

    operations = [
        migrations.AddField(
            "problem",
            "words",
            models.GeneratedField(
                db_persist=True,
                expression=SearchVector("title", weight="A", config="english")
                + SearchVector("statement", weight="B", config="english"),
                output_field=SearchVectorField(),
            ),
        ),
        migrations.AddIndex("problem", GinIndex(fields=["words"], name="problem_words")),
    ]
