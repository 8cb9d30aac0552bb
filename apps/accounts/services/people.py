"""What becomes of people: their name, their role, whether they may sign in, and their erasure."""

import uuid

import structlog
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q

from apps.accounts import events, lockout, sessions
from apps.accounts.models import ERASED_DOMAIN, Role, User
from apps.accounts.services.passwords import require_password
from apps.accounts.services.second_factor import forget_devices
from apps.core.errors import ConflictError, NotFoundError
from apps.mail.models import MailboxMessage, OutboundMail

log = structlog.get_logger(__name__)

CURATORS = "Curators"


@transaction.atomic
def rename_user(*, user: User, display_name: str | None = None) -> User:
    """Change what somebody is called; None changes nothing."""
    if display_name is not None:
        user.display_name = display_name
        user.save(update_fields=["display_name"])
    return user


@transaction.atomic
def change_role(*, user_id: int, role: Role | str, by: User | None) -> User:
    """Give somebody a role: flags and group together.

    ConflictError `last_admin` for the last one who is admin.
    """
    user = _locked(user_id, leaves_admin=role != Role.ADMIN)
    role = Role(role)
    if user.role == role:
        return user
    user.is_staff = role in (Role.CURATOR, Role.ADMIN)
    user.is_superuser = role == Role.ADMIN
    user.save(update_fields=["is_staff", "is_superuser"])
    log.info("role_changed", user=user.pk, role=role, by=by.pk if by else None)
    curators, _ = Group.objects.get_or_create(name=CURATORS)
    if role == Role.CURATOR:
        user.groups.add(curators)
    else:
        user.groups.remove(curators)
    if role == Role.SUBSCRIBER:
        # They could not look after it any more, and have nothing left that needs it.
        forget_devices(user)
    return user


@transaction.atomic
def set_active(*, user_id: int, is_active: bool, by: User | None) -> User:
    """Let somebody sign in or not; deactivating ends every session. ConflictError `last_admin`."""
    user = _locked(user_id, leaves_admin=not is_active)
    if user.is_active == is_active:
        return user
    if not is_active:
        sessions.end_all(user=user)
    user.is_active = is_active
    user.save(update_fields=["is_active"])
    log.info("activity_changed", user=user.pk, is_active=is_active, by=by.pk if by else None)
    return user


@transaction.atomic
def change_user(
    *,
    user_id: int,
    by: User,
    role: Role | str | None = None,
    is_active: bool | None = None,
) -> User:
    """Change role and standing of somebody together; what is None stays.

    ConflictError `last_admin`.
    """
    user = _locked(user_id, leaves_admin=False)
    if role is not None:
        user = change_role(user_id=user_id, role=role, by=by)
    if is_active is not None:
        user = set_active(user_id=user_id, is_active=is_active, by=by)
    return user


def erase_user(*, user: User, current_password: str) -> None:
    """Erase what is held on a person; what remains is a row without a name that counts hang on.

    The apps above hear of it by events.user_erased. ConflictError `last_admin`.
    """
    require_password(user, current_password)
    with transaction.atomic():
        user = _locked(user.pk, leaves_admin=True)
        events.user_erased.send(sender=User, user=user)
        _empty(user)


def _empty(user: User) -> None:
    OutboundMail.objects.filter(user=user).delete()
    MailboxMessage.objects.filter(recipient__in=_addresses(user)).delete()
    user.email_changes.all().delete()
    lockout.forget(user.email)
    forget_devices(user)
    _unname_in_admin_log(user)
    sessions.end_all(user=user)
    user.token_families.all().delete()
    user.groups.clear()
    user.user_permissions.clear()
    # Random, so that nobody can have registered it before.
    user.email = f"erased-{uuid.uuid4().hex}@{ERASED_DOMAIN}"
    user.display_name = user.initial_timezone = ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.email_verified_at = user.last_login = None
    user.set_unusable_password()
    # token_version was raised by an UPDATE just now and must not be written back.
    user.save(
        update_fields=[
            "email",
            "display_name",
            "initial_timezone",
            "is_active",
            "is_staff",
            "is_superuser",
            "email_verified_at",
            "last_login",
            "password",
        ]
    )


def _addresses(user: User) -> set[str]:
    """All that mail of theirs went to."""
    changes = user.email_changes.values_list("old_email", "new_email")
    return {user.email, *(address for pair in changes for address in pair)}


def _unname_in_admin_log(user: User) -> None:
    """The admin's history keeps what was done to whom, by number."""
    entries = LogEntry.objects.filter(
        content_type=ContentType.objects.get_for_model(User), object_id=str(user.pk)
    )
    entries.update(object_repr=f"user {user.pk}")


def _locked(user_id: int, *, leaves_admin: bool) -> User:
    """The person, and all admins with them: locked in one order, so that two admins cannot go at
    the same moment.
    """
    rows = User.objects.filter(Q(pk=user_id) | Q(is_superuser=True, is_active=True))
    people = {user.pk: user for user in rows.select_for_update().order_by("pk")}
    user = people.get(user_id)
    if user is None:
        raise NotFoundError("There is no such person.")
    admins = [person for person in people.values() if person.is_superuser and person.is_active]
    if leaves_admin and admins == [user]:
        raise ConflictError(
            "This is the last admin; make somebody else admin first.", code="last_admin"
        )
    return user
