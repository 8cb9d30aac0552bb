"""Filters of users and sign-ins, and the manager that creates users with normalised addresses."""

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.base_user import BaseUserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.core.text import normalize

if TYPE_CHECKING:
    from apps.accounts.models import TokenFamily, User  # noqa: F401 -- named in annotations below


_ROLE_FLAGS = {
    "subscriber": Q(is_staff=False),
    "curator": Q(is_staff=True, is_superuser=False),
    "admin": Q(is_superuser=True),
}


class UserQuerySet(models.QuerySet["User"]):
    """Users by state."""

    def verified(self) -> Self:
        """Those who proved that the address is theirs, and may still sign in."""
        return self.filter(is_active=True, email_verified_at__isnull=False)

    def with_roles(self, roles: Iterable[str]) -> Self:
        """Those whose strongest role is one of these."""
        wanted = Q(pk__in=())
        for role in roles:
            wanted |= _ROLE_FLAGS[role]
        return self.filter(wanted) if roles else self

    def matching(self, text: str) -> Self:
        """Whose address or name contains the text, in any letter case or width."""
        return self.filter(Q(email__contains=normalize(text)) | Q(display_name__icontains=text))

    def unverified_since(self, instant: datetime) -> Self:
        """Registered before `instant` and never verified; neither staff, nor whoever was erased."""
        return self.filter(
            is_active=True,
            is_staff=False,
            email_verified_at__isnull=True,
            date_joined__lt=instant,
        )


class TokenFamilyQuerySet(models.QuerySet["TokenFamily"]):
    """Sign-ins by state."""

    def alive(self) -> Self:
        """Neither signed out nor revoked."""
        return self.filter(ended_at__isnull=True)


class UserManager(BaseUserManager["User"]):
    """Creates users; the address is the login and is stored normalised."""

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

    def verified(self) -> UserQuerySet:
        """Those who proved that the address is theirs, and may still sign in."""
        return self.get_queryset().verified()

    def unverified_since(self, instant: datetime) -> UserQuerySet:
        """Registered before `instant` and never verified."""
        return self.get_queryset().unverified_since(instant)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find by address, whatever its letter case or width."""
        return self.get(email=normalize(username or ""))

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a user with a hashed password; the address is not verified yet unless said so."""
        user = self.model(email=normalize(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make an admin, whose address whoever runs the command answers for."""
        fields.setdefault("email_verified_at", timezone.now())
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
