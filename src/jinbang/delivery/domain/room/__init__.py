"""What people do in a room during a sitting, one function an action.

A change of an attempt is told to the exam engine by the ``AttemptEvent`` that each verb writes: engine processes follow
that table twice a second. Room sessions, pauses and the time ledger they read anew at the same pace.
"""

from jinbang.delivery.domain.room.attendance import (
    check_identity,
    correct_absence,
    mark_absent,
    mark_all_absent,
    uncheck_identity,
)
from jinbang.delivery.domain.room.closing import close_room, force_hand_in, reopen_room, unsettled, waive
from jinbang.delivery.domain.room.extra_time import (
    authorise,
    correct_time,
    decline_time,
    give_time,
    give_time_to_all,
)
from jinbang.delivery.domain.room.incidents import record_incident
from jinbang.delivery.domain.room.moves import move_seat, release_machine
from jinbang.delivery.domain.room.pauses import pause, resume
from jinbang.delivery.domain.room.sessions import broadcast, open_room, set_start

__all__ = [
    "authorise",
    "broadcast",
    "check_identity",
    "close_room",
    "correct_absence",
    "correct_time",
    "decline_time",
    "force_hand_in",
    "give_time",
    "give_time_to_all",
    "mark_absent",
    "mark_all_absent",
    "move_seat",
    "open_room",
    "pause",
    "record_incident",
    "release_machine",
    "reopen_room",
    "resume",
    "set_start",
    "uncheck_identity",
    "unsettled",
    "waive",
]
