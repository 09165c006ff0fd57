"""Plans and sittings; candidates, registrations, fees; arrangements and invigilation."""

from jinbang.exams.models.arrangement import Arrangement, InvigilatorAssignment, SeatAssignment
from jinbang.exams.models.ledger import FeePrice, LedgerAccount, LedgerPosting, LedgerTransaction
from jinbang.exams.models.plan import ExamPlan, RuleSet, Sitting, SittingSubject
from jinbang.exams.models.registration import Candidate, CandidateImport, Registration
from jinbang.exams.models.special import SpecialArrangement

__all__ = [
    "Arrangement",
    "Candidate",
    "CandidateImport",
    "ExamPlan",
    "FeePrice",
    "InvigilatorAssignment",
    "LedgerAccount",
    "LedgerPosting",
    "LedgerTransaction",
    "Registration",
    "RuleSet",
    "SeatAssignment",
    "Sitting",
    "SittingSubject",
    "SpecialArrangement",
]
