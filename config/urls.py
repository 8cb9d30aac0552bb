"""Where requests go: the admin, the API under /api/, and the small site."""

from django.contrib import admin
from django.urls import path

urlpatterns = [
    path("admin/", admin.site.urls),
]
