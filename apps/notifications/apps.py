from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "apps.notifications"

    def ready(self) -> None:
        from apps.accounts import personal_data
        from apps.core import doctor as doctors
        from apps.core import metrics
        from apps.mail import outbox, purposes
        from apps.notifications import (
            doctor,
            error_codes,
            figures,
            problem_previews,
            receivers,
            tag_references,
        )
        from apps.notifications import personal_data as subscriber_data
        from apps.notifications.outbox import DeliveryOutbox
        from apps.notifications.problem_access import DeliveryAccess
        from apps.notifications.welcome import PURPOSE, welcome_context
        from apps.problems import access, previews
        from apps.tags import references

        error_codes.register_all()
        personal_data.register("subscription", subscriber_data.subscription_data)
        personal_data.register("deliveries", subscriber_data.deliveries_data)
        personal_data.register("consent", subscriber_data.consent_data)
        outbox.register(DeliveryOutbox())
        purposes.register(PURPOSE, welcome_context)
        access.register(DeliveryAccess())
        previews.register(problem_previews.previews)
        receivers.connect()
        doctors.register("audience", doctor.check_rate)
        metrics.register(figures.state_of_planning)
        metrics.register_tallies(figures.PLANNED)
        references.register(
            references.Reference(
                label="subscribers",
                count=tag_references.count,
                merge=tag_references.merge,
                undo=tag_references.undo,
            )
        )
