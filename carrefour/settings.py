"""Settings, from the environment alone (see .env.example and docs/exploitation.md)."""

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from kombu import Queue

from carrefour import embedded
from carrefour.environment import Environment
from carrefour.schedule import CELERY_BEAT_SCHEDULE as CELERY_BEAT_SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent
read = Environment(BASE_DIR)
env = read.env
MODE = read.mode
PRODUCTION = read.production
EMBEDDED = embedded.urls_for(BASE_DIR)

# --- identity ---------------------------------------------------------------------------------
SECRET_KEY = read.secret_key()
# Former keys, while sessions and signed links of theirs are still about.
SECRET_KEY_FALLBACKS = read.read("SECRET_KEY_FALLBACKS", env.list, [])
# Digests of what must not come back (right to object) are made with this key: never lose it.
SUPPRESSION_KEY = read.read("CARREFOUR_SUPPRESSION_KEY", env.str, "")
# The credentials of sources are sealed with the first key, opened with any.
SECRETS_KEYS = read.required(
    "CARREFOUR_SECRETS_KEY", env.list, [], "50 caractères aléatoires, autres que SECRET_KEY"
)
DEBUG = read.read("DEBUG", env.bool, False, "false")
BASE_URL = read.required(
    "CARREFOUR_BASE_URL", env.str, "http://127.0.0.1:8000", "https://carrefour.example.fr"
).rstrip("/")
ALLOWED_HOSTS = read.required(
    "ALLOWED_HOSTS", env.list, ["*"] if MODE != "production" else [], "carrefour.example.fr"
)
# Shown in the legal notice.
PUBLISHER = read.read("CARREFOUR_PUBLISHER", env.str, "")
HOSTING = read.read("CARREFOUR_HOSTING", env.str, "")
CONTACT_EMAIL = read.read("CARREFOUR_CONTACT_EMAIL", env.str, "contact@carrefour.invalid")

# --- applications -----------------------------------------------------------------------------
INSTALLED_APPS = [
    "carrefour.accounts",
    "territories",
    "innovations",
    "partners",
    "essaimage",
    "carrefour.site",
    "carrefour.api",
    *(["carrefour.demo"] if MODE in {"demo", "test"} else []),
    "dsfr",
    "widget_tweaks",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "pgtrigger",
    "pghistory",
    "axes",
    "csp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.http.ConditionalGetMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "carrefour.accounts.middleware.SecondFactorMiddleware",
    "pghistory.middleware.HistoryMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "carrefour.urls"
WSGI_APPLICATION = "carrefour.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

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
                "carrefour.site.context.site",
            ],
            "builtins": [
                "django.templatetags.static",
                "carrefour.design_tags",
                "carrefour.french",
            ],
            "libraries": {"dsfr_tags": "carrefour.design_tags"},
        },
    }
]

# --- servers ----------------------------------------------------------------------------------
DATABASES = {
    "default": {
        **read.required(
            "DATABASE_URL",
            env.db_url,
            env.db_url_config(EMBEDDED.database_url),
            "postgres://carrefour:motdepasse@base:5432/carrefour",
        ),
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 0,
        "ATOMIC_REQUESTS": False,
    }
}
DATABASES["default"].setdefault("OPTIONS", {})
if MODE == "test":
    DATABASES["default"]["TEST"] = {"NAME": read.read("CARREFOUR_TEST_DATABASE", env.str)}
else:
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 12, "timeout": 10}
REDIS_URL = read.required("REDIS_URL", env.str, EMBEDDED.redis_url, "redis://redis:6379/0")
CELERY_BROKER_URL = read.read(
    "CELERY_BROKER_URL",
    env.str,
    embedded.broker_url_for(REDIS_URL),
    "redis://redis:6379/1",
)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A message is given again when nobody acknowledged it for longer than any task may last.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 6 * 3600}
CELERY_TIMEZONE = "Europe/Paris"
# One queue per concern; a worker started without -Q reads them all.
CELERY_TASK_QUEUES = [
    Queue(name, routing_key=name)
    for name in ("defaut", "courriels", "images", "liens", "moissonnage", "rapprochement")
]
CELERY_TASK_DEFAULT_QUEUE = "defaut"
CELERY_TASK_ROUTES = {
    "partners.harvest": {"queue": "moissonnage"},
    "partners.compare_records": {"queue": "rapprochement"},
    "partners.undo_linkage_rule": {"queue": "rapprochement"},
    "partners.tell_*": {"queue": "courriels"},
    "*.mail_*": {"queue": "courriels"},
    "innovations.check_links": {"queue": "liens"},
    "*picture*": {"queue": "images"},
    "*image*": {"queue": "images"},
}
# Seconds: without a sign of life a run has lost its program; queued too long, it is sent again;
# beyond its time a harvest stops where it is, to be resumed.
HARVEST_STUCK_SECONDS = read.read("CARREFOUR_HARVEST_STUCK_SECONDS", env.float, 75.0)
HARVEST_RESEND_SECONDS = read.read("CARREFOUR_HARVEST_RESEND_SECONDS", env.float, 900.0)
HARVEST_SECONDS = read.read("CARREFOUR_HARVEST_SECONDS", env.float, 7200.0)
# Days (thirteen months) after which journals, dropped files and refused rows go; 0: never.
KEEP_JOURNALS_DAYS = read.read("CARREFOUR_KEEP_JOURNALS_DAYS", read.count, 396)
KEEP_DEPOSITS_DAYS = read.read("CARREFOUR_KEEP_DEPOSITS_DAYS", read.count, 396)
KEEP_SEARCHES_DAYS = read.read("CARREFOUR_KEEP_SEARCHES_DAYS", read.count, 396)
KEEP_REFUSALS_DAYS = read.read("CARREFOUR_KEEP_REFUSALS_DAYS", read.count, 396)
# The version of the public data: entity tags of pages rest on it (carrefour/caching.py).
DATA_VERSION = "innovations.data_version.current"
# What an import held, addresses among it; it can be undone until then.
KEEP_IMPORTS_DAYS = read.read("CARREFOUR_KEEP_IMPORTS_DAYS", read.count, 90)
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}
}

MAILBOX = BASE_DIR / ".carrefour" / "courriels"
vars().update(
    read.required(
        "EMAIL_URL",
        env.email_url,
        {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": str(MAILBOX),
        },
        "smtp+tls://utilisateur:motdepasse@smtp:587",
    )
)
DEFAULT_FROM_EMAIL = read.read("CARREFOUR_FROM_EMAIL", env.str, CONTACT_EMAIL)
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- accounts ---------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "backoffice:home"
LOGOUT_REDIRECT_URL = "site:home"
# The team's accounts enter with a password and a code; elsewhere it is each one's choice.
SECOND_FACTOR = read.read(
    "CARREFOUR_SECOND_FACTOR", env.str, "required" if PRODUCTION else "optional", "required"
)
if SECOND_FACTOR not in {"required", "optional"}:
    read.stop("CARREFOUR_SECOND_FACTOR", "« required » ou « optional » est attendu", "required")
OTP_TOTP_ISSUER = "Carrefour des innovations sociales"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
AXES_USERNAME_CALLABLE = "carrefour.accounts.lockout.account"
AXES_CLIENT_IP_CALLABLE = "carrefour.clients.client_address"
AXES_VERBOSE = False
PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if MODE == "test"
    else ["django.contrib.auth.hashers.ScryptPasswordHasher"]
)

# --- forms ------------------------------------------------------------------------------------
DSFR_MARK_OPTIONAL_FIELDS = True
# django-dsfr trusts the text of its alerts unless told not to.
DSFR_CONTENT_IS_SAFE = False

# --- security ---------------------------------------------------------------------------------
HTTPS = urlsplit(BASE_URL).scheme == "https"
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = f"carrefour_session_{urlsplit(BASE_URL).port or 'web'}"
CSRF_COOKIE_NAME = f"carrefour_csrf_{urlsplit(BASE_URL).port or 'web'}"
CSRF_TRUSTED_ORIGINS = [BASE_URL]
CSRF_FAILURE_VIEW = "carrefour.site.errors.csrf_failure"
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
X_FRAME_OPTIONS = "DENY"

TILE_SERVER = read.read(
    "CARREFOUR_TILE_URL", env.str, "", "https://tuiles.example.fr/{z}/{x}/{y}.png"
)
TILE_ATTRIBUTION = read.read("CARREFOUR_TILE_ATTRIBUTION", env.str, "")
TILE_ORIGINS = [f"{urlsplit(TILE_SERVER).scheme}://{urlsplit(TILE_SERVER).netloc}"] * bool(
    TILE_SERVER
)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "worker-src": [SELF],
        "style-src": [SELF],
        "font-src": [SELF],
        "img-src": [SELF, "data:", *TILE_ORIGINS],
        "connect-src": [SELF, *TILE_ORIGINS],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# Reading a page writes no history: asking who reads would make every answer vary by cookie.
PGHISTORY_MIDDLEWARE_METHODS = ("POST", "PUT", "PATCH", "DELETE")

# --- harvest ----------------------------------------------------------------------------------
HARVEST_ALLOW_HOSTS = read.read("CARREFOUR_HARVEST_ALLOW_HOSTS", env.list, [], "127.0.0.1")
# Seconds between two requests to one site, all workers together; robots.txt may ask for more.
HARVEST_DELAY = read.read("CARREFOUR_HARVEST_DELAY", env.float, 0.5, "0.5")
# Requests to one site at the same moment, all workers together.
HARVEST_PARALLEL = read.read("CARREFOUR_HARVEST_PARALLEL", env.int, 1, "1")
HARVEST_USER_AGENT = f"CarrefourInnovationsSociales/0.1 (+{BASE_URL}/moissonnage/)"

# --- API --------------------------------------------------------------------------------------
# Lists that several kinds of objects call by the same name.
SPECTACULAR_SETTINGS = {
    "ENUM_NAME_OVERRIDES": {
        "LicenceCode": "innovations.licences.Licence",
        "ObstacleState": "essaimage.models.ObstacleState",
        "ExperimentState": "essaimage.models.ExperimentState",
        "ReplicationState": "essaimage.models.ReplicationState",
        "ReplicationOrigin": "essaimage.models.Origin",
    }
}
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "carrefour.pagination.ApiPagination",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.AnonRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"anon": "600/min"},
    "EXCEPTION_HANDLER": "carrefour.api.errors.handler",
    "DEFAULT_VERSIONING_CLASS": None,
    # How many proxies stand in front and may be believed about the visitor's address.
    "NUM_PROXIES": read.read("CARREFOUR_PROXIES", env.int, 0, "1"),
}

# --- language, files, logs --------------------------------------------------------------------
LANGUAGE_CODE = "fr"
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_MAX_AGE = 86_400 if PRODUCTION else 60
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "carrefour.masking.MaskingFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "httpx": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
    },
}
# auth.W004: the e-mail address is unique by a constraint on its lower case.
# templates.W003: « dsfr_tags » is ours on purpose (see carrefour/design_tags.py).
SILENCED_SYSTEM_CHECKS = ["axes.W003", "auth.W004", "templates.W003"]
