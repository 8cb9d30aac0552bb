"""What curators may do, as the migrations leave it, against the table of docs/operations.md."""

import importlib

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

from apps.accounts.models import Role, User
from apps.accounts.services import change_role
from apps.core.group_permissions import VIEW, grant, revoke
from tests.factories import UserFactory

ALL = {"view", "add", "change", "delete"}
FOR_CURATORS = {
    "core.alert": ALL,
    "django_celery_beat.periodictask": {"view", "change"},
    "mail.sendingswitch": {"view", "change"},
    "notifications.delivery": {"view"},
    "notifications.subscription": {"view"},
    "problems.problem": ALL,
    "problems.problemsuggestion": ALL,
    "problems.problemtag": ALL,
    "tags.tag": ALL,
    "tags.tagmerge": {"view", "add", "change"},
    "tags.tagname": ALL,
    "tags.tagsuggestion": ALL,
    "tags.tagsuggestionrequest": ALL,
}
FOR_ADMINS_ONLY = {
    "accounts.attemptcounter",
    "accounts.emailchange",
    "accounts.failedsignin",
    "accounts.tokenfamily",
    "accounts.user",
    "core.heartbeat",
    "core.scheduledefault",
    "core.tally",
    "mail.mailboxmessage",
    "mail.outboundmail",
    "mail.sendingpace",
    "mail.suppression",
    "notifications.consentevent",
    "notifications.reading",
    "notifications.subscriptiontag",
    "problems.bankstate",
    "problems.rankedproblem",
    # Whoever may see a tag may see its history.
    "tags.historicaltag",
}

pytestmark = pytest.mark.django_db


def held_by(group_name: str) -> dict[str, set[str]]:
    held: dict[str, set[str]] = {}
    for row in Permission.objects.filter(group__name=group_name).select_related("content_type"):
        action, _, model = row.codename.rpartition("_")
        held.setdefault(f"{row.content_type.app_label}.{model}", set()).add(action)
    return held


def test_curators_hold_exactly_what_the_table_of_roles_says():
    assert held_by("Curators") == FOR_CURATORS


def test_somebody_decided_about_every_model_of_ours():
    ours = {
        model._meta.label_lower
        for model in apps.get_models()
        if model.__module__.startswith("apps.")
    }

    assert ours == {*FOR_CURATORS, *FOR_ADMINS_ONLY} - {"django_celery_beat.periodictask"}


def test_becoming_a_curator_and_ceasing_to_be_one_adds_and_removes_the_group():
    user = UserFactory()

    change_role(user_id=user.pk, role=Role.CURATOR, by=None)
    as_curator = User.objects.get(pk=user.pk).get_all_permissions()
    change_role(user_id=user.pk, role=Role.SUBSCRIBER, by=None)
    as_subscriber = User.objects.get(pk=user.pk).get_all_permissions()

    assert "tags.change_tag" in as_curator
    assert "accounts.view_user" not in as_curator
    assert as_subscriber == set()


def test_the_migration_takes_back_what_it_gave_and_gives_it_again():
    migration = importlib.import_module("apps.accounts.migrations.0003_curators_group")
    merging = importlib.import_module("apps.tags.migrations.0003_curators_merge")
    curator = UserFactory(is_staff=True)

    merging.let_no_more(apps, None)
    migration.unmake_group(apps, None)

    assert not Group.objects.filter(name="Curators").exists()

    migration.make_group(apps, None)
    merging.let(apps, None)

    assert held_by("Curators") == FOR_CURATORS
    assert list(curator.groups.values_list("name", flat=True)) == ["Curators"]


def test_a_group_that_still_has_people_survives_the_way_back():
    migration = importlib.import_module("apps.accounts.migrations.0003_curators_group")
    merging = importlib.import_module("apps.tags.migrations.0003_curators_merge")
    curator = UserFactory(is_staff=True)
    curator.groups.add(Group.objects.get(name="Curators"))

    merging.let_no_more(apps, None)
    migration.unmake_group(apps, None)

    assert held_by("Curators") == {}
    assert list(curator.groups.values_list("name", flat=True)) == ["Curators"]


def test_granting_twice_is_granting_once_and_revoking_nothing_is_no_error():
    grant(apps, "Readers", {"tags.tag": VIEW})
    grant(apps, "Readers", {"tags.tag": VIEW})
    granted = held_by("Readers")

    revoke(apps, "Readers", {"tags.tag": VIEW})
    revoke(apps, "Readers", {"tags.tag": VIEW})

    assert granted == {"tags.tag": {"view"}}
    assert not Group.objects.filter(name="Readers").exists()


def test_a_permission_that_does_not_exist_is_refused_by_name():
    with pytest.raises(LookupError, match="peruse_tag"):
        grant(apps, "Readers", {"tags.tag": ["view", "peruse"]})
