"""Where the bank is found under /api/."""

from django.urls import path

from apps.problems.views import Problems

urlpatterns = [
    path("problems/", Problems.as_view({"get": "list"}), name="problem-list"),
    path("problems/<str:ref>/", Problems.as_view({"get": "retrieve"}), name="problem-detail"),
]
