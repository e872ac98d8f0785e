"""Django's settings. What differs between installations comes from the environment, set by `openline serve`."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from openline.server import oidc
from openline.server.database import databases

HERE = Path(__file__).parent
DATA = Path(os.environ.get("OPENLINE_DATA", "openline-data"))


def _secret_key() -> str:
    """Return the installation's own key, made at the first start and readable by its owner only.

    Several nodes must have the same one: OPENLINE_SECRET_KEY gives it to them.
    """
    if given := os.environ.get("OPENLINE_SECRET_KEY"):
        return given
    file = DATA / "secret-key"
    if not file.is_file():
        DATA.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(48), encoding="ascii")
    return file.read_text(encoding="ascii")


DEMO = os.environ.get("OPENLINE_DEMO") == "1"
"""The demo opens signed in as its owner, on this machine only; every page says so."""

OWN_URL = os.environ.get("OPENLINE_OWN_URL", "http://127.0.0.1:8000")
"""Where this machine finds the server."""

PUBLIC_URL = os.environ.get("OPENLINE_URL", "").rstrip("/")
"""Where people find this server when it answers other machines, such as https://openline.example.org."""

STATUS_DIR = os.environ.get("OPENLINE_STATUS_DIR") or str(DATA / "status-pages")
"""Where status pages are written as static files, a directory for each centre."""

WEBHOOKS_PRIVATE = os.environ.get("OPENLINE_WEBHOOKS_PRIVATE") == "1"
"""Whether webhooks may call addresses inside this network, and without encryption."""

HAS_KEY = "OPENLINE_DATA" in os.environ or "OPENLINE_SECRET_KEY" in os.environ
SECRET_KEY = _secret_key() if HAS_KEY else secrets.token_urlsafe(48)
DEBUG = False
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
if PUBLIC_URL:
    ALLOWED_HOSTS.append(urlsplit(PUBLIC_URL).hostname or "")
    CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
ROOT_URLCONF = "openline.server.urls"
ASGI_APPLICATION = "openline.server.asgi.application"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "openline.server.engine",
    "openline.server.notifications",
    "openline.server.incidents",
    "openline.server.answers",
    "openline.server.rotas",
    "openline.server.outbox",
    "openline.server.room",
    "openline.server.demo",
    "openline.server.roll_calls",
    "openline.server.damage",
    "openline.server.sitreps",
    "openline.server.restoration",
    "openline.server.reports",
    "openline.server.accounts",
    "openline.server.plans",
    "openline.server.findings",
    "openline.server.wizard",
    "openline.server.revisions",
    "openline.server.editing",
    "openline.server.bringing",
    "openline.server.links",
    "openline.server.centre",
    "openline.server.whatif",
    "openline.server.status_pages",
    "openline.server.webhooks",
    "openline.server.messages",
    "openline.server.health",
]
MIDDLEWARE = [
    "openline.server.health.figures.timed",
    "django.middleware.security.SecurityMiddleware",
    "openline.server.security.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "openline.server.accounts.roles.Gate",
    "openline.server.security.PlainText",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "openline.server.errors.only_for_forms",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "openline.server.accounts.context.account",
                "openline.server.plans.context.centres",
                "openline.server.incidents.context.under_way",
                "openline.server.demo.context.script",
            ],
            "builtins": ["openline.server.templatetags"],
        },
    }
]
DATABASES = databases(os.environ.get("DATABASE_URL", ""), DATA)
ENGINE_WORK = "openline.server.incidents.world.WORK"
"""What the engine does: the dotted name of a Work."""

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "openline.server.accounts.signing_in.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
MFA_ADAPTER = "openline.server.accounts.second_factor.Adapter"
MFA_TOTP_ISSUER = "Openline"
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = True
OIDC = oidc.from_environment(os.environ)
SOCIALACCOUNT_PROVIDERS = oidc.as_allauth(OIDC)
SOCIALACCOUNT_ADAPTER = "openline.server.accounts.provider.Adapter"
SOCIALACCOUNT_LOGIN_ON_GET = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if PUBLIC_URL else "http"
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
PASSWORD_RESET_TIMEOUT = 3 * 86400
SESSION_COOKIE_AGE = 7 * 86400
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SAMESITE = "Lax"
if SESSION_COOKIE_SECURE:
    # The prefix makes browsers refuse a cookie of this name that came over no TLS, or from a neighbouring host.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-openline", "__Host-openline-csrf"
    SECURE_HSTS_SECONDS = 365 * 86400

STATIC_URL = "static/"
STATICFILES_DIRS = [HERE / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

LANGUAGE_CODE = "en-gb"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

FILE_UPLOAD_HANDLERS = ["openline.server.bringing.upload.Bounded"]

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "openline.server.errors.forged"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
