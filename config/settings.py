"""Settings, all from the environment; the README has the table. A half-configured site does not start."""

import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from categories.content.note import Signer, Verifier

from . import logs

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"


def flag(name: str) -> bool:
    """Read a setting that is on or off."""
    value = os.environ.get(name, "0")
    if value not in {"0", "1"}:
        raise ImproperlyConfigured(f"{name} is “{value}”; it must be 1 (on) or 0 (off).")
    return value == "1"


def number(name: str, default: int) -> int:
    """Read a setting that is a whole number."""
    value = os.environ.get(name) or str(default)
    if not value.isdecimal():
        raise ImproperlyConfigured(f"{name} is “{value}”; it must be a whole number.")
    return int(value)


def private(path: Path) -> Path:
    """Keep everybody but its owner from what lies at the path; others could read what earlier versions made."""
    found = path.stat()
    if found.st_mode & 0o077 and found.st_uid == os.geteuid():
        path.chmod(found.st_mode & 0o700)
    return path


def secret_key() -> str:
    """Return SECRET_KEY, or for a site of this machine's own one that is made once and kept under var/."""
    if key := os.environ.get("SECRET_KEY"):
        if len(key.strip()) < 40 and not DEBUG:
            raise ImproperlyConfigured("SECRET_KEY is shorter than 40 characters; give a long random one.")
        return key
    if not LOCAL:
        raise ImproperlyConfigured("SECRET_KEY is not set; give a long random one (or DEBUG=1 to develop).")
    path = VAR_DIR / "secret-key"
    if not path.exists() or not path.stat().st_size:
        aside = path.with_suffix(".new")  # then moved, so that there is never half a key
        aside.touch(mode=0o600)
        aside.write_text(secrets.token_urlsafe(50))
        aside.replace(path)
    return private(path).read_text().strip()


def allowed_hosts() -> list[str]:
    hosts = [host.strip() for host in os.environ.get("ALLOWED_HOSTS", "").split(",") if host.strip()]
    if not hosts and LOCAL:
        return [".localhost", "127.0.0.1", "[::1]"]
    if not hosts:
        raise ImproperlyConfigured("ALLOWED_HOSTS is not set; give the site's host names, separated by commas.")
    if "*" in hosts:
        raise ImproperlyConfigured("ALLOWED_HOSTS must name each host; * would trust any.")
    if wrong := [host for host in hosts if "/" in host or re.search(r":\d+$", host.rpartition("]")[2])]:
        raise ImproperlyConfigured(f"ALLOWED_HOSTS has “{wrong[0]}”; give host names alone, such as example.org.")
    return hosts


def site_address() -> str:
    """Return the address that e-mail leads to: never what a request says, since whoever sends it chooses that."""
    scheme, port = ("http", f":{os.environ.get('PORT') or 8000}") if PLAIN_HTTP else ("https", "")
    host = ALLOWED_HOSTS[0].lstrip(".") if ALLOWED_HOSTS else "127.0.0.1"
    address = os.environ.get("SITE_ADDRESS") or f"{scheme}://{host}{port}"
    if not re.fullmatch(r"https?://[^/?#\s]+", address):
        raise ImproperlyConfigured(f"SITE_ADDRESS is “{address}”; give the site's address, as https://example.org.")
    return address


def kept_private(path: Path) -> None:
    """See that the owner alone can read a database of SQLite; its journal does as it does."""
    if path.is_file():
        private(path)
    elif path.parent.is_dir() and os.access(path.parent, os.W_OK):
        path.touch(mode=0o600)  # SQLite's own would be for everybody to read


def database() -> dict:
    """Return the one database: SQLite under var/ unless DATABASE_URL says otherwise."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        url = f"sqlite:///{VAR_DIR / 'guidance.sqlite3'}"
    try:
        config = dj_database_url.parse(url, conn_max_age=60)
    except (ValueError, dj_database_url.ParseError) as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {error}") from error
    if config["ENGINE"] == "django.db.backends.sqlite3":
        if config["NAME"] != ":memory:":
            kept_private(Path(config["NAME"]))
        # IMMEDIATE takes the write lock first, so that writers wait instead of failing. The rollback journal stays:
        # write-ahead logging has a corruption bug before SQLite 3.51.3.
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        }
    else:
        config["ENGINE"] = "config.postgresql"
        config["CONN_HEALTH_CHECKS"] = True  # without a round trip: see there
        timeouts = {
            "statement_timeout": STATEMENT_TIMEOUT,
            "lock_timeout": LOCK_TIMEOUT,
            "idle_in_transaction_session_timeout": IDLE_TIMEOUT,
        }
        options = {
            "application_name": "guidance",
            "connect_timeout": CONNECT_TIMEOUT,
            "options": " ".join(f"-c {name}={seconds * 1000}" for name, seconds in timeouts.items()),
        }
        config["OPTIONS"] = options | config.get("OPTIONS", {})
    return config


def keys(name: str, read: Callable[[str], Any]) -> list[Any]:
    """Read the keys of a setting, separated by commas. What is wrong is said without the key: it may be private."""
    try:
        return [read(key.strip()) for key in os.environ.get(name, "").split(",") if key.strip()]
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} cannot be read: {error}. “manage.py make_signing_key” makes one.") from None


def second_factor() -> str:
    """Say whether staff must have a second step to sign in, or are only offered one: on one's own machine alone."""
    value = os.environ.get("SECOND_FACTOR") or ("offered" if LOCAL else "required")
    if value not in {"required", "offered"}:
        raise ImproperlyConfigured(f"SECOND_FACTOR is “{value}”; it must be required or offered.")
    if value == "offered" and not PLAIN_HTTP:
        raise ImproperlyConfigured("SECOND_FACTOR=offered is for your own machine alone: it needs PLAIN_HTTP=1.")
    return value


def oidc() -> tuple[str, str, str]:
    """Return issuer, client and secret of the organisation’s own sign-in, or three empty texts where there is none."""
    issuer, client = os.environ.get("OIDC_ISSUER", ""), os.environ.get("OIDC_CLIENT_ID", "")
    secret = os.environ.get("OIDC_CLIENT_SECRET", "")
    if any((issuer, client, secret)) and not all((issuer, client, secret)):
        raise ImproperlyConfigured("OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET are set together, or none.")
    if issuer and not re.match(r"https://[^/]" if not PLAIN_HTTP else r"https?://[^/]", issuer):
        raise ImproperlyConfigured(f"OIDC_ISSUER is “{issuer}”; give an address, as https://login.example.org.")
    return issuer, client, secret


def email_backend() -> str:
    name = os.environ.get("EMAIL_BACKEND") or "django.core.mail.backends.console.EmailBackend"
    try:
        import_string(name)
    except ImportError as error:
        raise ImproperlyConfigured(f"EMAIL_BACKEND is “{name}”, which cannot be imported: {error}") from error
    return name


def log_format() -> str:
    form = os.environ.get("LOG_FORMAT") or "line"
    if form not in logs.FORMS:
        raise ImproperlyConfigured(f"LOG_FORMAT is “{form}”; it must be {' or '.join(logs.FORMS)}.")
    return form


VAR_DIR.mkdir(mode=0o700, exist_ok=True)
private(VAR_DIR)

DEBUG = flag("DEBUG")
LOCAL = flag("LOCAL") or DEBUG
PLAIN_HTTP = flag("PLAIN_HTTP") or LOCAL
SECRET_KEY = secret_key()
SECRET_KEY_FALLBACKS = [key for key in os.environ.get("SECRET_KEY_FALLBACKS", "").split(",") if key]
ALLOWED_HOSTS = allowed_hosts()
SITE_ADDRESS = site_address()
# A page that is not made by then answers 503. Commands set none for their statements: a migration may take long.
CONNECT_TIMEOUT, LOCK_TIMEOUT, IDLE_TIMEOUT = 3, 5, 60  # seconds
STATEMENT_TIMEOUT = number("STATEMENT_TIMEOUT", 10)
LINKS_WITHIN_THE_NETWORK = False  # True only in tests: check_links then asks machines of its own network too
DATABASE_SLOTS = 3  # requests of a process that may wait for the database at once: one fewer than gunicorn's threads
DATABASES = {"default": database()}

INSTALLED_APPS = [
    "categories",
    "categories.apps.StaffSiteConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "simple_history",
    "csp",
]
MIDDLEWARE = [
    "config.edges.edges",  # first, so that it sees every answer
    "categories.previews.never_kept",
    "config.faults.bulkhead",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.edges.OrderedCSP",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["categories.templatetags.guidance"],
        },
    },
]

AUTH_USER_MODEL = "categories.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "categories.models.passwords.OwnWordsValidator"},
]
PASSWORD_HASHERS = [
    "categories.models.passwords.Argon2",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",  # what was kept before; hashed anew at the next sign-in
]
LOGIN_URL = "admin:login"
CSRF_FAILURE_VIEW = "categories.admin.expired.csrf_failure"

# The second step is django-allauth's; the pages, limits and mail are ours. Nobody signs up, and no address is verified
# there: an account's own address is, by the link that sets its password.
SECOND_FACTOR = second_factor()
ACCOUNT_ADAPTER = "categories.admin.adapters.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False  # models/tries.py counts, in the database
ACCOUNT_REAUTHENTICATION_TIMEOUT = 10 * 60
MFA_ADAPTER = "categories.admin.adapters.FactorAdapter"
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_FORMS = {
    "authenticate": "categories.admin.factor_forms.SecondStepForm",
    "authenticate_webauthn": "categories.admin.factor_forms.PasskeyStepForm",
    "reauthenticate": "categories.admin.factor_forms.AgainForm",
    "reauthenticate_webauthn": "categories.admin.factor_forms.PasskeyAgainForm",
    "activate_totp": "categories.admin.factor_forms.AppForm",
    "add_webauthn": "categories.admin.factor_forms.PasskeyForm",
}
ACCOUNT_FORMS = {"reauthenticate": "categories.admin.factor_forms.PasswordAgainForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = PLAIN_HTTP

# Optional: the organisation’s own sign-in, by OpenID Connect, beside the password
OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET = oidc()
OIDC_NAME = os.environ.get("OIDC_NAME") or "your organisation"
OIDC_HAS_SECOND_FACTOR = flag("OIDC_HAS_SECOND_FACTOR")
SOCIALACCOUNT_ADAPTER = "categories.admin.adapters.OrganisationAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "organisation",
                "name": OIDC_NAME,
                "client_id": OIDC_CLIENT_ID,
                "secret": OIDC_CLIENT_SECRET,
                "settings": {"server_url": OIDC_ISSUER},
            }
        ]
        if OIDC_ISSUER
        else [],
    }
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True
FORMAT_MODULE_PATH = "config.formats"

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT") or VAR_DIR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "config.storage.ForgivingManifestStorage"
    },
}

# The keys that sign the head of the record: the first is the present one; of earlier ones the public halves
SIGNERS = keys("SIGNING_KEY", Signer.read)
FORMER_KEYS = keys("FORMER_SIGNING_KEYS", Verifier.read)

# Where the heads of the record are kept, outside the database, so that an end that was cut off shows
HEADS_FILE = os.environ.get("HEADS_FILE", "")

# Browsers take a cookie of this prefix from this very host alone, over HTTPS
COOKIE_PREFIX = "" if PLAIN_HTTP else "__Host-"
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
KNOWN_BROWSER_COOKIE = "known-browser" if PLAIN_HTTP else "__Secure-known-browser"  # for /admin/ alone
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not PLAIN_HTTP
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "categories.models.session"  # 30 minutes idle, 12 hours at most
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # no cookie of its own
SECURE_SSL_REDIRECT = not PLAIN_HTTP
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)/?$"]
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = flag("HSTS_SUBDOMAINS") and not PLAIN_HTTP  # both bind every name below the host
SECURE_HSTS_PRELOAD = flag("HSTS_PRELOAD") and not PLAIN_HTTP
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
BEHIND_PROXY = flag("BEHIND_PROXY")
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
TRUSTED_PROXIES = number("TRUSTED_PROXIES", 1 if BEHIND_PROXY else 0)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "base-uri": [NONE],
        "connect-src": [SELF],
        "font-src": [SELF],
        # Browsers hold what a form leads on to against this too
        "form-action": [SELF, *(["/".join(OIDC_ISSUER.split("/")[:3])] if OIDC_ISSUER else [])],
        "frame-ancestors": [NONE],
        "img-src": [SELF],
        "manifest-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
    }
}

EMAIL_BACKEND = email_backend()
EMAIL_HOST = os.environ.get("EMAIL_HOST") or "localhost"
EMAIL_PORT = number("EMAIL_PORT", 25)
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL") or "guidance@localhost"

# What the pages say of the service itself. Nothing is invented: what is not set reads "not given".
SITE_NAME = os.environ.get("SITE_NAME") or "Technical qualification guidance"
CONTACT_EMAIL = os.environ.get("CONTACT_EMAIL", "")
SECURITY_CONTACT = os.environ.get("SECURITY_CONTACT", "")

BACKUP_DIR = os.environ.get("BACKUP_DIR", "")  # whose age is a metric

LOGGING = logs.settings(log_format())

DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]  # nobody uploads: never to a disk
# Whether subdomains and browsers' own lists are bound is the operator's to say
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
