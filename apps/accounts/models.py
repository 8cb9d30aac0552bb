"""Who somebody is and which sign-ins of theirs are alive.

What they receive is the business of notifications.
"""

import uuid
from collections.abc import Iterator
from typing import Any, ClassVar

from axes.models import AccessAttempt
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.accounts.querysets import TokenFamilyQuerySet, UserManager
from apps.core.constraints import choices_check
from apps.core.validators import validate_timezone

# In the address of whoever was erased. Source: RFC 2606, section 2: no mail ever arrives there.
ERASED_DOMAIN = "erased.invalid"


class Role(models.TextChoices):
    """What somebody may do; derived from flags and groups, changed by accounts.services.change_role
    alone.
    """

    SUBSCRIBER = "subscriber"
    CURATOR = "curator"
    ADMIN = "admin"


class User(AbstractBaseUser, PermissionsMixin):
    """A person.

    The e-mail address is the login, stored normalised. Written by accounts.services.
    """

    email = models.EmailField(max_length=254)
    display_name = models.CharField(max_length=80, blank=True)
    initial_timezone = models.CharField(
        max_length=64,
        blank=True,
        validators=[validate_timezone],
        help_text="What the first subscription starts from; afterwards it has its own.",
    )
    email_verified_at = models.DateTimeField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("may enter the admin", default=False)
    token_version = models.PositiveIntegerField(default=0, help_text="Raised to end every session.")
    date_joined = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    # Not a column: this sign-in lacks the second factor that staff need, and so gives no rights.
    is_held_back = False

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

    def get_full_name(self) -> str:
        """What the admin's sidebar calls them, if anything."""
        return self.display_name

    @property
    def is_erased(self) -> bool:
        """Whether this row is what remains of somebody; see services.people.erase_user."""
        return self.email.endswith(f"@{ERASED_DOMAIN}")

    @property
    def role(self) -> Role:
        """The strongest role that flags and permissions give."""
        if self.is_held_back:
            return Role.SUBSCRIBER
        if self.is_superuser:
            return Role.ADMIN
        return Role.CURATOR if self.is_staff else Role.SUBSCRIBER

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return not self.is_held_back and super().has_perm(perm, obj)

    def has_module_perms(self, app_label: str) -> bool:
        return not self.is_held_back and super().has_module_perms(app_label)

    def get_session_auth_hash(self) -> str:
        """What a session of the admin is bound to: the password, and `token_version`."""
        return self._bound(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same by earlier keys."""
        return (self._bound(earlier) for earlier in super().get_session_auth_fallback_hash())

    def _bound(self, password_hash: str) -> str:
        return f"{password_hash}-{self.token_version}"

    @property
    def is_email_verified(self) -> bool:
        return self.email_verified_at is not None


class TokenFamily(models.Model):
    """One sign-in and every token descended from it by refreshing; the id is the `fam` claim.

    Written by accounts.sessions. `previous_jti` is the refresh token whose use made the present
    one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="token_families")
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    rotated_at = models.DateTimeField(null=True, blank=True)
    previous_jti = models.CharField(max_length=32, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    has_second_factor = models.BooleanField(
        default=False,
        db_default=False,
        help_text="Whether a code of a second device was shown besides the password.",
    )

    objects = TokenFamilyQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "token families"
        ordering = ["-started_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("started_at")),
                name="tokenfamily_expires_after_start",
            ),
            models.CheckConstraint(
                condition=Q(rotated_at__isnull=True, previous_jti="")
                | (Q(rotated_at__isnull=False) & ~Q(previous_jti="")),
                name="tokenfamily_rotated_from_something",
            ),
        ]
        indexes = [models.Index(fields=["expires_at"], name="tokenfamily_expiry")]

    def __str__(self) -> str:
        return f"sign-in of user {self.user_id} on {self.started_at:%Y-%m-%d}"


class EmailChange(models.Model):
    """A wish to change the address, confirmed from the new one, undone from the old one.

    By accounts.services.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="email_changes")
    old_email = models.EmailField(max_length=254)
    new_email = models.EmailField(max_length=254)
    requested_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(old_email=models.F("new_email")), name="emailchange_changes_something"
            ),
        ]

    def __str__(self) -> str:
        return f"address change {self.pk} of user {self.user_id}"


class AttemptPurpose(models.TextChoices):
    """What is counted per address, whether or not it is known."""

    SIGN_IN = "sign_in"
    MAIL = "mail"


class AttemptCounter(models.Model):
    """How often something was tried for one address lately; a keyed hash, so that it tells nothing
    of who exists.

    The counters in the cache come first; this one holds when the cache is away. Written by
    accounts.attempts.
    """

    purpose = models.CharField(max_length=10, choices=AttemptPurpose.choices)
    digest = models.CharField(max_length=64)
    window_started_at = models.DateTimeField()
    attempt_count = models.PositiveIntegerField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["purpose", "digest"], name="attemptcounter_one_each"),
            choices_check("attemptcounter", "purpose", AttemptPurpose),
        ]
        indexes = [models.Index(fields=["window_started_at"], name="attemptcounter_age")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.digest[:8]}: {self.attempt_count}"


class FailedSignIn(AccessAttempt):
    """Sign-ins that failed lately: one row is one address as typed, tried from one place with one
    program. Written by django-axes; accounts.lockout forgets.
    """

    class Meta:
        proxy = True
        verbose_name = "failed sign-in"
