"""Addresses of accounts; those of sign-in are django-allauth's."""

from allauth.account import views as sign_in
from django.urls import path, re_path

from openline.server.accounts import views
from openline.server.accounts.roles import needs

app_name = "accounts"
urlpatterns = [
    path("set-up/", views.set_up, name="set_up"),
    path("people/", views.people, name="people"),
    path("people/<int:pk>/", views.rights, name="rights"),
    path("people/<int:pk>/password-link/", views.password_link, name="password_link"),
    path("log/", views.log, name="log"),
]
signing_in = [
    path("sign-in/", sign_in.login, name="account_login"),
    path("sign-out/", sign_in.logout, name="account_logout"),
    path("shut/", sign_in.account_inactive, name="account_inactive"),
    path("confirm/", needs("own_account")(sign_in.reauthenticate), name="account_reauthenticate"),
    path("password/", needs("own_account")(sign_in.password_change), name="account_change_password"),
    re_path(
        r"^password/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        sign_in.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("password/done/", sign_in.password_reset_from_key_done, name="account_reset_password_from_key_done"),
]
"""Without a name space, since django-allauth looks for these names; what is not listed can not be reached."""
