"""The settings of the test-suite: nothing from the surroundings, a fresh data folder, one known secret.

EARNEST_TEST_DSN names the PostgreSQL to run on; without it the run is on SQLite.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

FOLDER = Path(tempfile.mkdtemp(prefix="earnest-test-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)

for name in [
    name for name in os.environ if name.startswith("EARNEST_") and not name.startswith("EARNEST_TEST_")
]:
    del os.environ[name]
os.environ |= {
    "EARNEST_DATA": str(FOLDER),
    "EARNEST_SECRET_KEY": "a secret for tests, long enough and known to all",
    "EARNEST_ORIGIN": "tests.example",
    "EARNEST_DATABASE_URL": os.environ.get("EARNEST_TEST_DSN") or f"sqlite:///{FOLDER / 'earnest.sqlite3'}",
    "EARNEST_LOG_LEVEL": "WARNING",
}

from earnest.settings import *  # noqa: E402, F403
from earnest.settings import DATABASES, STORAGES  # noqa: E402

# A file, as in use: an SQLite database in memory locks in another way.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(FOLDER / "test.sqlite3")}
else:
    DATABASES["default"]["CONN_MAX_AGE"] = 0

# Hashed names need `collectstatic`; the tests read the files where they lie.
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a slow one is for real passwords
