"""The words of errors about mails on their way."""

from apps.core.error_codes import register


def register_all() -> None:
    """Called once, from AppConfig.ready."""
    register("not_cancellable", "The mail is under way or over.", 409)
    register("not_copied", "The mail has not left, or no copy may be sent to you.", 409)
    register("not_resendable", "The mail arrived, is under way, or may not be sent.", 409)
