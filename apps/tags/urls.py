"""Where tags are found under /api/."""

from django.urls import path

from apps.tags.views import Tags

urlpatterns = [
    path("tags/", Tags.as_view({"get": "list"}), name="tag-list"),
    path("tags/tree/", Tags.as_view({"get": "tree"}), name="tag-tree"),
    path("tags/<str:ref>/", Tags.as_view({"get": "retrieve"}), name="tag-detail"),
]
