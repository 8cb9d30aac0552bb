"""The words of errors about problems."""

from apps.core.error_codes import register


def register_all() -> None:
    """Called once, from AppConfig.ready."""
    register("wrong_status", "This step is not possible from the problem's present status.", 409)
    register("incomplete", "Something is missing for this step; `detail` says what.", 409)
    register("twin", "Another problem says the same; it must be resolved first.", 409)
    register("too_many_pending", "Too many problems of this author wait for review.", 409)
    register("problem_delivered", "It was sent to somebody; archive it instead.", 409)
    register("slug_taken", "Another problem has this slug.", 409)
    register("uuid_taken", "Another problem has this uuid.", 409)
