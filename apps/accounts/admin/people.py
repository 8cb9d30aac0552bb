"""People, for admins: who they are and what they may do. All else is theirs."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from unfold.decorators import display
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget

from apps.accounts.models import Role, User
from apps.accounts.services import (
    change_role,
    has_second_factor,
    remove_second_factor,
    set_active,
)
from apps.core.admin.addresses import AddressAdmin
from apps.core.admin.badges import badge
from apps.core.admin.base import deed, row_number
from apps.core.ages import dated_age
from apps.core.text import normalize

# A group is how a role is kept, and one service keeps it; tokens and keys are nobody's to read.
for hidden in (Group, OutstandingToken, BlacklistedToken, TOTPDevice, StaticDevice):
    admin.site.unregister(hidden)


_TONES = {Role.SUBSCRIBER: "", Role.CURATOR: "primary", Role.ADMIN: "danger"}


class RoleFilter(admin.SimpleListFilter):
    title = "role"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(role.value, role.label) for role in Role]

    def queryset(self, request: HttpRequest, queryset: Any) -> "QuerySet[User]":
        chosen = self.value()
        rows: QuerySet[User] = queryset.with_roles([chosen]) if chosen in Role.values else queryset
        return rows


class VerifiedFilter(admin.SimpleListFilter):
    title = "verified"
    parameter_name = "verified"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Verified"), ("no", "Not verified")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[User]") -> "QuerySet[User]":
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(email_verified_at__isnull=self.value() == "no")


class RoleForm(BaseDialogForm):
    """Asks for a role."""

    role = forms.ChoiceField(choices=Role.choices, widget=UnfoldAdminSelectWidget)


@admin.register(User)
class UserAdmin(AddressAdmin):
    list_display = ["email", "display_name", "role", "is_verified", "is_active", "joined", "seen"]
    list_filter = [RoleFilter, VerifiedFilter, "is_active"]
    search_fields = ["id"]
    search_help_text = "Number or whole address"
    ordering = ["-id"]
    actions_detail = ["give_role", "let_in", "lock_out", "take_second_factor"]
    fieldsets = [
        (
            None,
            {"fields": [("email", "display_name"), ("role", "second_factor"), "is_active"]},
        ),
        (
            "So far",
            {
                "fields": [
                    ("date_joined", "email_verified_at"),
                    ("last_login", "initial_timezone"),
                ]
            },
        ),
    ]

    def person_id(self, row: User) -> int:
        return row.pk

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[User]", search_term: str
    ) -> tuple["QuerySet[User]", bool]:
        term = search_term.strip()
        if (number := row_number(term)) is not None:
            return queryset.filter(pk=number), False
        return (queryset.filter(email=normalize(term)) if term else queryset), False

    def has_govern_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "change")

    def makes_sense(self, action_name: str, row: User) -> bool:
        if action_name == "take_second_factor":
            return has_second_factor(row)
        return row.is_active != (action_name == "let_in") or action_name == "give_role"

    @display(description="Role")
    def role(self, user: User) -> str:
        return badge(user.role.label, _TONES[user.role])

    @display(description="Verified", boolean=True)
    def is_verified(self, user: User) -> bool:
        return user.is_email_verified

    @display(description="Second factor")
    def second_factor(self, user: User) -> str:
        return badge("set up", "success") if has_second_factor(user) else badge("none")

    @display(description="Joined")
    def joined(self, user: User) -> str:
        return dated_age(user.date_joined)

    @display(description="Last sign-in")
    def seen(self, user: User) -> str:
        return dated_age(user.last_login)

    @deed(
        description="Change role",
        permissions=["govern"],
        title="Change this person's role?",
        text="Curators look after the bank and the mail; admins may do everything.",
        button="Change role",
        form_class=RoleForm,
        icon="badge",
    )
    def give_role(self, request: HttpRequest, form: RoleForm, object_id: str) -> HttpResponse:
        role = Role(form.cleaned_data["role"])
        return self.act(
            request,
            object_id,
            f"The role is {role.label} now.",
            lambda user: change_role(user_id=user.pk, role=role, by=_admin(request)),
        )

    @deed(
        description="Deactivate",
        permissions=["govern"],
        title="Deactivate this person?",
        text="They cannot sign in any more, and every session of theirs ends.",
        button="Deactivate",
        icon="block",
        variant=ActionVariant.DANGER,
    )
    def lock_out(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        return self._set_active(request, object_id, is_active=False, said="Deactivated.")

    @deed(
        description="Activate",
        permissions=["govern"],
        title="Let this person sign in again?",
        text="Their password and everything else is as it was.",
        button="Activate",
        icon="lock_open",
    )
    def let_in(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        return self._set_active(request, object_id, is_active=True, said="Activated.")

    @deed(
        description="Take second factor away",
        permissions=["govern"],
        title="Take this person's second factor away?",
        text="For somebody who has lost phone and recovery codes: be sure that it is them. Their"
        " password alone signs in again, until they set up a new one.",
        button="Take it away",
        icon="phonelink_erase",
    )
    def take_second_factor(
        self, request: HttpRequest, form: BaseDialogForm, object_id: str
    ) -> HttpResponse:
        return self.act(
            request,
            object_id,
            "The second factor is gone.",
            lambda user: remove_second_factor(user_id=user.pk, by=_admin(request)),
        )

    def _set_active(
        self, request: HttpRequest, object_id: str, *, is_active: bool, said: str
    ) -> HttpResponse:
        return self.act(
            request,
            object_id,
            said,
            lambda user: set_active(user_id=user.pk, is_active=is_active, by=_admin(request)),
        )


def _admin(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
