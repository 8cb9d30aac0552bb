from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "apps.notifications"

    def ready(self) -> None:
        from apps.mail import outbox
        from apps.notifications import receivers
        from apps.notifications.outbox import DeliveryOutbox

        outbox.register(DeliveryOutbox())
        receivers.connect()
