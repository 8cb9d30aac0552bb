from django.apps import AppConfig


class ProblemsConfig(AppConfig):
    name = "apps.problems"

    def ready(self) -> None:
        from apps.accounts import personal_data
        from apps.accounts.events import user_erased
        from apps.problems import error_codes, receivers, tag_askers, tag_references
        from apps.problems import personal_data as bank_data
        from apps.tags import askers, references
        from apps.tags.events import suggestion_decided, tree_changed

        error_codes.register_all()
        personal_data.register("problems", bank_data.problems_data)
        personal_data.register("tag_requests", bank_data.tag_requests_data)
        user_erased.connect(bank_data.forget, dispatch_uid="problems.forget")
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
