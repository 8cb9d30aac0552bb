"""Where tags are found under /api/."""

from django.urls import path

from apps.tags.merge_views import TagMerges
from apps.tags.suggestion_views import TagSuggestions
from apps.tags.views import Tags

urlpatterns = [
    path("tags/", Tags.as_view({"get": "list", "post": "create"}), name="tag-list"),
    path("tags/tree/", Tags.as_view({"get": "tree"}, pagination_class=None), name="tag-tree"),
    path(
        "tags/<str:ref>/",
        Tags.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"}),
        name="tag-detail",
    ),
    path("tags/<str:ref>/move/", Tags.as_view({"post": "move"}), name="tag-move"),
    path(
        "tags/<str:ref>/merge-preview/",
        Tags.as_view({"get": "merge_preview"}, pagination_class=None),
        name="tag-merge-preview",
    ),
    path("tags/<str:ref>/merge/", Tags.as_view({"post": "merge"}), name="tag-merge"),
    path("tag-merges/", TagMerges.as_view({"get": "list"}), name="tag-merge-list"),
    path("tag-merges/<int:pk>/undo/", TagMerges.as_view({"post": "undo"}), name="tag-merge-undo"),
    path(
        "tag-suggestions/",
        TagSuggestions.as_view({"get": "list", "post": "create"}),
        name="tag-suggestion-list",
    ),
    path(
        "tag-suggestions/<int:pk>/",
        TagSuggestions.as_view({"get": "retrieve"}),
        name="tag-suggestion-detail",
    ),
    *(
        path(
            f"tag-suggestions/<int:pk>/{step}/",
            TagSuggestions.as_view({"post": step}),
            name=f"tag-suggestion-{step}",
        )
        for step in ("approve", "merge", "reject")
    ),
]
