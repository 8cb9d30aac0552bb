from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "apps.notifications"

    def ready(self) -> None:
        from apps.mail import outbox
        from apps.notifications import receivers, tag_references
        from apps.notifications.outbox import DeliveryOutbox
        from apps.tags import references

        outbox.register(DeliveryOutbox())
        receivers.connect()
        references.register(
            references.Reference(
                label="subscribers",
                count=tag_references.count,
                merge=tag_references.merge,
                undo=tag_references.undo,
            )
        )
