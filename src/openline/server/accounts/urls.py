"""Addresses of accounts; those of sign-in are django-allauth's."""

from allauth.account import views as sign_in
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from django.urls import path, re_path

from openline.server.accounts import paper_views, provider, token_views, views
from openline.server.accounts.roles import needs

app_name = "accounts"
urlpatterns = [
    path("set-up/", views.set_up, name="set_up"),
    path("people/", views.people, name="people"),
    path("people/<int:pk>/", views.rights, name="rights"),
    path("people/<int:pk>/second-factor/", views.no_second_factor, name="no_second_factor"),
    path("people/second-factor/", views.require_second_factor, name="require_second_factor"),
    path("people/<int:pk>/password-link/", views.password_link, name="password_link"),
    path("tokens/", token_views.all_tokens, name="tokens"),
    path("tokens/<int:pk>/withdraw/", token_views.withdraw, name="withdraw_token"),
    path("paper-code/", paper_views.come_in, name="paper_code"),
    path("paper-codes/", paper_views.sheet, name="paper_codes"),
    path("paper-codes/withdraw/", paper_views.withdraw, name="withdraw_paper_codes"),
    path("paper-codes/<int:pk>/", paper_views.what_was_done, name="paper_use"),
    path("paper-codes/<int:pk>/reviewed/", paper_views.review, name="review_paper_use"),
    path("paper-codes/<int:pk>/end/", paper_views.end, name="end_paper_session"),
    path("log/", views.log, name="log"),
]
own = needs("own_account")
signing_in = [
    path("sign-in/", sign_in.login, name="account_login"),
    path("sign-out/", sign_in.logout, name="account_logout"),
    path("shut/", sign_in.account_inactive, name="account_inactive"),
    path("confirm/", own(sign_in.reauthenticate), name="account_reauthenticate"),
    path("password/", views.password, name="account_change_password"),
    re_path(
        r"^password/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        sign_in.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/done/", sign_in.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    path("provider/<slug:provider_id>/", provider.begin, name="openid_connect_login"),
    path("provider/<slug:provider_id>/back/", provider.come_back, name="openid_connect_callback"),
    path("provider-failed/", provider.failed, name="socialaccount_login_cancelled"),
    path("provider-failed/", provider.failed, name="socialaccount_login_error"),
    path("code/", mfa.authenticate, name="mfa_authenticate"),
    path("confirm/code/", own(mfa.reauthenticate), name="mfa_reauthenticate"),
    path("second-factor/", own(mfa.index), name="mfa_index"),
    path("second-factor/on/", own(totp.activate_totp), name="mfa_activate_totp"),
    path("second-factor/off/", own(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path("second-factor/recovery-codes/", own(codes.view_recovery_codes), name="mfa_view_recovery_codes"),
    path("second-factor/recovery-codes/new/", own(codes.generate_recovery_codes), name="mfa_generate_recovery_codes"),
    path("second-factor/recovery-codes/file/", own(codes.download_recovery_codes), name="mfa_download_recovery_codes"),
]
"""Without a name space, since django-allauth looks for these names; what is not listed can not be reached."""
