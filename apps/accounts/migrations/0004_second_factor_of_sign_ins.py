"""Notes of each sign-in whether a second factor was shown, and names the failed ones."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_curators_group"),
        ("axes", "0010_accessattemptexpiration"),
    ]

    operations = [
        migrations.AddField(
            model_name="tokenfamily",
            name="has_second_factor",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Whether a code of a second device was shown besides the password.",
            ),
        ),
        migrations.CreateModel(
            name="FailedSignIn",
            fields=[],
            options={
                "verbose_name": "failed sign-in",
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("axes.accessattempt",),
        ),
    ]
