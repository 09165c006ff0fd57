"""The product's settings for the suite: a temporary data directory, tasks run at once, no second factor.

pytest-django reads the settings before any conftest is loaded, so the environment is set here.
"""

import atexit
import os
import shutil
import tempfile

_data = tempfile.mkdtemp(prefix="jinbang-test-")
atexit.register(shutil.rmtree, _data, ignore_errors=True)
os.environ["JINBANG_DATA"] = _data
os.environ.setdefault("JINBANG_TASKS", "immediate")
os.environ.setdefault("JINBANG_SECOND_FACTOR", "0")
os.environ.pop("JINBANG_TEST_CLOCK", None)

from jinbang.config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["tests.hashers.LightArgon2"]
