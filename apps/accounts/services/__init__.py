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
    require_password,
    reset_password,
    set_password,
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
from apps.accounts.services.second_factor import (
    begin_enrolment,
    confirm_enrolment,
    has_second_factor,
    is_second_factor_demanded,
    is_second_factor_needed,
    prove_second_factor,
    recovery_codes_left,
    remove_second_factor,
    renew_recovery_codes,
)
from apps.accounts.services.sign_in import count_sign_in, sign_in

__all__ = [
    "begin_enrolment",
    "change_password",
    "change_role",
    "change_user",
    "check_strength",
    "confirm_email_change",
    "confirm_enrolment",
    "count_sign_in",
    "erase_user",
    "flush_expired",
    "has_second_factor",
    "is_second_factor_demanded",
    "is_second_factor_needed",
    "prove_second_factor",
    "purge_unverified",
    "recovery_codes_left",
    "register_user",
    "remove_second_factor",
    "rename_user",
    "renew_recovery_codes",
    "request_email_change",
    "request_password_reset",
    "require_password",
    "resend_verification",
    "reset_password",
    "set_active",
    "set_password",
    "sign_in",
    "undo_email_change",
    "verify_email",
]
