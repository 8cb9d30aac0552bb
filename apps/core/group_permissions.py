"""Gives a group permissions of models, or takes them back. For migrations, with their state of the
models.

A permission's row is normally made after all migrations have run; here it is made at once.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.apps import apps as installed
from django.contrib.auth.management import create_permissions
from django.db.models import Q

VIEW = ("view",)
EDIT = ("view", "change")
ALL = ("view", "add", "change", "delete")

# Model label to actions, such as {"tags.tag": ALL}.
Permissions = Mapping[str, Iterable[str]]


def grant(apps: Any, group_name: str, permissions: Permissions) -> Any:
    """Give the group these permissions, and make the group when it is missing. Returns the group.

    LookupError when a model has no such permission, so that no typing error grants too little.
    """
    for app_label in {label.split(".")[0] for label in permissions}:
        create_permissions(installed.get_app_config(app_label), verbosity=0, apps=apps)
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=group_name)
    group.permissions.add(*_rows(apps, permissions))
    return group


def revoke(apps: Any, group_name: str, permissions: Permissions) -> None:
    """Take these permissions from the group; without any permissions and people it goes too."""
    group = apps.get_model("auth", "Group").objects.filter(name=group_name).first()
    if group is None:
        return
    group.permissions.remove(*_rows(apps, permissions))
    people = apps.get_model("accounts", "User").objects.filter(groups=group)
    if not group.permissions.exists() and not people.exists():
        group.delete()


def _rows(apps: Any, permissions: Permissions) -> list[Any]:
    wanted = list(_names(permissions))
    condition = Q(pk__in=())
    for app_label, model, codename in wanted:
        condition |= Q(
            content_type__app_label=app_label, content_type__model=model, codename=codename
        )
    rows = list(apps.get_model("auth", "Permission").objects.filter(condition))
    if len(rows) != len(wanted):
        found = {row.codename for row in rows}
        missing = [name for name in wanted if name[2] not in found]
        raise LookupError(f"No such permissions: {missing}")
    return rows


def _names(permissions: Permissions) -> Iterator[tuple[str, str, str]]:
    for label, actions in permissions.items():
        app_label, model = label.split(".")
        for action in actions:
            yield app_label, model, f"{action}_{model}"
