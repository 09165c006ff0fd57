"""Exam time: sealed papers, attempts, answer steps, uploads, time ledger, room sessions."""

from jinbang.delivery.models.attempt import AnswerStep, Attempt, AttemptEvent, Upload
from jinbang.delivery.models.paper import PaperSet, SealedPaper
from jinbang.delivery.models.room import DrillRun, Incident, Pause, RescueFile, RoomSession, TimeEntry

__all__ = [
    "AnswerStep",
    "Attempt",
    "AttemptEvent",
    "DrillRun",
    "Incident",
    "PaperSet",
    "Pause",
    "RescueFile",
    "RoomSession",
    "SealedPaper",
    "TimeEntry",
    "Upload",
]
