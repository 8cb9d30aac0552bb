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
from apps.core.text import normalize
from apps.tags.cases import cases_of, open_files
from apps.tags.models import Tag, TagNameKind, TagSuggestion, TagType
from apps.tags.names import NAME_LENGTH
from apps.tags.selectors import resolve

# How deep a tag stands, before its name in a list of choices.
INDENT = "    "
_NO_TYPE = [("", "As proposed"), *TagType.choices]
NOTE_LENGTH = 500


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


class TagNameField(forms.CharField):
    """A tag by any of its names, typed or picked: a list of all tags is sent once a page."""

    def clean(self, value: Any) -> Tag | None:
        name = super().clean(value)
        tag = resolve([name]).get(normalize(name)) if name else None
        if name and tag is None:
            raise forms.ValidationError(f"There is no tag “{name}”.", code="does_not_exist")
        return tag


class DeskApproval(forms.Form):
    """Approve at the desk, as typed or edited; an empty parent puts the tag at the top."""

    name = forms.CharField(max_length=NAME_LENGTH)
    tag_type = forms.ChoiceField(label="Type", choices=TagType.choices)
    parent = TagNameField(required=False)


class DeskMerge(forms.Form):
    """Merge at the desk into a tag that was typed, or into a twin whose button was pressed."""

    into = TagNameField(required=False)
    twin = forms.ModelChoiceField(Tag.objects.all(), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        tag = cleaned.get("twin") or cleaned.get("into")
        if tag is None and not self.errors:
            self.add_error("into", "Name the tag that it is another name of.")
        return cleaned | {"tag": tag}


class DeskRejection(forms.Form):
    """Reject at the desk, for good."""

    note = forms.CharField(max_length=NOTE_LENGTH, required=False)


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
            (case,) = cases_of([suggestion], open_files())
            self.initial = {
                "name": suggestion.name,
                "tag_type": case.tag_type,
                "parent": case.parent_id,
            }


class MergeForm(BaseDialogForm):
    """Merge one suggestion: its name becomes an alias."""

    into = listed_tree_field(
        label="Into", required=True, help_text="The name becomes an alias of it."
    )


class RejectForm(BaseDialogForm):
    """Reject one suggestion for good."""

    note = forms.CharField(
        max_length=NOTE_LENGTH,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Shown to whoever asked, and to whoever asks again.",
    )


class ApproveManyForm(forms.Form):
    """Approve several as typed; the answers stand in where nothing is proposed."""

    tag_type = forms.ChoiceField(
        label="Type, where none is proposed",
        choices=_NO_TYPE,
        required=False,
        widget=UnfoldAdminSelectWidget,
    )
    parent = listed_tree_field(label="Parent, where none is proposed", required=False)


class MergeManyForm(forms.Form):
    """Merge several into one tag."""

    into = listed_tree_field(
        label="Into", required=True, help_text="The names become aliases of it."
    )


class RejectManyForm(forms.Form):
    """Reject several with one note."""

    note = forms.CharField(
        max_length=NOTE_LENGTH,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Shown to whoever asked, and to whoever asks again.",
    )
