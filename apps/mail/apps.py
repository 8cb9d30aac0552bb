from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "apps.mail"

    def ready(self) -> None:
        from apps.core import metrics
        from apps.mail import figures, outbox
        from apps.mail.account_outbox import AccountOutbox

        outbox.register(AccountOutbox())
        metrics.register(figures.state_of_mail)
        metrics.register_tallies(figures.SETTLED, figures.LAG)
