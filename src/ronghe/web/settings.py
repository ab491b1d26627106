"""Every setting of the site, read from the environment; nothing here is secret and nothing is read twice.

`docs/operations/settings.md` lists the variables. Defaults suit one person on one machine: SQLite in `var/`.
"""

import os
import secrets
import sys
from pathlib import Path

import dj_database_url
import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from ronghe.web.sign_in import sign_in_providers

django_stubs_ext.monkeypatch()


def _text(name: str, default: str = "") -> str:
    return os.environ.get(name, default).strip()


def _flag(name: str, default: bool = False) -> bool:
    value = _text(name)
    if not value:
        return default
    if value.lower() in {"1", "true", "yes", "on"}:
        return True
    if value.lower() in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name}={value!r} is neither yes nor no; write 1 or 0")


def _list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in _text(name, default).split(",") if part.strip()]


def _number(name: str, default: int) -> int:
    value = _text(name)
    if not value:
        return default
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number") from None


def _kept_secret(path: Path) -> str:
    """Return the secret in `path`, made once: sessions outlive a restart without anyone configuring a key."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(50))
    return path.read_text(encoding="ascii").strip()


WEB_DIR = Path(__file__).resolve().parent
PROJECT_DIR = WEB_DIR.parents[2]
# Everything that a running site writes outside its database: keys, checkpoints, uploads, the SQLite file.
RONGHE_DATA_DIR = Path(_text("RONGHE_DATA_DIR", str(PROJECT_DIR / "var"))).resolve()
RONGHE_DATA_DIR.mkdir(parents=True, exist_ok=True)
# The ledger's name, where its checkpoints are kept outside the database, and its keys (see ledger/keys.py).
RONGHE_LEDGER_ORIGIN = _text("RONGHE_LEDGER_ORIGIN", "ronghe.localhost/ledger")
RONGHE_CHECKPOINT_DIR = Path(_text("RONGHE_CHECKPOINT_DIR", str(RONGHE_DATA_DIR / "checkpoints"))).resolve()
RONGHE_LEDGER_KEY = _text("RONGHE_LEDGER_KEY")
RONGHE_LEDGER_KEY_FILE = _text("RONGHE_LEDGER_KEY_FILE")
RONGHE_LEDGER_KEY_PASSPHRASE = _text("RONGHE_LEDGER_KEY_PASSPHRASE")
RONGHE_LEDGER_EVENT_KEY = _text("RONGHE_LEDGER_EVENT_KEY")
# Who watches that the log only grows (public key and address of each), and how many of them must have signed.
RONGHE_WITNESSES = _list("RONGHE_WITNESSES")
RONGHE_WITNESS_THRESHOLD = _number("RONGHE_WITNESS_THRESHOLD", 2)
# Where heads of the log are recorded besides, off unless named: a contract on an EVM chain, a time-stamping authority.
RONGHE_ANCHOR_URL = _text("RONGHE_ANCHOR_URL")
RONGHE_ANCHOR_CONTRACT = _text("RONGHE_ANCHOR_CONTRACT")
RONGHE_ANCHOR_KEY = _text("RONGHE_ANCHOR_KEY")
RONGHE_ANCHOR_KEY_FILE = _text("RONGHE_ANCHOR_KEY_FILE")
RONGHE_ANCHOR_KEY_PASSPHRASE = _text("RONGHE_ANCHOR_KEY_PASSPHRASE")
RONGHE_ANCHOR_CONFIRMATIONS = _number("RONGHE_ANCHOR_CONFIRMATIONS", 12)
RONGHE_TIMESTAMP_URL = _text("RONGHE_TIMESTAMP_URL")
RONGHE_TIMESTAMP_CERTIFICATES = _text("RONGHE_TIMESTAMP_CERTIFICATES")
# What one address may fetch of the public log from each web process; an audit of a million events takes four thousand.
RONGHE_LEDGER_REQUESTS_PER_10_SECONDS = _number("RONGHE_LEDGER_REQUESTS_PER_10_SECONDS", 5000)
# The address under which outsiders reach the site: DIDs, status lists and links in certificates are made from it.
RONGHE_PUBLIC_URL = _text("RONGHE_PUBLIC_URL", "http://localhost:8000")
# What private keys of issuers are sealed under, and who signs for keys kept elsewhere (see credentials/signing.py).
RONGHE_CREDENTIALS_KEK = _text("RONGHE_CREDENTIALS_KEK")
RONGHE_CREDENTIALS_KEK_FILE = _text("RONGHE_CREDENTIALS_KEK_FILE")
RONGHE_CREDENTIALS_SIGNER = _text("RONGHE_CREDENTIALS_SIGNER")
# For conformance suites on a loopback address alone: /credentials/issue signs without a key.
RONGHE_VC_API_OPEN = _flag("RONGHE_VC_API_OPEN")

DEBUG = _flag("RONGHE_DEBUG")
SECRET_KEY = _text("RONGHE_SECRET_KEY") or _kept_secret(RONGHE_DATA_DIR / "secret-key")
ALLOWED_HOSTS = _list("RONGHE_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = _list("RONGHE_TRUSTED_ORIGINS")
# Behind a TLS proxy: RONGHE_HTTPS=1 turns on secure cookies, HSTS and the proxy's header.
HTTPS = _flag("RONGHE_HTTPS")

INSTALLED_APPS = [
    "ronghe.web",
    "ronghe.apps.demo",
    "ronghe.apps.credentials",
    "ronghe.apps.credits",
    "ronghe.apps.rotations",
    "ronghe.apps.training",
    "ronghe.apps.positions",
    "ronghe.apps.curriculum",
    "ronghe.apps.mentors",
    "ronghe.apps.sites",
    "ronghe.apps.pool",
    "ronghe.apps.demand",
    "ronghe.apps.policies",
    "ronghe.apps.agreements",
    "ronghe.apps.community",
    "ronghe.apps.accounts",
    "ronghe.apps.metrics",
    "ronghe.apps.jobs",
    "ronghe.apps.ledger",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.dingtalk",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.socialaccount.providers.weixin",
    "csp",
    "django_filters",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "ninja",
    "rules.apps.AutodiscoverRulesConfig",
    "template_partials",
]

MIDDLEWARE = [
    "ronghe.web.middleware.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ronghe.apps.accounts.middleware.PersonalLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "ronghe.web.urls"
WSGI_APPLICATION = "ronghe.web.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ronghe.web.navigation.context",
            ],
        },
    }
]

_database = dj_database_url.parse(
    _text("DATABASE_URL", f"sqlite:///{RONGHE_DATA_DIR / 'ronghe.sqlite3'}"),
    conn_max_age=_number("RONGHE_DATABASE_CONN_MAX_AGE", 60),
    conn_health_checks=True,
)
if _database["ENGINE"] == "django.db.backends.sqlite3":
    # WAL lets pages read while a service writes; IMMEDIATE takes the write lock at the start of a transaction, so that
    # two writers queue instead of failing half-way; synchronous=FULL keeps what was committed through a power cut.
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        # Some 16 MB of log between two checkpoints: each waits for the disk twice, whatever it moves.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536; "
            "PRAGMA wal_autocheckpoint=4000;"
        ),
    }
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# One table every worker shares: the rate limits of sign-in and of the public doors count across processes.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "web_cache"},
}

TASKS = {"default": {"BACKEND": _text("RONGHE_TASKS_BACKEND", "django_tasks_db.DatabaseBackend")}}

AUTH_USER_MODEL = "accounts.Person"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"


# Sign-in. Accounts are made by the office or by an import, unless RONGHE_SIGNUP=1 opens the door to everyone.
RONGHE_SIGNUP = _flag("RONGHE_SIGNUP")
ACCOUNT_ADAPTER = "ronghe.apps.accounts.adapter.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "ronghe.apps.accounts.adapter.SocialAccountAdapter"
ACCOUNT_FORMS = {"signup": "ronghe.apps.accounts.forms.SignupForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if RONGHE_SIGNUP else "optional"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
# So many proxies of ours add to X-Forwarded-For: rate limits count by the address that the outermost saw.
ALLAUTH_TRUSTED_PROXY_COUNT = _number("RONGHE_PROXIES", 0)
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Ronghe 融合"
# Browsers allow passkeys on http://localhost; anywhere else they need TLS.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = sign_in_providers(os.environ)

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Simplified Chinese")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "ronghe_language"
TIME_ZONE = _text("RONGHE_TIME_ZONE", "Asia/Shanghai")
USE_TZ = True
FORMAT_MODULE_PATH = "ronghe.web.formats"
USE_I18N = True
FORM_RENDERER = "ronghe.web.form_renderer.Renderer"

STATIC_URL = "static/"
STATIC_ROOT = RONGHE_DATA_DIR / "static"
MEDIA_ROOT = RONGHE_DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

SESSION_COOKIE_NAME = "ronghe_session"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

EMAIL_BACKEND = _text("RONGHE_EMAIL_BACKEND", "django.core.mail.backends.console.EmailBackend")
DEFAULT_FROM_EMAIL = _text("RONGHE_EMAIL_FROM", "ronghe@localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
            "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
            "json_ensure_ascii": False,
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": sys.stderr}},
    "root": {"handlers": ["stderr"], "level": _text("RONGHE_LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": [], "propagate": True, "level": "INFO"},
        "django.server": {"handlers": [], "propagate": True},
    },
}
