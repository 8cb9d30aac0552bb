"""Where requests go: the admin, the API under /api/, and the small site."""

from django.contrib import admin
from django.urls import include, path

# The kernel's come last: they end with the answer to every address under /api/ that is none.
api = [
    path("", include("apps.accounts.urls")),
    path("", include("apps.tags.urls")),
    path("", include("apps.problems.urls")),
    path("", include("apps.notifications.urls")),
    path("", include("apps.core.urls")),
]

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include((api, "api"))),
    path("", include("apps.pages.urls")),
]
