"""What the forms of the small site accept; the services check the rest."""

from typing import Any

from django import forms

from apps.core.validators import validate_timezone
from apps.notifications.models import MAX_INTERESTS, DifficultyFelt, Outcome
from apps.notifications.services.readings import COMMENT_LIMIT
from apps.problems.models import Difficulty
from apps.tags.models import Tag

WEEKDAYS = (
    (1, "Monday"),
    (2, "Tuesday"),
    (3, "Wednesday"),
    (4, "Thursday"),
    (5, "Friday"),
    (6, "Saturday"),
    (7, "Sunday"),
)
OUTCOMES = {Outcome.SOLVED: "Solved", Outcome.TRIED: "Tried", Outcome.SKIPPED: "Skipped"}
DIFFICULTIES_FELT = {
    DifficultyFelt.TOO_EASY: "Too easy",
    DifficultyFelt.RIGHT: "Just right",
    DifficultyFelt.TOO_HARD: "Too hard",
}
RATINGS = tuple((number, str(number)) for number in range(1, 6))


class FeedbackForm(forms.Form):
    """How a challenge went, and what is wrong with it."""

    outcome = forms.ChoiceField(choices=tuple(OUTCOMES.items()), required=False)
    difficulty_felt = forms.ChoiceField(choices=tuple(DIFFICULTIES_FELT.items()), required=False)
    rating = forms.TypedChoiceField(choices=RATINGS, coerce=int, empty_value=None, required=False)
    comment = forms.CharField(max_length=COMMENT_LIMIT, required=False)


class WishesForm(forms.Form):
    """What a subscriber may change without signing in."""

    delivery_time = forms.TimeField(
        input_formats=["%H:%M"], error_messages={"invalid": "Give hour and minute, as in 08:00."}
    )
    timezone = forms.CharField(max_length=64, validators=[validate_timezone])
    weekdays = forms.TypedMultipleChoiceField(
        choices=WEEKDAYS, coerce=int, error_messages={"required": "Choose at least one day."}
    )
    difficulties = forms.MultipleChoiceField(
        choices=Difficulty.choices, error_messages={"required": "Choose at least one."}
    )
    tags = forms.ModelMultipleChoiceField(queryset=Tag.objects.all(), required=False)
    send_solutions = forms.BooleanField(required=False)

    def clean_tags(self) -> Any:
        tags = self.cleaned_data["tags"]
        if len(tags) > MAX_INTERESTS:
            raise forms.ValidationError(f"Choose at most {MAX_INTERESTS} interests.")
        return tags

    def wishes(self) -> dict[str, Any]:
        """The checked values as notifications.services.change_subscription takes them."""
        wishes = dict(self.cleaned_data)
        wishes["tag_ids"] = [tag.pk for tag in wishes.pop("tags")]
        return wishes
