"""The words of errors about accounts."""

from apps.core.error_codes import register


def register_all() -> None:
    """Called once, from AppConfig.ready."""
    register("sign_in_failed", "No such pair of address and password, or not verified.", 401)
    register("otp_required", "The pair is right; the code of the second factor is missing.", 401)
    register("refresh_superseded", "Another use of this token was faster; use its tokens.", 409)
    register("address_taken", "The address belongs to another account by now.", 409)
    register("last_admin", "Nobody demotes, deactivates or erases the last admin.", 409)
