from django.apps import AppConfig


class TagsConfig(AppConfig):
    name = "apps.tags"

    def ready(self) -> None:
        from apps.tags import error_codes
        from apps.tags.references import Reference, register
        from apps.tags.services import decisions

        error_codes.register_all()
        register(
            Reference(
                label="decided suggestions",
                count=decisions.count_decided,
                merge=decisions.merge_decided,
                undo=decisions.undo_merge_decided,
            )
        )
