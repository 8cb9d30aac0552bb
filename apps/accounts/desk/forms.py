"""What the doors of the admin ask for."""

from typing import Any

from django import forms
from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from unfold.forms import AdminOwnPasswordChangeForm, AuthenticationForm
from unfold.widgets import BASE_INPUT_CLASSES

from apps.accounts import lockout, services
from apps.accounts.serializers import MAX_PASSWORD
from apps.core.errors import InvalidInputError
from apps.core.text import normalize


class SignInForm(AuthenticationForm):
    """Address and password of staff, counted and limited as at the API's door."""

    error_messages = {
        "invalid_login": "The address and the password do not belong together, or not to staff.",
        "inactive": "The address and the password do not belong together, or not to staff.",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = "E-mail address"
        self.fields["username"].widget.attrs["inputmode"] = "email"
        self.fields["password"].validators.append(MaxLengthValidator(MAX_PASSWORD))

    def clean(self) -> dict[str, Any]:
        email = self.cleaned_data.get("username")
        if email and self.cleaned_data.get("password"):
            services.count_sign_in(self.request, normalize(email))
        cleaned: dict[str, Any] = super().clean()
        return cleaned

    def confirm_login_allowed(self, user: AbstractBaseUser) -> None:
        try:
            super().confirm_login_allowed(user)
        except ValidationError:
            # The right password of somebody who is no staff closes the door as a wrong one does.
            lockout.report_failure(self.request, user.get_username())
            raise


class PasswordForm(AdminOwnPasswordChangeForm):
    """One's own password, changed by the service: it tells the person and ends other sessions."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.validators.append(MaxLengthValidator(MAX_PASSWORD))

    def clean_old_password(self) -> str:
        password: str = self.cleaned_data["old_password"]
        try:
            services.require_password(self.user, password)
        except InvalidInputError as error:
            raise ValidationError(error.detail, code=error.code) from None
        return password

    def save(self, commit: bool = True) -> AbstractBaseUser:
        services.set_password(user=self.user, password=self.cleaned_data["new_password1"])
        self.user.refresh_from_db()
        user: AbstractBaseUser = self.user
        return user


class CodeForm(forms.Form):
    """A code of the authenticator app, or a recovery code."""

    code = forms.CharField(
        max_length=32,
        widget=forms.TextInput(
            attrs={
                "class": " ".join([*BASE_INPUT_CLASSES, "font-mono"]),
                "autocomplete": "one-time-code",
                "autocapitalize": "none",
                "spellcheck": "false",
                "autofocus": True,
            }
        ),
    )
