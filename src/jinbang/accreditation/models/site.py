"""Exam sites with their rooms, seats, cameras and agreements."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from jinbang.audit.fields import StateField


class Site(models.Model):
    """A place where exams may be held, run by a school."""

    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.PROTECT, related_name="sites")
    code = models.CharField(max_length=8, unique=True)
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=200)
    contact_name = models.CharField(max_length=60)
    contact_phone = models.CharField(max_length=20)
    router_model = models.CharField(max_length=80, blank=True)
    whitelist_confirmed = models.BooleanField(default=False)
    machine_config = models.CharField(max_length=16, default="minimum")
    statement = models.TextField(blank=True)
    created_at = models.DateTimeField()
    state = StateField("site")

    class Meta:
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name


class Room(models.Model):
    """An exam room. Desks closer than a metre are used every other one (``usable`` of its seats says which).

    ``accessible``: reached without steps; ``separate``: kept for one candidate alone who needs that, never drawn.
    """

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="rooms")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60)
    building = models.CharField(max_length=60, blank=True)
    rows = models.PositiveSmallIntegerField()
    columns = models.PositiveSmallIntegerField()
    spacing_cm = models.PositiveSmallIntegerField()
    spare_percent = models.PositiveSmallIntegerField(default=5)
    address_range = models.CharField(max_length=64, blank=True)
    accessible = models.BooleanField(default=False)
    separate = models.BooleanField(default=False)

    class Meta:
        ordering = ["site", "number"]
        constraints = [models.UniqueConstraint(fields=["site", "number"], name="room_number_once_a_site")]

    def __str__(self) -> str:
        return f"{self.site.name} {self.name}"


class Seat(models.Model):
    """A seat: its number on the desk, its place in the grid (from 1, row 1 in front), whether it may be used."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="seats")
    number = models.PositiveSmallIntegerField()
    row = models.PositiveSmallIntegerField()
    column = models.PositiveSmallIntegerField()
    usable = models.BooleanField(default=True)
    spare = models.BooleanField(default=False)
    accessible = models.BooleanField(default=False)
    fixed_ip = models.GenericIPAddressField(null=True, blank=True)

    class Meta:
        ordering = ["room", "number"]
        constraints = [
            models.UniqueConstraint(fields=["room", "number"], name="seat_number_once_a_room"),
            models.UniqueConstraint(fields=["room", "row", "column"], name="seat_place_once_a_room"),
        ]

    def __str__(self) -> str:
        return f"{self.room} {self.number}"


class Camera(models.Model):
    """A camera: two a room, front and back; recordings kept three years or more."""

    class Position(models.TextChoices):
        FRONT = "front", _("前")
        BACK = "back", _("后")

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="cameras")
    position = models.CharField(max_length=8, choices=Position.choices)
    model = models.CharField(max_length=80)
    shows_time = models.BooleanField(default=False)
    keeps_years = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "position"], name="camera_once_a_position")]


class Agreement(models.Model):
    """A signed agreement between a site and the awarding organisation; the scan is filed."""

    class Kind(models.TextChoices):
        SITE = "site", _("考核站点协议")
        EXAM_AFFAIRS = "exam_affairs", _("考务协议")

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="agreements")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    number = models.CharField(max_length=40, unique=True)
    signed_on = models.DateField()
    valid_until = models.DateField()
    scan = models.ForeignKey("documents.StoredFile", on_delete=models.PROTECT)
    state = StateField("agreement")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"
