"""Changes of the tree and of suggested names, shared by the API, the admin, the import and the
pipeline.
"""

from apps.tags.services.checking import check_tree, rebuild_tree
from apps.tags.services.importing import ImportedTags, import_tags
from apps.tags.services.merging import merge_tag
from apps.tags.services.suggestions import (
    KnownNames,
    approve_suggestion,
    know_or_suggest,
    merge_suggestion,
    reject_suggestion,
    suggest_tag,
)
from apps.tags.services.tag_files import TagImportRules, import_tag_files
from apps.tags.services.tags import change_tag, create_tag, delete_tag, move_tag
from apps.tags.services.undoing import undo_merge

__all__ = [
    "ImportedTags",
    "KnownNames",
    "TagImportRules",
    "approve_suggestion",
    "change_tag",
    "check_tree",
    "create_tag",
    "delete_tag",
    "import_tag_files",
    "import_tags",
    "know_or_suggest",
    "merge_suggestion",
    "merge_tag",
    "move_tag",
    "rebuild_tree",
    "reject_suggestion",
    "suggest_tag",
    "undo_merge",
]
