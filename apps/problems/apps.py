from django.apps import AppConfig


class ProblemsConfig(AppConfig):
    name = "apps.problems"

    def ready(self) -> None:
        from apps.problems import error_codes, receivers, tag_askers, tag_references
        from apps.tags import askers, references
        from apps.tags.events import suggestion_decided, tree_changed

        error_codes.register_all()
        tree_changed.connect(receivers.follow_tree)
        suggestion_decided.connect(receivers.follow_decision)
        askers.register("problems", tag_askers.find)
        references.register(
            references.Reference(
                label="problems",
                count=tag_references.count,
                merge=tag_references.merge,
                undo=tag_references.undo,
            )
        )
