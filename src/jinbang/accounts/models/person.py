"""Someone who can sign in to the office side, and the means by which they do."""

from __future__ import annotations

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models


class PersonManager(BaseUserManager["Person"]):
    """Looks people up by user name, ignoring case."""

    def get_by_natural_key(self, username: str | None) -> Person:
        return self.get(username__iexact=username or "")


class Person(AbstractBaseUser):
    """A person with an account. What they may do comes from role grants alone, never from this row."""

    username = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=100)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=8, default="zh-hans")
    theme = models.CharField(max_length=8, default="auto")
    home_organisation = models.ForeignKey("accounts.Organisation", null=True, blank=True, on_delete=models.PROTECT)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: list[str] = []
    objects = PersonManager()

    def __str__(self) -> str:
        return self.name


class TotpDevice(models.Model):
    """A one-time-code device. ``secret`` is encrypted; ``last_step`` stops a code from being used twice."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="totp")
    secret = models.BinaryField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)
    recovery_hashes = models.JSONField(default=list)


class SignInFailure(models.Model):
    """A failed sign-in, kept to throttle guessing by account and by address."""

    username = models.CharField(max_length=64, db_index=True)
    address = models.CharField(max_length=45, db_index=True)
    at = models.DateTimeField(db_index=True)


class ImpersonationSession(models.Model):
    """A stretch of time in which one person acted in another's name, with the written reason."""

    actor = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="impersonations")
    target = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="impersonated")
    reason = models.TextField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
