"""Filters of users, and the manager that creates them with normalised addresses."""

from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.base_user import BaseUserManager
from django.db import models

from apps.core.text import normalize

if TYPE_CHECKING:
    from apps.accounts.models import User


class UserQuerySet(models.QuerySet["User"]):
    """Users by state."""

    def verified(self) -> Self:
        """Those who proved that the address is theirs, and may still sign in."""
        return self.filter(is_active=True, email_verified_at__isnull=False)


class UserManager(BaseUserManager["User"]):
    """Creates users; the address is the login and is stored normalised."""

    def get_queryset(self) -> UserQuerySet:
        return UserQuerySet(self.model, using=self._db)

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
        """Make an admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
