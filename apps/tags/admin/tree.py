"""The tree of tags: draggable, searchable, collapsible; every change through services."""

from contextlib import nullcontext
from typing import Any

from django.contrib import admin, messages
from django.forms import Media
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from mptt.admin import DraggableMPTTAdmin
from unfold.admin import TabularInline
from unfold.decorators import display

from apps.core.admin.editing import EditingAdmin
from apps.core.errors import DomainError
from apps.tags import references
from apps.tags.admin.forms import TagForm
from apps.tags.models import Tag, TagName
from apps.tags.selectors import tag_by_ref
from apps.tags.services import change_tag, create_tag, delete_tag, move_tag
from apps.tags.tree import tree_lock

TYPE_COLOURS = {
    "Language": "primary",
    "Skill Level": "info",
    "Topic": "success",
    "Framework": "warning",
    "Tool": "warning",
    "Domain": "info",
    "Concept": "success",
}


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
class TagAdmin(DraggableMPTTAdmin, EditingAdmin):
    form = TagForm
    # A tree is seen whole, and its rows are few.
    list_per_page = 5000
    list_display = ["tree_actions", "title", "type_badge", "use", "subscribers", "star"]
    list_display_links = ["title"]
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
        return changes

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        response = super().changelist_view(request, *args, **kwargs)
        context = getattr(response, "context_data", None) or {}
        if "media" in context:
            # Ours first: it prepares Unfold's table for mptt's script.
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

    @display(description="Tag")
    def title(self, tag: Tag) -> SafeString:
        return format_html(
            '<span class="tag-name" style="--indent:{}px">'
            '<span class="tag-depth" aria-hidden="true">{}</span>{}</span>',
            tag.level * self.mptt_level_indent,
            "– " * tag.level,
            tag.name,
        )

    @display(description="Type", label=TYPE_COLOURS)
    def type_badge(self, tag: Tag) -> str:
        return str(tag.get_tag_type_display())

    @display(description="Problems")
    def use(self, tag: Any) -> str:
        """Approved ones on it or below; in brackets, those of any status on the tag itself."""
        return f"{tag.problem_count} ({tag.used.get('problems', 0)})"

    @display(description="Subscribers")
    def subscribers(self, tag: Any) -> str:
        return str(tag.used.get("subscribers", 0) or "–")

    @display(description="Featured")
    def star(self, tag: Tag) -> str:
        return "★" if tag.is_featured else ""


def _tag_of(request: HttpRequest, parameter: str) -> Tag:
    return tag_by_ref(request.POST.get(parameter, ""))
