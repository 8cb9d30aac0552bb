"""Who somebody is. What they receive is the business of notifications."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.accounts.querysets import UserManager
from apps.core.validators import validate_timezone


class Role(models.TextChoices):
    """What somebody may do; derived from flags and groups, changed by accounts.services.change_role alone."""

    SUBSCRIBER = "subscriber"
    CURATOR = "curator"
    ADMIN = "admin"


class User(AbstractBaseUser, PermissionsMixin):
    """A person. The e-mail address is the login, stored normalised. Written by accounts.services."""

    email = models.EmailField(max_length=254)
    display_name = models.CharField(max_length=80, blank=True)
    initial_timezone = models.CharField(
        max_length=64,
        blank=True,
        validators=[validate_timezone],
        help_text="What the first subscription starts from; afterwards the subscription has its own.",
    )
    email_verified_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("may enter the admin", default=False)
    token_version = models.PositiveIntegerField(default=0, help_text="Raised to end every session.")
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        ordering = ["-date_joined", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["email"],
                name="user_email_unique",
                violation_error_message="This address is taken.",
            ),
            models.CheckConstraint(
                condition=Q(email__regex=r"^[^\s@]+@[^\s@]+$"), name="user_email_shaped"
            ),
            models.CheckConstraint(
                condition=Q(is_superuser=False) | Q(is_staff=True), name="user_admin_is_staff"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name or f"user {self.pk}"

    @property
    def role(self) -> Role:
        """The strongest role that flags and permissions give."""
        if self.is_superuser:
            return Role.ADMIN
        return Role.CURATOR if self.is_staff else Role.SUBSCRIBER

    @property
    def is_email_verified(self) -> bool:
        return self.email_verified_at is not None
