"""Django settings: one dict of defaults, each overridden by an environment variable of the same name.

Run ``jinbang doctor`` to see what an installation actually uses.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pysqlite3.dbapi2

from jinbang.config.secrets import load_or_create_secret

DEFAULTS: dict[str, str] = {
    "JINBANG_DATA": "var",  # where the embedded database, files and keys live
    "JINBANG_DATABASE": "",  # empty: SQLite in JINBANG_DATA; else postgresql://user:pass@host:port/name
    "JINBANG_DEBUG": "0",
    "JINBANG_HOSTS": "*",  # comma-separated host names that may be asked for
    "JINBANG_PUBLIC_URL": "http://127.0.0.1:8000",  # printed on documents and in QR codes
    "JINBANG_EMAIL_URL": "",  # empty: e-mail is written to JINBANG_DATA/mail; else smtp://host:port
    "JINBANG_EMAIL_FROM": "jinbang@example.invalid",
    "JINBANG_TASKS": "database",  # database | immediate
    "JINBANG_SECOND_FACTOR": "1",  # staff roles must set up a one-time-code device
}


def setting(name: str) -> str:
    """The value in force: the environment's, else the default."""
    return os.environ.get(name, DEFAULTS[name])


# Python's own sqlite3 may carry the WAL-reset corruption bug fixed in SQLite 3.51.3.
sys.modules["sqlite3"] = pysqlite3
sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2

PACKAGE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(setting("JINBANG_DATA")).resolve()
DATA_DIR.mkdir(parents=True, exist_ok=True)
FILES_DIR = DATA_DIR / "files"

DEBUG = setting("JINBANG_DEBUG") == "1"
SECRET_KEY = load_or_create_secret(DATA_DIR / "keys" / "django.key").hex()
PERSONAL_DATA_KEY = load_or_create_secret(DATA_DIR / "keys" / "personal-data.key")
SIGNING_KEY_FILE = DATA_DIR / "keys" / "credential-ed25519.key"
ALLOWED_HOSTS = setting("JINBANG_HOSTS").split(",")
PUBLIC_URL = setting("JINBANG_PUBLIC_URL").rstrip("/")
SECOND_FACTOR_REQUIRED = setting("JINBANG_SECOND_FACTOR") == "1"
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL.startswith("https://") else []

JINBANG_APPS = [
    "jinbang.audit",
    "jinbang.accounts",
    "jinbang.documents",
    "jinbang.accreditation",
    "jinbang.content",
    "jinbang.exams",
    "jinbang.delivery",
    "jinbang.grading",
    "jinbang.certificates",
    "jinbang.learning",
    "jinbang.web",
]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "ninja",
    "django_tasks",
    "django_tasks_db",
    *JINBANG_APPS,
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "jinbang.web.shell.static_files.CompressedStaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "jinbang.web.shell.middleware.PersonMiddleware",
]

ROOT_URLCONF = "jinbang.config.urls"
ASGI_APPLICATION = "jinbang.config.asgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "jinbang.web.shell.context.shell",
            ],
        },
    }
]


def database_from(url: str) -> dict[str, Any]:
    """Django's entry for ``url``; an empty one means SQLite in the data directory."""
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(DATA_DIR / "jinbang.sqlite3"),
            "OPTIONS": {
                "timeout": 30,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=30000;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise RuntimeError(f"JINBANG_DATABASE: {parts.scheme!r} is not supported; use postgresql://… or leave it empty")
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if "=" in pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": database_from(setting("JINBANG_DATABASE"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TASKS = {
    "default": {
        "BACKEND": {
            "database": "django_tasks_db.DatabaseBackend",
            "immediate": "django_tasks.backends.immediate.ImmediateBackend",
        }[setting("JINBANG_TASKS")],
    }
}

AUTH_USER_MODEL = "accounts.Person"
LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE_DIR / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_I18N = USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
BOOTSTRAP_DIR = Path(next(iter(importlib.util.find_spec("bootstrap").submodule_search_locations)))
STATICFILES_DIRS = [
    ("vendor/bootstrap", BOOTSTRAP_DIR / "css"),
    ("vendor/bootstrap-js", BOOTSTRAP_DIR / "js"),
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

DATA_UPLOAD_MAX_MEMORY_SIZE = 32 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000

EMAIL_FILE_PATH = str(DATA_DIR / "mail")
DEFAULT_FROM_EMAIL = setting("JINBANG_EMAIL_FROM")
if setting("JINBANG_EMAIL_URL"):
    _mail = urlsplit(setting("JINBANG_EMAIL_URL"))
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT = _mail.hostname or "localhost", _mail.port or 25
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = unquote(_mail.username or ""), unquote(_mail.password or "")
    EMAIL_USE_TLS = _mail.scheme == "smtp+tls"
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
