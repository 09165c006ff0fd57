"""The three windows of a sitting, read as their printed ends are meant."""

from __future__ import annotations

from jinbang.accreditation.domain.zone import printed_window
from jinbang.core.timing import Window
from jinbang.exams.models import Sitting


def registration_window(sitting: Sitting) -> Window:
    """When schools may register and withdraw."""
    return printed_window(sitting.registration_opens, sitting.registration_closes)


def arrangement_window(sitting: Sitting) -> Window:
    """When seats are drawn and frozen."""
    return printed_window(sitting.arrangement_opens, sitting.arrangement_closes)


def tickets_window(sitting: Sitting) -> Window:
    """When admission tickets are printed."""
    return printed_window(sitting.tickets_open, sitting.tickets_close)
