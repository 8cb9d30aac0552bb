"""What curators fill in: a problem, and their decisions on it."""

import re
from typing import Any, ClassVar

from django import forms
from mptt.forms import TreeNodeMultipleChoiceField
from unfold.forms import BaseDialogForm
from unfold.widgets import (
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from apps.core.admin.editing import RefusableForm
from apps.problems.models import Problem, VettingTier
from apps.tags.admin.forms import INDENT, ManyTagsWidget
from apps.tags.models import Tag

_NOTE_LENGTH = 500
_BETWEEN_HINTS = "====="
# Who checked it, the best first.
VETTED: dict[str, str] = {
    VettingTier.TIER1_MANUAL: "by hand",
    VettingTier.TIER2_AI: "by a model",
    VettingTier.TIER3_NEEDS_REVIEW: "not yet",
}


def _markdown(rows: int) -> UnfoldAdminTextareaWidget:
    return UnfoldAdminTextareaWidget(attrs={"rows": rows, "class": "desk-markdown"})


class HintsField(forms.CharField):
    """Hints as one text, a line of five equals signs between two."""

    def prepare_value(self, value: Any) -> Any:
        return f"\n\n{_BETWEEN_HINTS}\n\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        parts = re.split(rf"(?m)^{_BETWEEN_HINTS}[ \t\r]*$", super().clean(value))
        return [part for part in parts if part.strip()]


class ProblemForm(RefusableForm):
    """A problem's content and tags."""

    refused_fields: ClassVar[dict[str, str]] = {"tags": "tag_list"}

    hints = HintsField(
        required=False,
        widget=_markdown(10),
        help_text=f"A line {_BETWEEN_HINTS} between two. They lead, and none tells.",
    )
    tag_list = TreeNodeMultipleChoiceField(
        Tag.objects.in_tree_order(),
        label="Tags",
        required=False,
        level_indicator=INDENT,
        widget=ManyTagsWidget,
        help_text="The most specific ones; what is above them follows by itself.",
    )

    # Without a scheme it is refused, not guessed at.
    source_url = forms.CharField(
        label="Source address", max_length=500, required=False, widget=UnfoldAdminTextInputWidget
    )

    vetting_tier = forms.ChoiceField(
        label="Vetted", choices=list(VETTED.items()), widget=UnfoldAdminSelectWidget
    )

    class Meta:
        model = Problem
        fields = [
            "title",
            "statement",
            "hints",
            "solution",
            "difficulty",
            "estimated_minutes",
            "vetting_tier",
            "source_title",
            "source_url",
            "source_author",
            "license",
        ]
        labels = {"estimated_minutes": "Minutes", "license": "Licence"}
        widgets = {"statement": _markdown(16), "solution": _markdown(20)}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "tag_list" in self.fields:
            links = self.instance.problem_tags.order_by("id")
            self.initial["tag_list"] = list(links.values_list("tag", flat=True))

    def chosen_tags(self) -> list[int]:
        """The ids of the chosen tags: those the problem had in their order, then the new ones."""
        chosen = {tag.pk for tag in self.cleaned_data["tag_list"]}
        kept = [tag_id for tag_id in self.initial.get("tag_list", []) if tag_id in chosen]
        return kept + sorted(chosen.difference(kept))


class ApproveForm(BaseDialogForm):
    """Approve one problem."""

    vetting_tier = forms.ChoiceField(
        label="Vetted",
        choices=list(VETTED.items()),
        initial=VettingTier.TIER1_MANUAL,
        widget=UnfoldAdminSelectWidget,
        help_text="The better checked is served first.",
    )
    override_reason = forms.CharField(
        max_length=_NOTE_LENGTH,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text="Needed only when an approved problem says the same.",
    )


class RejectForm(BaseDialogForm):
    """Reject one problem."""

    note = forms.CharField(
        max_length=_NOTE_LENGTH,
        widget=UnfoldAdminTextInputWidget,
        help_text="Shown to the author, who may mend it and submit it again.",
    )


class ArchiveForm(BaseDialogForm):
    """Archive one problem."""

    reason = forms.CharField(
        max_length=_NOTE_LENGTH, required=False, widget=UnfoldAdminTextInputWidget
    )


class ApproveManyForm(forms.Form):
    """Approve several."""

    vetting_tier = forms.ChoiceField(
        label="Vetted",
        choices=list(VETTED.items()),
        initial=VettingTier.TIER1_MANUAL,
        widget=UnfoldAdminSelectWidget,
    )


class RejectManyForm(forms.Form):
    """Reject several with one note."""

    note = forms.CharField(
        max_length=_NOTE_LENGTH,
        widget=UnfoldAdminTextInputWidget,
        help_text="Shown to the authors, who may mend them and submit them again.",
    )


class ArchiveManyForm(forms.Form):
    """Archive several for one reason."""

    reason = forms.CharField(
        max_length=_NOTE_LENGTH, required=False, widget=UnfoldAdminTextInputWidget
    )
