from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "apps.accounts"

    def ready(self) -> None:
        from apps.accounts import (
            authentication,  # noqa: F401 -- describes itself to the schema when imported
            error_codes,
            mails,
            personal_data,
            selectors,
        )
        from apps.mail import purposes

        for purpose, builder in mails.BUILDERS.items():
            purposes.register(purpose, builder)
        personal_data.register("account", selectors.account_data)
        error_codes.register_all()
