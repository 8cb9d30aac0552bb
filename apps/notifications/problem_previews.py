"""The two mails of a problem, for the curators who look at it before readers do."""

from apps.notifications.mails import is_cut, preview
from apps.notifications.models import DeliveryKind
from apps.problems.models import Problem
from apps.problems.previews import Preview


def previews(problem: Problem) -> list[Preview]:
    """Challenge and, once there is one, solution.

    InvalidInputError when the Markdown is beyond the limits.
    """
    kinds = [DeliveryKind.CHALLENGE] + [DeliveryKind.SOLUTION] * bool(problem.solution)
    return [
        Preview(kind.value, preview(problem, kind), is_cut=is_cut(problem, kind)) for kind in kinds
    ]
