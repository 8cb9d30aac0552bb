"""Account mails and notices; for admins, because each shows an address."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.decorators import display

from apps.core.admin.addresses import AddressAdmin
from apps.core.admin.base import ServiceAdmin
from apps.core.ages import dated_age
from apps.core.text import normalize
from apps.mail.admin.outgoing import NeedsAttention, OutgoingAdmin
from apps.mail.models import MailboxMessage, OutboundMail
from apps.mail.purposes import registered


class PurposeFilter(admin.SimpleListFilter):
    """The purposes there are; asking the table for those it holds would read all of it."""

    title = "purpose"
    parameter_name = "purpose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name.replace("_", " ").capitalize()) for name in sorted(registered())]

    def queryset(
        self, request: HttpRequest, queryset: "QuerySet[OutboundMail]"
    ) -> "QuerySet[OutboundMail]":
        return queryset.filter(purpose=self.value()) if self.value() else queryset


@admin.register(OutboundMail)
class OutboundMailAdmin(OutgoingAdmin, AddressAdmin):
    outbox_name = "account"
    list_display = ["id", "state", "purpose", "recipient", "due", "attempts", "code"]
    list_filter = [NeedsAttention, "status", PurposeFilter]
    fieldsets = [
        (None, {"fields": [("purpose", "recipient"), ("user", "expires_at"), "context"]}),
        *OutgoingAdmin.state_fieldsets,
    ]

    def rows_of_address(
        self, rows: "QuerySet[OutboundMail]", address: str
    ) -> "QuerySet[OutboundMail]":
        # By the person: there is no index on recipients, and there are millions.
        return rows.filter(user__email=normalize(address))

    def person_id(self, row: OutboundMail) -> int | None:
        return row.user_id


class MailboxMessageAdmin(ServiceAdmin):
    """What the demo kept instead of sending. The mailbox page shows each as a mail."""

    list_display = ["subject", "recipient", "received"]
    fields = ["subject", "recipient", "message_id", "received_at"]
    search_fields = ["=message_id", "=recipient"]
    ordering = ["-id"]

    @display(description="Received")
    def received(self, message: MailboxMessage) -> str:
        return dated_age(message.received_at)


if settings.DEMO:
    admin.site.register(MailboxMessage, MailboxMessageAdmin)
