"""Databases that run beside one submission: MariaDB, Redis and MongoDB (or its emulator, named as such).

    with stand([Want("mariadb", database="hotel", seed=sql)]) as services:
        with Box(companions=services.companions, …) as box:
            box.run(…)
            state = services.dump("mariadb")

Each server starts from a template that already holds the task's seed and answers on 127.0.0.1 of the box's network.
The judge reads it over a unix socket that the program cannot see, with an account the program does not know.
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
from jinbang.judge.services.stand import Stand, availability, stand, warm_up

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
    "warm_up",
]
