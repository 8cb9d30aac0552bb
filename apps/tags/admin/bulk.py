"""What curators do to many tags at once, each with one page that asks first."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget

from apps.core.admin.base import ServiceAdmin
from apps.core.admin.confirming import Question
from apps.tags.admin.forms import listed_tree_field
from apps.tags.models import Tag, TagType
from apps.tags.services import change_tag, move_tag


class MoveManyForm(forms.Form):
    """Where the chosen tags go."""

    parent = listed_tree_field(label="Under", required=False, help_text="Empty for the top.")


class RetypeManyForm(forms.Form):
    """What the chosen tags are."""

    tag_type = forms.ChoiceField(
        label="Type", choices=TagType.choices, widget=UnfoldAdminSelectWidget
    )


_MOVE = Question(
    title="Move these tags, with all below them?",
    text="They go last among the tags below their new parent.",
    button="Move",
    form_class=MoveManyForm,
)
_RETYPE = Question(
    title="Give these tags another type?", button="Change type", form_class=RetypeManyForm
)
_FEATURE = Question(
    title="Feature these tags?", text="They are offered first to readers.", button="Feature"
)
_UNFEATURE = Question(title="Feature these tags no longer?", button="Feature no longer")


class TagBulkAdmin(ServiceAdmin):
    """Actions on the chosen rows of the tree; each tag by itself, refusals are told one by one."""

    actions = ["move_all", "retype_all", "feature_all", "unfeature_all"]

    @action(description="Move under another tag", permissions=["change"])
    def move_all(self, request: HttpRequest, queryset: "QuerySet[Tag]") -> TemplateResponse | None:
        def move(tag: Tag, answers: dict[str, Any]) -> None:
            parent = answers["parent"]
            move_tag(tag_id=tag.pk, parent_id=parent.pk if parent else None)

        return self._change_all(request, queryset, _MOVE, "Moved.", move)

    @action(description="Change type", permissions=["change"])
    def retype_all(
        self, request: HttpRequest, queryset: "QuerySet[Tag]"
    ) -> TemplateResponse | None:
        def retype(tag: Tag, answers: dict[str, Any]) -> None:
            change_tag(tag_id=tag.pk, tag_type=answers["tag_type"], by=request.user)

        return self._change_all(request, queryset, _RETYPE, "Type changed.", retype)

    @action(description="Feature", permissions=["change"])
    def feature_all(
        self, request: HttpRequest, queryset: "QuerySet[Tag]"
    ) -> TemplateResponse | None:
        def feature(tag: Tag, answers: dict[str, Any]) -> None:
            change_tag(tag_id=tag.pk, is_featured=True, by=request.user)

        return self._change_all(request, queryset, _FEATURE, "Featured.", feature)

    @action(description="Feature no longer", permissions=["change"])
    def unfeature_all(
        self, request: HttpRequest, queryset: "QuerySet[Tag]"
    ) -> TemplateResponse | None:
        def unfeature(tag: Tag, answers: dict[str, Any]) -> None:
            change_tag(tag_id=tag.pk, is_featured=False, by=request.user)

        return self._change_all(request, queryset, _UNFEATURE, "Featured no longer.", unfeature)

    def _change_all(
        self,
        request: HttpRequest,
        tags: "QuerySet[Tag]",
        question: Question,
        said: str,
        change: Callable[[Tag, dict[str, Any]], None],
    ) -> TemplateResponse | None:
        # Read again by id: what mptt's list hands over is ordered as the tree was.
        chosen = Tag.objects.filter(pk__in=list(tags.values_list("pk", flat=True))).in_tree_order()
        answer = question.ask(self, request, chosen)
        if isinstance(answer, TemplateResponse):
            return answer
        self.act_on_each(request, chosen, said, lambda tag: change(tag, answer.cleaned_data))
        return None
