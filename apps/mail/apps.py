from django.apps import AppConfig
from django.conf import settings


class MailConfig(AppConfig):
    name = "apps.mail"

    def ready(self) -> None:
        from apps.core import doctor as doctors
        from apps.core import metrics
        from apps.mail import doctor, error_codes, figures, outbox
        from apps.mail.account_outbox import AccountOutbox
        from apps.mail.transports.anymail import check_provider

        # At the start, not with the first mail.
        if settings.MAIL_TRANSPORT["kind"] == "anymail":
            check_provider(settings.MAIL_TRANSPORT)
        error_codes.register_all()
        outbox.register(AccountOutbox())
        doctors.register("sending", doctor.check_switch)
        doctors.register("mail server", doctor.check_transport)
        doctors.register("mail domain", doctor.check_domain)
        metrics.register(figures.state_of_mail)
        metrics.register_tallies(figures.SETTLED, figures.LAG)
