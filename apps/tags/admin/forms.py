"""What curators fill in: a tag, and their decisions on suggested names."""

from typing import Any, ClassVar

from django import forms
from mptt.forms import TreeNodeChoiceField
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminSelect2MultipleWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.core.admin.editing import RefusableForm
from apps.tags.models import Tag, TagNameKind, TagSuggestion, TagType

# How deep a tag stands, before its name in a list of choices.
INDENT = "    "
_NO_TYPE = [("", "As suggested"), *TagType.choices]


class OneTagWidget(UnfoldAdminSelect2Widget):
    """A tag out of the tree, searchable, indented by its depth."""

    class Media:
        css: ClassVar[dict[str, tuple[str, ...]]] = {"all": ("tags/choices.css",)}


class ManyTagsWidget(UnfoldAdminSelect2MultipleWidget):
    """Tags out of the tree, searchable, indented by their depth."""

    class Media:
        css: ClassVar[dict[str, tuple[str, ...]]] = {"all": ("tags/choices.css",)}


def listed_tree_field(*, label: str, required: bool, help_text: str = "") -> TreeNodeChoiceField:
    """A field for one tag of the tree as a plain list: dialogs run no scripts of their own."""
    return TreeNodeChoiceField(
        Tag.objects.in_tree_order(),
        label=label,
        required=required,
        help_text=help_text,
        # Spaces that a plain list does not swallow.
        level_indicator="\u00a0" * len(INDENT),
        widget=UnfoldAdminSelectWidget,
    )


class TagForm(RefusableForm):
    """A tag with its aliases, one a line."""

    parent = TreeNodeChoiceField(
        Tag.objects.in_tree_order(),
        required=False,
        level_indicator=INDENT,
        widget=OneTagWidget,
        help_text="Empty for a tag at the top. At most six deep.",
    )
    aliases = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text="Other names it answers to, one a line.",
    )

    class Meta:
        model = Tag
        fields = ["name", "tag_type", "parent", "description", "is_featured"]
        labels = {"tag_type": "Type", "is_featured": "Featured"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "aliases" in self.fields:
            own = self.instance.names.filter(kind=TagNameKind.ALIAS).order_by("id")
            self.initial["aliases"] = "\n".join(own.values_list("name", flat=True))

    def clean_aliases(self) -> list[str]:
        lines = self.cleaned_data["aliases"].splitlines()
        return [line.strip() for line in lines if line.strip()]


class ApproveForm(BaseDialogForm):
    """Approve one suggestion, as typed or edited."""

    name = forms.CharField(max_length=60, widget=UnfoldAdminTextInputWidget)
    tag_type = forms.ChoiceField(
        label="Type", choices=TagType.choices, widget=UnfoldAdminSelectWidget
    )
    parent = listed_tree_field(
        label="Parent", required=False, help_text="Empty for a tag at the top."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        suggestion = TagSuggestion.objects.filter(pk=self.object_id).first()
        if suggestion is not None:
            self.initial = {
                "name": suggestion.name,
                "tag_type": suggestion.tag_type,
                "parent": suggestion.suggested_parent_id,
            }


class MergeForm(BaseDialogForm):
    """Merge one suggestion: its name becomes an alias."""

    into = listed_tree_field(
        label="Into", required=True, help_text="The name becomes an alias of it."
    )


class RejectForm(BaseDialogForm):
    """Reject one suggestion for good."""

    note = forms.CharField(
        max_length=500,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Shown to whoever asked, and to whoever asks again.",
    )


class ApproveManyForm(forms.Form):
    """Approve several as typed; the answers stand in where a suggestion has none of its own."""

    tag_type = forms.ChoiceField(
        label="Type, where none was suggested",
        choices=_NO_TYPE,
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    parent = listed_tree_field(label="Parent, where none was suggested", required=False)


class MergeManyForm(forms.Form):
    """Merge several into one tag."""

    into = listed_tree_field(
        label="Into", required=True, help_text="The names become aliases of it."
    )


class RejectManyForm(forms.Form):
    """Reject several with one note."""

    note = forms.CharField(
        max_length=500,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Shown to whoever asked, and to whoever asks again.",
    )
