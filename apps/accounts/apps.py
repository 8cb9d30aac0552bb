from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "apps.accounts"

    def ready(self) -> None:
        from apps.accounts import (
            authentication,  # noqa: F401 -- describes itself to the schema when imported
            mails,
            personal_data,
            selectors,
        )
        from apps.core import error_codes
        from apps.mail import purposes

        for purpose, builder in mails.BUILDERS.items():
            purposes.register(purpose, builder)
        personal_data.register("account", selectors.account_data)
        error_codes.register(
            {
                "sign_in_failed": "No such pair of address and password, or not verified.",
                "refresh_superseded": "Another use of this token was faster; use its tokens.",
                "invalid_token": "The token of a link is used up, too old or not ours.",
                "address_taken": "The address belongs to another account by now.",
                "last_admin": "Nobody demotes, deactivates or erases the last admin.",
            }
        )
