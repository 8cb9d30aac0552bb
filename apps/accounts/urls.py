"""Where accounts is found under /api/."""

from django.urls import path

from apps.accounts.views import addresses, me, passwords, people, registration, sessions

urlpatterns = [
    path("accounts/register/", registration.Register.as_view(), name="register"),
    path("accounts/verify-email/", registration.VerifyEmail.as_view(), name="verify-email"),
    path(
        "accounts/resend-verification/",
        registration.ResendVerification.as_view(),
        name="resend-verification",
    ),
    path("accounts/token/", sessions.SignIn.as_view(), name="token"),
    path("accounts/token/refresh/", sessions.Refresh.as_view(), name="token-refresh"),
    path("accounts/token/revoke/", sessions.Revoke.as_view(), name="token-revoke"),
    path("accounts/token/revoke-all/", sessions.RevokeAll.as_view(), name="token-revoke-all"),
    path("accounts/password/forgot/", passwords.ForgotPassword.as_view(), name="password-forgot"),
    path("accounts/password/reset/", passwords.ResetPassword.as_view(), name="password-reset"),
    path("accounts/password/change/", passwords.ChangePassword.as_view(), name="password-change"),
    path("accounts/email/change/", addresses.ChangeEmail.as_view(), name="email-change"),
    path("accounts/email/confirm/", addresses.ConfirmEmail.as_view(), name="email-confirm"),
    path("accounts/email/undo/", addresses.UndoEmail.as_view(), name="email-undo"),
    path("accounts/me/", me.Me.as_view(), name="me"),
    path("accounts/me/export/", me.Export.as_view(), name="me-export"),
    path("accounts/me/erase/", me.Erase.as_view(), name="me-erase"),
    path("accounts/users/", people.People.as_view({"get": "list"}), name="user-list"),
    path(
        "accounts/users/<int:pk>/",
        people.People.as_view({"get": "retrieve", "patch": "partial_update"}),
        name="user-detail",
    ),
]
