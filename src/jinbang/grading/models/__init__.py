"""Judge jobs and verdicts, marking, results, regrades, appeals, misconduct."""

from jinbang.grading.models.judging import JudgeJob, JudgeVerdict, JudgeWorker
from jinbang.grading.models.marking import Marking, MarkingTask
from jinbang.grading.models.result import Appeal, MisconductCase, RegradeProposal, Result
from jinbang.grading.models.similarity import SimilarityCheck, SimilarPair

__all__ = [
    "Appeal",
    "JudgeJob",
    "JudgeVerdict",
    "JudgeWorker",
    "Marking",
    "MarkingTask",
    "MisconductCase",
    "RegradeProposal",
    "Result",
    "SimilarPair",
    "SimilarityCheck",
]
