"""Where the subscription and deliveries are found under /api/."""

from django.urls import path

from apps.notifications.views import subscriptions
from apps.notifications.views.deliveries import Deliveries

urlpatterns = [
    path("subscription/", subscriptions.OwnSubscription.as_view(), name="subscription"),
    path("subscription/pause/", subscriptions.Pause.as_view(), name="subscription-pause"),
    path("subscription/resume/", subscriptions.Resume.as_view(), name="subscription-resume"),
    path(
        "subscription/unsubscribe/",
        subscriptions.Unsubscribe.as_view(),
        name="subscription-unsubscribe",
    ),
    path("deliveries/", Deliveries.as_view({"get": "list"}), name="delivery-list"),
    path(
        "deliveries/today/",
        Deliveries.as_view({"get": "today"}, pagination_class=None),
        name="delivery-today",
    ),
    path("deliveries/<int:pk>/", Deliveries.as_view({"get": "retrieve"}), name="delivery-detail"),
]
