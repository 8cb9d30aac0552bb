"""The admin of mail: account mails, the sending switch and the queues, suppressed addresses."""

from apps.mail.admin import account_mails, suppressions, switch

__all__ = ["account_mails", "suppressions", "switch"]
