"""Where the small site is found."""

from django.urls import path

from apps.pages.views import feedback, front, mailbox, reading, subscriptions

app_name = "pages"
urlpatterns = [
    path("", front.front, name="front"),
    path("privacy/", front.privacy, name="privacy"),
    path("problems/<slug:slug>/", reading.problem, name="problem"),
    path("read/<str:token>/", reading.read, name="read"),
    path("feedback/<str:token>/", feedback.feedback, name="feedback"),
    path("unsubscribe/<str:token>/", subscriptions.unsubscribe, name="unsubscribe"),
    path("manage/<str:token>/", subscriptions.manage, name="manage"),
    path("verify-email/", front.verify_email, name="verify-email"),
    path("confirm-email/", front.confirm_email, name="confirm-email"),
    path("undo-email-change/", front.undo_email_change, name="undo-email-change"),
    path("reset-password/", front.reset_password, name="reset-password"),
    path("mailbox/", mailbox.mailbox, name="mailbox"),
    path("mailbox/<int:pk>/", mailbox.message, name="mailbox-message"),
    path("mailbox/<int:pk>/html/", mailbox.frame, name="mailbox-frame"),
]
