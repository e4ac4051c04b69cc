"""Addresses of signing in, by the names that django-allauth looks for."""

from django.contrib import admin
from django.urls import path

from .admin import factor_pages, organisation, own_account

urlpatterns = [
    path("login/", admin.site.login, name="account_login"),
    path("login/<slug:provider_id>/", organisation.begin, name="openid_connect_login"),
    path("login/<slug:provider_id>/back/", organisation.end, name="openid_connect_callback"),
    path("second-step/", factor_pages.SecondStep.as_view(), name="mfa_authenticate"),
    path("how-you-sign-in/", own_account.OwnAccount.as_view(), name="mfa_index"),
    path("how-you-sign-in/link/", own_account.SendLink.as_view(), name="send_own_link"),
    path("how-you-sign-in/sessions/<slug:name>/end/", own_account.EndSession.as_view(), name="end_session"),
    path("how-you-sign-in/sessions/end-others/", own_account.EndOthers.as_view(), name="end_other_sessions"),
    path("how-you-sign-in/again/", factor_pages.PasswordAgain.as_view(), name="account_reauthenticate"),
    path("how-you-sign-in/again/code/", factor_pages.CodeAgain.as_view(), name="mfa_reauthenticate"),
    path("how-you-sign-in/again/passkey/", factor_pages.PasskeyAgain.as_view(), name="mfa_reauthenticate_webauthn"),
    path("how-you-sign-in/app/", factor_pages.AddApp.as_view(), name="mfa_activate_totp"),
    path("how-you-sign-in/app/remove/", factor_pages.RemoveApp.as_view(), name="mfa_deactivate_totp"),
    path("how-you-sign-in/passkey/", factor_pages.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("how-you-sign-in/passkey/<int:pk>/remove/", factor_pages.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("how-you-sign-in/recovery-codes/", factor_pages.RecoveryCodes.as_view(), name="mfa_view_recovery_codes"),
    path(
        "how-you-sign-in/recovery-codes/new/",
        factor_pages.NewRecoveryCodes.as_view(),
        name="mfa_generate_recovery_codes",
    ),
]
