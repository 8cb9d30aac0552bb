"""Where the kernel is found under /api/."""

from django.urls import path, re_path

from apps.core import views

urlpatterns = [
    path("health/live/", views.Live.as_view(), name="health-live"),
    path("health/ready/", views.Ready.as_view(), name="health-ready"),
    path("health/status/", views.Status.as_view(), name="health-status"),
    path("time-zones/", views.TimeZones.as_view(), name="time-zones"),
    path("schema/", views.Schema.as_view(), name="schema"),
    path("docs/", views.Docs.as_view(url_name="api:schema"), name="docs"),
    # Last of all: what nothing else wanted, a missing slash included.
    re_path(r"", views.UnknownPath.as_view(), name="unknown"),
]
