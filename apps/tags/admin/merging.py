"""Merging one tag into another, with a look at what would follow it, and taking that back."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextInputWidget

from apps.core.admin.badges import badge, link
from apps.core.admin.base import ServiceAdmin, deed
from apps.core.ages import dated_age
from apps.core.errors import DomainError
from apps.tags.admin.forms import TagNameField
from apps.tags.cases import open_files
from apps.tags.models import Tag, TagMerge
from apps.tags.selectors import MergePreview, merge_preview, tag_by_ref
from apps.tags.services import merge_tag, undo_merge


class IntoForm(forms.Form):
    """The tag that takes everything over."""

    into = TagNameField(
        label="Into",
        widget=UnfoldAdminTextInputWidget(attrs={"list": "tag-places", "autocomplete": "off"}),
        help_text="By any of its names.",
    )


class TagMergingAdmin(ServiceAdmin):
    """A page on which one tag is merged into another: choose, look, confirm."""

    actions_detail = ["merge_page"]

    def has_merge_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return request.user.has_perm("tags.add_tagmerge")

    @action(
        description="Merge into another tag",
        url_path="merge",
        permissions=["merge"],
        icon="merge",
    )
    def merge_page(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """GET chooses and looks, POST merges."""
        try:
            tag = tag_by_ref(object_id)
        except DomainError as error:
            self.message_user(request, error.detail, messages.ERROR)
            return HttpResponseRedirect(self.list_url())
        form = IntoForm(request.POST or (request.GET if "into" in request.GET else None))
        preview = _preview(tag, form)
        if request.method == "POST" and preview is not None:
            return self._merge(request, preview)
        return self._ask(request, tag, form, preview)

    def _merge(self, request: HttpRequest, preview: MergePreview) -> HttpResponse:
        tag, into = preview.tag, preview.into
        try:
            merge_tag(tag_id=tag.pk, into_id=into.pk, by=request.user)
        except DomainError as error:
            self.message_user(request, error.detail, messages.ERROR)
            return HttpResponseRedirect(self.row_url(tag.pk))
        self.log_change(request, into, f"Merged “{tag.name}” into it.")
        undo = link(reverse("admin:tags_tagmerge_changelist"), "Take it back")
        said = format_html("Merged “{}” into “{}”. {}", tag.name, into.name, undo)
        self.message_user(request, said, messages.SUCCESS)
        return HttpResponseRedirect(self.row_url(into.pk))

    def _ask(
        self, request: HttpRequest, tag: Tag, form: IntoForm, preview: MergePreview | None
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": f"Merge “{tag.name}”",
            "opts": self.opts,
            "original": tag,
            "tag": tag,
            "form": form,
            "preview": preview,
            "follows": _follows(preview) if preview else [],
            "places": open_files().places,
            "tag_url": self.row_url(tag.pk),
        }
        return TemplateResponse(request, "admin/tags/merge.html", context)


@admin.register(TagMerge)
class TagMergeAdmin(ServiceAdmin):
    """What was merged, by whom, and the way back."""

    list_display = ["what", "state", "merged_by", "merged", "undone_by"]
    list_display_links = ["what"]
    list_select_related = ["merged_by", "undone_by"]
    search_fields = ["merged_name", "into_name", "merged_slug"]
    search_help_text = "Name of either tag, as it was"
    ordering = ["-merged_at", "-id"]
    actions_detail = ["undo"]
    actions_row = ["undo"]
    fields = ["what", "state", "merged_slug", "into_tag", "merged_by", "merged_at", "undone_by"]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("record")

    def has_undo_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return self.may(request, "change")

    def makes_sense(self, action_name: str, row: TagMerge) -> bool:
        return row.undone_at is None

    @display(description="Merge")
    def what(self, row: TagMerge) -> str:
        return f"{row.merged_name} → {row.into_name}"

    @display(description="State")
    def state(self, row: TagMerge) -> str:
        return badge("undone") if row.undone_at else badge("merged", "success")

    @display(description="Merged")
    def merged(self, row: TagMerge) -> Any:
        return dated_age(row.merged_at)

    @display(description="Survivor")
    def into_tag(self, row: TagMerge) -> SafeString:
        return link(reverse("admin:tags_tag_change", args=[row.into_tag_id]), row.into_name)

    @deed(
        description="Undo",
        permissions=["undo"],
        title="Take this merge back?",
        text=(
            "The tag comes back with exactly what it had, unless somebody has changed either tag "
            "since."
        ),
        button="Undo",
        icon="undo",
    )
    def undo(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        return self.act(
            request,
            object_id,
            "Undone.",
            lambda row: undo_merge(merge_id=row.pk, by=request.user),
        )


def _preview(tag: Tag, form: IntoForm) -> MergePreview | None:
    """What would follow; without it the form says what is missing or stands in the way."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return merge_preview(tag_id=tag.pk, into_id=form.cleaned_data["into"].pk)
    except DomainError as error:
        form.add_error("into", error.detail)
        return None


def _follows(preview: MergePreview) -> list[tuple[str, int]]:
    counts = {
        "tags below it": preview.children_count,
        "names": preview.names_count,
        **preview.uses,
    }
    return [(label[0].upper() + label[1:], count) for label, count in counts.items()]
