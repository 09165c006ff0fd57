"""Databases that run beside one submission: MariaDB, Redis and MongoDB (or its emulator, named as such).

    with stand([Want("mariadb", database="hotel", seed=sql)]) as services:
        with Box(companions=services.companions, mounts=services.mounts, …) as box:
            box.run(…)
            state = services.dump("mariadb")

Each server starts from a template that already holds the task's seed, lives in the box's network only, and is read
afterwards from outside the program's reach with an account the program does not know.
"""

from jinbang.judge.services.model import (
    Availability,
    Kind,
    SeedError,
    ServiceError,
    StateError,
    UnavailableError,
    Want,
)
from jinbang.judge.services.stand import Stand, availability, stand

__all__ = [
    "Availability",
    "Kind",
    "SeedError",
    "ServiceError",
    "Stand",
    "StateError",
    "UnavailableError",
    "Want",
    "availability",
    "stand",
]
