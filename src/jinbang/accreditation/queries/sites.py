"""Reading sites: capacity and what is in place."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Count, Q, QuerySet

from jinbang.accreditation.models import Agreement, Room, Seat, Site


def rooms_with_counts(site: Site) -> QuerySet[Room]:
    """Rooms with ``usable_seats`` (spares included) and ``capacity`` (seats for candidates)."""
    return site.rooms.annotate(
        usable_seats=Count("seats", filter=Q(seats__usable=True)),
        capacity=Count("seats", filter=Q(seats__usable=True, seats__spare=False)),
    )


def capacity(site: Site) -> int:
    """Seats that candidates can be given: usable, not spare, not in a room kept for one candidate alone."""
    return Seat.objects.filter(room__site=site, room__separate=False, usable=True, spare=False).count()


def agreements_in_force(site: Site) -> Mapping[str, Agreement]:
    """The filed agreements by kind."""
    return {agreement.kind: agreement for agreement in site.agreements.filter(state="filed").order_by("pk")}
