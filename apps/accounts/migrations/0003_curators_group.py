"""Makes the group Curators, with what docs/operations.md (Roles) lets curators do.

A later migration that adds a model curators need grants it with the same function; a test
compares the group with the table and fails for a model that nobody decided about.
"""

from django.db import migrations

from apps.core.group_permissions import ALL, EDIT, VIEW, grant, revoke

GROUP = "Curators"
PERMISSIONS = {
    "tags.tag": ALL,
    "tags.tagname": ALL,
    "tags.tagsuggestion": ALL,
    "tags.tagsuggestionrequest": ALL,
    "problems.problem": ALL,
    "problems.problemtag": ALL,
    "problems.problemsuggestion": ALL,
    "core.alert": ALL,
    "notifications.delivery": VIEW,
    "notifications.subscription": VIEW,
    "mail.sendingswitch": EDIT,
    "django_celery_beat.periodictask": EDIT,
}


def make_group(apps, schema_editor):
    group = grant(apps, GROUP, PERMISSIONS)
    curators = apps.get_model("accounts", "User").objects.filter(is_staff=True, is_superuser=False)
    group.user_set.add(*curators)


def unmake_group(apps, schema_editor):
    revoke(apps, GROUP, PERMISSIONS)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_sign_ins_and_address_changes"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("core", "0001_alerts_heartbeats_schedules"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
        ("mail", "0002_sending_switch_row"),
        ("notifications", "0002_consent_append_only"),
        ("problems", "0002_bank_state_row"),
        ("tags", "0001_tree_names_suggestions"),
    ]

    operations = [migrations.RunPython(make_group, unmake_group)]
