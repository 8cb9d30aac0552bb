"""The words of errors about tags."""

from apps.core.error_codes import register


def register_all() -> None:
    """Called once, from AppConfig.ready."""
    register("tag_name_taken", "The name already belongs to a tag, which `detail` names.", 409)
    register("tag_in_use", "The tag has children or is used; `detail` says by what.", 409)
    register("tag_cycle", "A tag cannot go under itself or what is below it.", 409)
    register("tag_too_deep", "The tree would become too deep.", 409)
    register("tag_rejected", "The name was rejected before; `detail` says why.", 409)
    register("already_decided", "Somebody has decided this suggestion already.", 409)
    register("tree_busy", "Somebody else is changing the tree; try again in a moment.", 409)
    register("too_many_aliases", "Merged, the tag would have more other names than it may.", 409)
    register("already_undone", "Somebody has undone this merge already.", 409)
    register("merge_touched", "Something was changed since the merge; `detail` names it.", 409)
