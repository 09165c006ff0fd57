"""Teacher training, mock practice, resources, announcements, support."""

from jinbang.learning.models.announcements import Announcement, AnnouncementReading
from jinbang.learning.models.practice import PracticeRun, TeacherLink
from jinbang.learning.models.resources import Resource, ResourceDownload
from jinbang.learning.models.support import SupportRegion, SupportRequest
from jinbang.learning.models.training import (
    Attendance,
    Enrolment,
    TrainingProgramme,
    TrainingSession,
    TrainingTerm,
)

__all__ = [
    "Announcement",
    "AnnouncementReading",
    "Attendance",
    "Enrolment",
    "PracticeRun",
    "Resource",
    "ResourceDownload",
    "SupportRegion",
    "SupportRequest",
    "TeacherLink",
    "TrainingProgramme",
    "TrainingSession",
    "TrainingTerm",
]
