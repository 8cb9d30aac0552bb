"""The tree of tags: draggable, searchable, collapsible; every change through services."""

from contextlib import nullcontext
from typing import Any

from django.contrib import admin, messages
from django.forms import Media
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from mptt.admin import DraggableMPTTAdmin
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import TabularInline

from apps.core.admin.editing import EditingAdmin
from apps.core.errors import DomainError
from apps.tags import references
from apps.tags.admin.bulk import TagBulkAdmin
from apps.tags.admin.forms import TagForm
from apps.tags.admin.merging import TagMergingAdmin
from apps.tags.admin.tables import TagTableAdmin
from apps.tags.models import Tag, TagName
from apps.tags.selectors import tag_by_ref
from apps.tags.services import change_tag, create_tag, delete_tag, move_tag
from apps.tags.tree import tree_lock


class TagNameInline(TabularInline):
    """Every name the tag answers to; aliases are edited above, redirects come from merges."""

    model = TagName
    fields = readonly_fields = ["name", "normalized", "kind"]
    ordering = ["id"]
    extra = 0
    tab = True
    verbose_name_plural = "All its names"

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Tag)
class TagAdmin(
    TagTableAdmin,
    TagMergingAdmin,
    TagBulkAdmin,
    SimpleHistoryAdmin,
    DraggableMPTTAdmin,
    EditingAdmin,
):
    form = TagForm
    import_export_change_list_template = "admin/tags/tree.html"
    # A tree is seen whole, and its rows are few.
    list_per_page = 5000
    list_display = ["name"]
    list_filter = ["tag_type", "is_featured"]
    search_fields = ["name", "slug", "names__name"]
    search_help_text = "Name, alias or slug"
    expand_tree_by_default = True
    readonly_fields = ["slug", "problem_count", "created_at", "updated_at"]
    fieldsets = [
        (None, {"fields": ["name", ("tag_type", "parent"), "description", "aliases"]}),
        (
            "On the site",
            {"fields": ["is_featured", ("slug", "problem_count"), ("created_at", "updated_at")]},
        ),
    ]
    inlines = [TagNameInline]

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The list's rows, each with what points at it."""
        changes = super().get_changelist_instance(request)
        rows = list(changes.result_list)
        used = references.uses([row.pk for row in rows])
        for row in rows:
            row.used = used[row.pk]
        changes.result_list = rows
        changes.has_boxes = self.has_change_permission(request)
        return changes

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().changelist_view(request, *args, **kwargs)
        context = getattr(response, "context_data", None) or {}
        if "media" in context:
            # Ours first: it prepares the page for mptt's script.
            ours = Media(js=["tags/tree.js"], css={"all": ["tags/tree.css"]})
            context["media"] = ours + context["media"]
        return response

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        # The lock before anything is read: what the form is compared with is what will be changed.
        with tree_lock() if request.method == "POST" else nullcontext():
            return super().changeform_view(request, object_id, form_url, extra_context)

    def history_form_view(
        self,
        request: HttpRequest,
        object_id: str,
        version_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """An earlier version; a POST makes the tag what it was then, as far as it may be."""
        try:
            with tree_lock() if request.method == "POST" else nullcontext():
                return super().history_form_view(request, object_id, version_id, extra_context)
        except DomainError as error:
            self.message_user(request, error.detail, messages.ERROR)
            return HttpResponseRedirect(self.list_url())

    def save_model(self, request: HttpRequest, obj: Tag, form: Any, change: bool) -> None:
        fields = {
            name: form.cleaned_data[name]
            for name in ("name", "tag_type", "description", "is_featured", "aliases")
        }
        parent = form.cleaned_data["parent"]
        parent_id = parent.pk if parent else None
        if not change:
            self.saved_as(obj, create_tag(**fields, parent_id=parent_id, by=request.user))
            return
        changed = change_tag(tag_id=obj.pk, **fields, by=request.user)
        if changed.parent_id != parent_id:
            changed = move_tag(tag_id=obj.pk, parent_id=parent_id)
        self.saved_as(obj, changed)

    def delete_model(self, request: HttpRequest, obj: Tag) -> None:
        delete_tag(tag_id=obj.pk)

    def _move_node(self, request: HttpRequest) -> HttpResponse:
        """What mptt's script asks for when a row was dropped. It shows no answer, only messages."""
        if not self.has_change_permission(request):
            self.message_user(request, "You may not move tags.", messages.ERROR)
            return HttpResponse(status=403)
        try:
            with tree_lock():
                tag = self._moved(request)
                self.log_change(request, tag, "Moved.")
        except DomainError as error:
            self.message_user(request, error.detail, messages.ERROR)
            return HttpResponse(status=409)
        self.message_user(request, f"Moved “{tag.name}”.", messages.SUCCESS)
        return HttpResponse()

    def _moved(self, request: HttpRequest) -> Tag:
        dropped_on = _tag_of(request, "pasted_on")
        position = request.POST.get("position", "")
        if position in ("left", "right"):
            place = {"parent_id": dropped_on.parent_id, "target_id": dropped_on.pk}
        else:
            place = {"parent_id": dropped_on.pk}
        return move_tag(tag_id=_tag_of(request, "cut_item").pk, position=position, **place)


def _tag_of(request: HttpRequest, parameter: str) -> Tag:
    return tag_by_ref(request.POST.get(parameter, ""))
