"""Accounts over HTTP: what each call reads and shows."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.accounts.models import Role, User
from apps.core.fields import FlagField, LineField, TextField, TimezoneField
from apps.core.serializers import InputSerializer
from apps.core.text import normalize
from apps.core.validators import validate_mail_address

# Far beyond any pass phrase; hashing more only costs us.
MAX_PASSWORD = 256


@extend_schema_field({"type": "string", "format": "email", "maxLength": 254})
class AddressField(TextField):
    """An e-mail address, normalised before it is judged, so that what is stored is what was
    checked.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)
        self.validators.append(validate_mail_address)

    def to_internal_value(self, data: Any) -> str:
        # CharField has trimmed the text; line breaks inside survive for the validator to refuse.
        text = super().to_internal_value(data)
        return normalize(text) if text.isprintable() else text


class PasswordField(TextField):
    """A password exactly as typed, never shown again."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("style", {"input_type": "password"})
        super().__init__(max_length=MAX_PASSWORD, trim_whitespace=False, write_only=True, **kwargs)


class TokenTextField(TextField):
    """A token as we gave it out."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=2000, trim_whitespace=False, **kwargs)


class RegistrationInput(InputSerializer):
    email = AddressField()
    password = PasswordField()
    display_name = LineField(max_length=80, required=False, allow_blank=True)
    timezone = TimezoneField(required=False)


class AddressInput(InputSerializer):
    email = AddressField()


class LinkTokenInput(InputSerializer):
    token = TokenTextField(help_text="The token of the link in the mail.")


class SignInInput(InputSerializer):
    email = AddressField()
    password = PasswordField()
    otp = TextField(
        max_length=32,
        required=False,
        write_only=True,
        help_text="A code of the authenticator app or a recovery code, for staff who set it up.",
    )


class RefreshInput(InputSerializer):
    refresh = TokenTextField()


class PasswordResetInput(InputSerializer):
    token = TokenTextField(help_text="The token of the link in the mail.")
    password = PasswordField()


class PasswordChangeInput(InputSerializer):
    current_password = PasswordField()
    new_password = PasswordField()


class EmailChangeInput(InputSerializer):
    current_password = PasswordField()
    new_email = AddressField()


class EraseInput(InputSerializer):
    current_password = PasswordField()


class ProfileInput(InputSerializer):
    display_name = LineField(max_length=80, allow_blank=True)


class UserInput(InputSerializer):
    role = serializers.ChoiceField(choices=Role.choices)
    is_active = FlagField()


class TokenPairSerializer(serializers.Serializer[Any]):
    """`access` is good for 10 minutes, `refresh` for 14 days and one use; a sign-in ends after 30
    days.
    """

    access = serializers.CharField()
    refresh = serializers.CharField()


class VerifiedAddressSerializer(serializers.Serializer[User]):
    email = serializers.EmailField()
    email_verified = serializers.BooleanField(source="is_email_verified")


class ProfileSerializer(serializers.ModelSerializer[User]):
    """Somebody, as they see themselves."""

    role = serializers.ChoiceField(choices=Role.choices, read_only=True)
    email_verified = serializers.BooleanField(source="is_email_verified", read_only=True)

    class Meta:
        model = User
        fields: tuple[str, ...] = (
            "id",
            "email",
            "display_name",
            "role",
            "email_verified",
            "date_joined",
        )
        read_only_fields = fields


class UserSerializer(ProfileSerializer):
    """Somebody, as admins see them."""

    class Meta(ProfileSerializer.Meta):
        fields = (*ProfileSerializer.Meta.fields, "is_active")
        read_only_fields = fields


class ExportSerializer(serializers.Serializer[Any]):
    """Everything held on a person, by section; sections are added as the platform learns to hold
    more.
    """

    exported_at = serializers.DateTimeField()
    sections = serializers.DictField(child=serializers.JSONField())
