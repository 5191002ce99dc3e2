"""The product's settings, except for what would make tests slow or let them touch the product's data."""

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="tests-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
os.makedirs(os.path.join(_folder, "static"))  # noqa: PTH103,PTH118

os.environ["VAR_DIR"] = _folder
os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")
os.environ["SECRET_KEY"] = "only-for-tests"
os.environ["HTTPS"] = "off"
os.environ["ALLOWED_HOSTS"] = "testserver,localhost,127.0.0.1"

from config.settings import *  # noqa: E402, F403
from config.settings import DATABASES, INSTALLED_APPS, PASSWORD_HASHERS, STORAGES  # noqa: E402

# The product's own hasher takes a tenth of a second by design; tests about hashing name it.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *PASSWORD_HASHERS]
# The live server of pytest-django has static files only where it finds this name.
INSTALLED_APPS = [
    name.replace("config.staticfiles.StaticFilesConfig", "django.contrib.staticfiles") for name in INSTALLED_APPS
]
# What one story leaves behind is no truth for the next.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
# Names without digests need no collectstatic.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# On a busy machine a slow statement is no failure, and no slow request.
REQUEST_SECONDS = 600
if DATABASES["default"]["ENGINE"].endswith("postgresql"):
    DATABASES["default"]["OPTIONS"]["options"] = "-c lock_timeout=60000"
