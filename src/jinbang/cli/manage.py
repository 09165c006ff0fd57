"""``jinbang manage``: Django's commands with this installation's settings."""

from __future__ import annotations

import os
from collections.abc import Sequence


def main(argv: Sequence[str]) -> int:
    """Run a Django management command; its own errors end the process as Django does."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jinbang.config.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(["jinbang manage", *argv])
    return 0
