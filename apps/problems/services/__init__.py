"""Changes of the bank, shared by the API, the admin, the import and the pipeline."""

from apps.problems.services.editing import change_problem, create_problem, delete_problem
from apps.problems.services.importing import import_problems
from apps.problems.services.review import (
    approve_problem,
    archive_problem,
    reject_problem,
    restore_problem,
    submit_problem,
)

__all__ = [
    "approve_problem",
    "archive_problem",
    "change_problem",
    "create_problem",
    "delete_problem",
    "import_problems",
    "reject_problem",
    "restore_problem",
    "submit_problem",
]
