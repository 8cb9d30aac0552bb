from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "apps.mail"

    def ready(self) -> None:
        from apps.mail import outbox
        from apps.mail.account_outbox import AccountOutbox

        outbox.register(AccountOutbox())
