"""Every setting, typed from the environment; the defaults are those of production."""

import hashlib
import re
from datetime import datetime, timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from zoneinfo import ZoneInfo

from csp.constants import NONE, SELF
from django.conf import global_settings
from django.core.exceptions import ImproperlyConfigured
from django.http.request import host_validation_re, split_domain_port
from django.urls import reverse

from config.database import database
from config.environment import BASE_DIR, env, number, place, switch, words
from config.uploads import uploads

CENTURY = 36_500  # days: what is longer leads out of the calendar

VAR_DIR = place("VAR_DIR", BASE_DIR / "var")

# --- What a deployment must say ---------------------------------------------------------------

SECRET_KEY = env.str("SECRET_KEY", "")
DEBUG = switch("DEBUG", False)
ALLOWED_HOSTS = words("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS")
# Compared with what a browser sends, which ends with the host: with one slash more no form would ever be taken.
if not all(re.fullmatch(r"https?://[^/?#]+", origin) for origin in CSRF_TRUSTED_ORIGINS):
    raise ImproperlyConfigured(
        "CSRF_TRUSTED_ORIGINS 应为 https://域名，末尾不带斜线和路径，用逗号隔开"
        "（CSRF_TRUSTED_ORIGINS must be origins with commas）。"
    )
HTTPS = switch("HTTPS", True)  # off only for plain http on the loopback address
PROXY_COUNT = number("PROXY_COUNT", 0)  # reverse proxies in front, each appending to X-Forwarded-For

if not SECRET_KEY:
    raise ImproperlyConfigured("未设置 SECRET_KEY（SECRET_KEY is not set）。")
# Relax checks only for loopback without HTTPS.
if HTTPS or not ALLOWED_HOSTS or not set(ALLOWED_HOSTS) <= {"127.0.0.1", "localhost", "[::1]", "testserver"}:
    if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 5 or SECRET_KEY.startswith("django-insecure-"):
        raise ImproperlyConfigured("SECRET_KEY 太弱，至少50个随机字符（SECRET_KEY is weak: 50 random characters）。")
    if DEBUG:
        raise ImproperlyConfigured("正式环境不得打开 DEBUG（DEBUG must be off in production）。")
    if not ALLOWED_HOSTS or any(host.startswith(("*", ".")) or not host.strip(".0") for host in ALLOWED_HOSTS):
        raise ImproperlyConfigured("ALLOWED_HOSTS 应逐个写明域名或地址（ALLOWED_HOSTS must name each host）。")
    # Compared with the host of a request without its port; of such a one nothing would ever be answered.
    if not all(
        host_validation_re.fullmatch(host.lower()) and not split_domain_port(host)[1] and not host.endswith(".")
        for host in ALLOWED_HOSTS
    ):
        raise ImproperlyConfigured(
            "ALLOWED_HOSTS 只写域名或地址，不带 https:// 和端口，用逗号隔开"
            "（ALLOWED_HOSTS must be bare names with commas）。"
        )
    if not HTTPS:
        raise ImproperlyConfigured("只有本机地址可以不用 HTTPS（HTTPS may be off on the loopback address alone）。")

# Seconds for which the database may say nothing; 0: for ever, as a command may need. config.wsgi sets it for visitors.
DATABASE_PATIENCE = number("DATABASE_PATIENCE", 0)
DATABASES = {"default": database(VAR_DIR, DATABASE_PATIENCE)}

# --- What the customer may choose --------------------------------------------------------------

INITIAL_PASSWORD = env.str("INITIAL_PASSWORD", "123456")  # "random": one-time secrets, shown once
if not INITIAL_PASSWORD:
    raise ImproperlyConfigured("INITIAL_PASSWORD 不得为空（INITIAL_PASSWORD must not be empty）。")
if INITIAL_PASSWORD != "random" and INITIAL_PASSWORD.strip().lower() == "random":  # else all would start with that word
    raise ImproperlyConfigured("INITIAL_PASSWORD 应为小写的 random，不带空格（INITIAL_PASSWORD must be random）。")
INITIAL_PASSWORD_DAYS = number("INITIAL_PASSWORD_DAYS", 7, 1, most=CENTURY)
PASSWORD_MIN_KINDS = number("PASSWORD_MIN_KINDS", 3, 1, 4)  # of upper case, lower case, digits, symbols
PASSWORD_MAX_AGE_DAYS = number("PASSWORD_MAX_AGE_DAYS", 180, most=CENTURY)  # 0: passwords do not expire
# Accounts that were not in use for so long; 0: never.
LEAVERS_ANONYMISED_AFTER_DAYS = number("LEAVERS_ANONYMISED_AFTER_DAYS", 0, most=CENTURY)
SESSION_ABSOLUTE_HOURS = number("SESSION_ABSOLUTE_HOURS", 12, 1, CENTURY)
DISPLAY_SESSION_HOURS = number("DISPLAY_SESSION_HOURS", 30 * 24, 1, CENTURY)  # of the account of a wall
# Networks, with commas, from which alone the pages of administration answer; none: from everywhere.
try:
    ADMIN_ADDRESSES: list[IPv4Network | IPv6Network] = [ip_network(network) for network in words("ADMIN_ADDRESSES")]
except ValueError as error:
    raise ImproperlyConfigured(
        f"ADMIN_ADDRESSES 应为网段，例如 10.1.0.0/16（ADMIN_ADDRESSES must be networks with commas: {error}）。"
    ) from error
# "required": whoever reviews at the office or administers needs a code beside the password; "off": nobody does.
SECOND_FACTOR = env.str("SECOND_FACTOR", "off")
if SECOND_FACTOR not in ("off", "required"):
    raise ImproperlyConfigured("SECOND_FACTOR 应为 off 或 required（SECOND_FACTOR must be off or required）。")
INTRANET_MAILBOX = env.str("INTRANET_MAILBOX", "市委党政内网邮箱 ggb@swggb")  # where classified evidence goes
if not INTRANET_MAILBOX.strip():
    raise ImproperlyConfigured("INTRANET_MAILBOX 不得为空（INTRANET_MAILBOX must not be empty）。")
ATTACHMENT_MAX_MB = number("ATTACHMENT_MAX_MB", 50, 1)
ATTACHMENT_MAX_COUNT = number("ATTACHMENT_MAX_COUNT", 20, 1)
DEPARTMENT_QUOTA_MB = number("DEPARTMENT_QUOTA_MB", 0)  # of all files of a department; 0: no limit
CLAMD = env.str("CLAMD", "")  # unix:/path or host:port of a virus scanner; empty: none
_port = re.fullmatch(r"unix:/.+|[^/\s]+:(\d{1,5})", CLAMD, re.ASCII)
if CLAMD and not (_port and int(_port[1] or 0) < 2**16):
    raise ImproperlyConfigured("CLAMD 应为 unix:/路径 或 主机:端口（CLAMD must be unix:/path or host:port）。")
REVIEW_WORKING_DAYS = number("REVIEW_WORKING_DAYS", 2, most=250)  # for each record and level; then it is 逾期未审
PREVIEW_WATERMARK = switch("PREVIEW_WATERMARK", False)  # the name of who looks, and when, over files seen in place
# A proxy waits a minute for the first byte; without scripts that byte comes when the last row is written.
LEDGER_EXPORT_MAX_ROWS = number("LEDGER_EXPORT_MAX_ROWS", 100_000, 1)

# 国密: passwords by PBKDF2-HMAC-SM3, digests of files and the audit log by SM3. What was made before stays readable.
NATIONAL_ALGORITHMS = switch("NATIONAL_ALGORITHMS", False)

# Seals telephone numbers by SM4-GCM; after setting, changing or taking it away: manage.py seal_phones.
PHONE_KEY = env.str("PHONE_KEY", "")
FORMER_PHONE_KEY = env.str("FORMER_PHONE_KEY", "")  # of seal_phones alone

# The audit log. The key must never change: what it sealed could not be verified any more.
AUDIT_KEY = env.str("AUDIT_KEY", "")  # empty: derived from SECRET_KEY
AUDIT_ALGORITHM = env.str("AUDIT_ALGORITHM", "hmac-sm3" if NATIONAL_ALGORITHMS else "hmac-sha256")
if AUDIT_ALGORITHM not in ("hmac-sha256", "hmac-sm3"):
    raise ImproperlyConfigured("AUDIT_ALGORITHM 应为 hmac-sha256 或 hmac-sm3（AUDIT_ALGORITHM is unknown）。")
AUDIT_ANCHORS = place("AUDIT_ANCHORS", VAR_DIR / "audit-anchors.log")  # best on another machine's disk

# --- The application ---------------------------------------------------------------------------

INSTALLED_APPS = [
    "accounts",
    "workflow",
    "reform",
    "fixtures",
    "accounts.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "config.staticfiles.StaticFilesConfig",
    "django.forms",
    "accounts.apps.AxesConfig",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_filters",
    "django_fsm",
    "guardian",
    "import_export",
    "lucide",
]

MIDDLEWARE = [
    "config.probes.ProbesMiddleware",
    "config.deadline.DeadlineMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "accounts.middleware.FilesPermissionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.BodySizeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.AuditMiddleware",
    "accounts.middleware.CharsetMiddleware",
    "accounts.middleware.SessionLimitsMiddleware",
    "accounts.middleware.LoginAndPasswordMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "accounts.middleware.MethodNotAllowedPageMiddleware",
    "accounts.middleware.BusyPageMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "config.widgets.Renderer"

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
                "reform.navigation.navigation",
                "workflow.context.band",
            ],
            "builtins": [
                "django.templatetags.static",
                "config.icons",
                "config.widgets",
                "workflow.templatetags.workflow",
            ],
        },
    },
]

DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# The rooms below link to a project without knowing its address.
ABSOLUTE_URL_OVERRIDES = {"workflow.dossier": lambda dossier: reverse("reform:dossier", args=[dossier.pk])}
LANGUAGE_CODE = "zh-hans"
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# For training: where the clock of the domain starts with the process, for example 2026-11-30T09:00.
CLOCK = None
if start := env.str("CLOCK", ""):
    try:
        CLOCK = datetime.fromisoformat(start)
    except ValueError as error:
        raise ImproperlyConfigured(
            "CLOCK 应为日期和时间，例如 2026-11-30T09:00（CLOCK is no date and time）。"
        ) from error
    CLOCK = CLOCK if CLOCK.tzinfo else CLOCK.replace(tzinfo=ZoneInfo(TIME_ZONE))

# --- Files -------------------------------------------------------------------------------------

STATIC_URL = "/static/"
# In files, so that all workers of a machine share what one of them, or `remind`, has worked out for the day. Each
# machine may have its own: what is kept carries the last of what is in it. Two versions run side by side during an
# update, and what one keeps is nothing to the other.
_versions = hashlib.sha256()
for _file in sorted([*(BASE_DIR / "reform").rglob("*.py"), *(BASE_DIR / "templates").rglob("*.html")]):
    _versions.update(_file.read_bytes())
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": VAR_DIR / "cache",
        "KEY_PREFIX": _versions.hexdigest()[:16],
    }
}

STATIC_ROOT = place("STATIC_ROOT", VAR_DIR / "static")
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("bootstrap", BASE_DIR / "node_modules" / "bootstrap" / "dist"),
    ("sortablejs", BASE_DIR / "node_modules" / "sortablejs" / "modular"),
    ("echarts", BASE_DIR / "node_modules" / "echarts" / "dist"),
]
FILE_UPLOAD_HANDLERS = ["workflow.uploads.LostNames", *global_settings.FILE_UPLOAD_HANDLERS]
FILE_UPLOAD_TEMP_DIR = VAR_DIR / "spool"  # beside the uploads: on their disk, and read by nobody else
try:
    FILE_UPLOAD_TEMP_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(f"VAR_DIR 不能使用：无法建立 {FILE_UPLOAD_TEMP_DIR}（{error}）。") from error
MEDIA_ROOT = VAR_DIR / "uploads"  # outside anything served: downloads go through a view
STORAGES = {
    "default": uploads(),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
REQUEST_SECONDS = 50  # of work for one request; a proxy waits 60 (deploy/nginx.conf)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 6000  # a map of 20 indicators and 60 measures is one form
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
# Of a whole request, files included; refused before a byte of it is read. As in deploy/nginx.conf.
BODY_MAX = (4 * ATTACHMENT_MAX_MB + 10) * 1024 * 1024
BODY_MAX_OF_STRANGERS = 1024 * 1024

# --- Accounts and sessions ---------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = LOGIN_URL
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "accounts.backends.RoleBackend",
    "guardian.backends.ObjectPermissionBackend",
]
PASSWORD_HASHERS = [  # the first for what is set or entered from now on, the others to check what was stored
    *(["accounts.hashers.PBKDF2SM3PasswordHasher"] if NATIONAL_ALGORITHMS else []),
    "accounts.hashers.FrugalArgon2Hasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    *([] if NATIONAL_ALGORITHMS else ["accounts.hashers.PBKDF2SM3PasswordHasher"]),
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "accounts.validators.LengthValidator"},
    {"NAME": "accounts.validators.KindsValidator", "OPTIONS": {"minimum": PASSWORD_MIN_KINDS}},
    {"NAME": "accounts.validators.NotInitialValidator"},
    {"NAME": "accounts.validators.NoPhoneValidator"},
    {"NAME": "accounts.validators.NotReusedValidator"},
    {"NAME": "accounts.validators.NotGuessableValidator"},
]

ANONYMOUS_USER_NAME = None  # guardian would create a row that can never be a person
GUARDIAN_RAISE_403 = False

SESSION_ENGINE = "accounts.sessions"
SESSION_COOKIE_AGE = 30 * 60  # an idle limit: accounts.sessions prolongs it with use
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "accounts.views.session.csrf_failure"  # the cookie itself outlives the session, by a year
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # a one-time secret is no cookie's business

# What each role may do in the admin. It follows from the role itself, not from rows that could drift from it.
ROLE_PERMISSIONS = {
    "system_admin": {
        "accounts.view_department",
        "accounts.add_department",
        "accounts.change_department",
        "accounts.view_user",
        "accounts.add_user",
        "accounts.change_user",
    },
    "security_admin": {
        "accounts.view_department",
        "accounts.change_department",  # entrusting of duties only: see DepartmentAdmin
        "accounts.view_user",
        "accounts.change_user",  # role and authorisation only: see accounts.administration
        "accounts.authorise_user",
    },
    "office_reviewer": {
        "accounts.view_department",
        "accounts.change_department",  # entrusting of duties only: see DepartmentAdmin
        "reform.view_project",
        "reform.add_project",
        "reform.change_project",
        "reform.delete_project",
        "reform.view_domain",
        "reform.add_domain",
        "reform.change_domain",
        "reform.delete_domain",
        "reform.view_taskforce",
        "reform.add_taskforce",
        "reform.change_taskforce",
        "reform.delete_taskforce",
        "workflow.view_reasoncategory",
        "workflow.add_reasoncategory",
        "workflow.change_reasoncategory",
        "reform.view_calendarday",
        "reform.add_calendarday",
        "reform.change_calendarday",
        "reform.delete_calendarday",
    },
    "auditor": {
        "accounts.view_auditentry",
        "admin.view_logentry",
        "workflow.view_event",
        "reform.view_ledgerexport",
        "axes.view_accesslog",
        "axes.view_accessfailurelog",
    },
}

OTP_TOTP_ISSUER = "改革项目"  # short: the picture of the key holds it twice
OTP_TOTP_THROTTLE_FACTOR = OTP_STATIC_THROTTLE_FACTOR = 0  # wrong codes count as wrong passwords do

AXES_HANDLER = "accounts.locks.LockHandler"  # adds a cap per account, whatever the address
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # never the address alone: a VPN shares one
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # else anybody could keep somebody out for ever
AXES_RESET_ON_SUCCESS = True
AXES_USERNAME_FORM_FIELD = "username"
AXES_USERNAME_CALLABLE = "accounts.locks.sealed_name"
AXES_SENSITIVE_PARAMETERS = ["username", "kept"]
AXES_CLIENT_IP_CALLABLE = "accounts.addresses.client_address"
AXES_CLIENT_STR_CALLABLE = "accounts.locks.describe"
AXES_ENABLE_ACCESS_FAILURE_LOG = True
AXES_ACCESS_FAILURE_LOG_PER_USER_LIMIT = 10**9  # the log is an audit log: it is never trimmed
AXES_ENABLE_ADMIN = False  # ours only reads
AXES_VERBOSE = False

# --- Headers -----------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "frame-src": [SELF],  # files seen in place, in sandboxes
        "form-action": [SELF],
        "base-uri": [NONE],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if HTTPS:
    SECURE_SSL_REDIRECT = True
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    if PROXY_COUNT:
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# The host may be a bare address of the extranet; we speak for it alone, not for siblings or preload lists.
# The login form itself says that an account is locked, without the middleware of axes.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021", "axes.W002"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"pypdf": {"level": "ERROR"}},  # it tells of every odd file that somebody uploads
}
