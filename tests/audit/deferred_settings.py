"""Settings of the unlocked race: transactions that take no write lock at their beginning."""

from jinbang.config.settings import *  # noqa: F403
from jinbang.config.settings import DATABASES

DATABASES["default"]["OPTIONS"]["transaction_mode"] = "DEFERRED"
