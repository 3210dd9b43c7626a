"""Django's settings, all derived from `earnest.config`. Nothing here is meant to be edited per installation."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit

from earnest import config
from earnest.database import django_database
from earnest.secret import kept_secret

EARNEST = config.load(os.environ)
EARNEST.data.mkdir(parents=True, exist_ok=True)
SOURCE = Path(__file__).resolve().parent

SECRET_KEY = EARNEST.secret_key or kept_secret(EARNEST.data / "keys")
DEBUG = EARNEST.debug
ALLOWED_HOSTS = list(EARNEST.allowed_hosts)
BASE_URL = urlsplit(EARNEST.base_url)
IS_HTTPS = BASE_URL.scheme == "https"

INSTALLED_APPS = [
    "earnest",  # first: its commands win over Django's of the same name
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "earnest.book",
    "earnest.post",
    "earnest.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "earnest.web.security.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "earnest.web.language.Language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "earnest.urls"
WSGI_APPLICATION = "earnest.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "DIRS": [SOURCE / "web" / "console" / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "earnest.web.context.book",
            ],
        },
    },
]

DATABASES = {"default": django_database(EARNEST.database_url)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGES = [
    (code, name) for code, name in (("en", "English"), ("fr", "Français")) if code in EARNEST.languages
]
LANGUAGE_CODE = EARNEST.languages[0]
LOCALE_PATHS = [SOURCE / place / "locale" for place in ("web", "web/console", "post")]
LANGUAGE_COOKIE_NAME = "earnest_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"

STATIC_URL = "/static/"
STATIC_ROOT = EARNEST.data / "static"
MEDIA_ROOT = EARNEST.data / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

# The session is the operators'; customers hold links and their own cookie.
SESSION_COOKIE_NAME = "earnest_console"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = IS_HTTPS
CSRF_COOKIE_NAME = "earnest_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = [f"{BASE_URL.scheme}://{BASE_URL.netloc}"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if IS_HTTPS else None
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Nobody needs to send more than a scanned letter; larger bodies are refused before they are read.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

DEFAULT_FROM_EMAIL = SERVER_EMAIL = EARNEST.mail_from
MAIL = urlsplit(EARNEST.email_url)
if MAIL.scheme in ("smtp", "smtps"):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = MAIL.hostname or "localhost"
    EMAIL_PORT = MAIL.port or (465 if MAIL.scheme == "smtps" else 587)
    EMAIL_HOST_USER = unquote(MAIL.username or "")
    EMAIL_HOST_PASSWORD = unquote(MAIL.password or "")
    EMAIL_USE_SSL = MAIL.scheme == "smtps"
    EMAIL_USE_TLS = MAIL.scheme == "smtp" and EMAIL_HOST not in ("localhost", "127.0.0.1", "::1")
    EMAIL_TIMEOUT = 20
elif MAIL.scheme == "file":
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = unquote(MAIL.path)
else:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "earnest.logs.Line"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": EARNEST.log_level},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": EARNEST.log_level, "propagate": False},
        "stripe": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
    },
}
