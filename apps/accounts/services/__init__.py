"""Changes of state of accounts, by noun; import them from here."""

from apps.accounts.services.addresses import (
    confirm_email_change,
    request_email_change,
    undo_email_change,
)
from apps.accounts.services.housekeeping import flush_expired, purge_unverified
from apps.accounts.services.passwords import (
    change_password,
    check_strength,
    request_password_reset,
    reset_password,
)
from apps.accounts.services.people import (
    change_role,
    change_user,
    erase_user,
    rename_user,
    set_active,
)
from apps.accounts.services.registration import (
    register_user,
    resend_verification,
    verify_email,
)
from apps.accounts.services.sign_in import sign_in

__all__ = [
    "change_password",
    "change_role",
    "change_user",
    "check_strength",
    "confirm_email_change",
    "erase_user",
    "flush_expired",
    "purge_unverified",
    "register_user",
    "rename_user",
    "request_email_change",
    "request_password_reset",
    "resend_verification",
    "reset_password",
    "set_active",
    "sign_in",
    "undo_email_change",
    "verify_email",
]
