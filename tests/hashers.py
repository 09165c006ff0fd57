"""The product's password hash with parameters that cost a test nothing."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class LightArgon2(Argon2PasswordHasher):
    """Argon2 over 8 kB, once: a tenth of a millisecond instead of sixty."""

    time_cost, memory_cost, parallelism = 1, 8, 1
